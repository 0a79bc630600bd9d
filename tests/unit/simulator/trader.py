"""A trader who uses IB's own client in memory, and what it trades."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ibapi.contract import ComboLeg
from ibapi.contract import Contract as OfficialContract
from ibapi.order import Order
from ibapi.order_cancel import OrderCancel

from tests.support.official_client import OfficialClient, official
from tests.unit.simulator.in_memory import TUESDAY, InMemoryTws
from tws_simulator.instruments.contract import Contract

#: The bell of that day, and its close.
BELL, CLOSE = TUESDAY - 1800, TUESDAY + 6 * 3600


class Trader:
    """Place orders through IB's client, and read what it gets on them."""

    def __init__(self, tws: InMemoryTws, client_id: int = 1) -> None:
        self.tws = tws
        self.client = OfficialClient(tws, client_id)
        self.heard = self.client.recorder

    def place(self, order_id: int, what: OfficialContract, how: Order) -> None:
        """Place an order and let it get to the exchange."""
        self.client.requests.placeOrder(order_id, what, how)
        self.client.listen(0.05)

    def cancel(self, order_id: int) -> None:
        """Cancel an order and let that get to the exchange."""
        self.client.requests.cancelOrder(order_id, OrderCancel())
        self.client.listen(0.05)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.client.listen(seconds)

    def statuses(self, order_id: int) -> list[str]:
        """Return the states an order went through, as sent, without repetitions."""
        reported = [args[1] for args in self.heard.of("orderStatus") if args[0] == order_id]
        return [s for n, s in enumerate(reported) if not n or reported[n - 1] != s]

    def filled(self, order_id: int) -> Decimal:
        """Return the filled quantity that was sent last."""
        reported = [args for args in self.heard.of("orderStatus") if args[0] == order_id]
        return Decimal(reported[-1][2])

    def errors(self) -> list[tuple[int, int]]:
        """Give the id and code of errors that are no notices."""
        reported = ((args[0], args[2]) for args in self.heard.of("error"))
        return [(req_id, code) for req_id, code in reported if not 2100 <= code < 2200]


def stock(tws: InMemoryTws, symbol: str = "SPY") -> tuple[Contract, OfficialContract]:
    """Give a stock, ours and theirs."""
    ours = tws.spot(symbol)
    return ours, official(ours.con_id, symbol=symbol, secType="STK", exchange="SMART")


def bag(symbol: str, legs: Sequence[tuple[Contract, int, str]]) -> OfficialContract:
    """Describe a combination of theirs: contract, ratio and side of each leg."""
    made = official(symbol=symbol, secType="BAG", exchange="SMART", currency="USD")
    made.comboLegs = []
    for contract, ratio, action in legs:
        leg = ComboLeg()
        leg.conId, leg.ratio, leg.action, leg.exchange = contract.con_id, ratio, action, "SMART"
        made.comboLegs.append(leg)
    return made


def held(tws: InMemoryTws, contract: Contract) -> Decimal:
    """Return what the first account holds."""
    position = tws.world.accounts.position(tws.world.accounts.names[0], contract.con_id)
    return position.quantity if position else Decimal(0)
