"""Expiry: on the evening of its last day a contract is settled and is no more.

Nothing is planned while no client is connected: the next one is shown what happened meanwhile.
"""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from math import inf

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.fills import Fill, after
from tws_simulator.book.position import UNSET, Position
from tws_simulator.book.settlement import settle
from tws_simulator.errors import ControlError
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.market import NEW_YORK, Market
from tws_simulator.services.common.scheduler import Entry, Scheduler

#: Positions in what expired are gone from this time on, in New York. IB does it in the evening or
#: the night; when exactly is not documented.
SETTLED_AT = time(20, 0)


class Expiries:
    """Settle what has expired."""

    def __init__(
        self, universe: Universe, market: Market, accounts: Accounts, scheduler: Scheduler
    ) -> None:
        self._universe = universe
        self._market = market
        self._accounts = accounts
        self._scheduler = scheduler
        self._times: dict[str, float] = {}
        self._entry: Entry | None = None

    @property
    def next_at(self) -> float:
        """Return when something is settled next, unix seconds; infinite where nothing expires."""
        return min(map(self.settled_at, self._universe.expiries), default=inf)

    def watch(self) -> None:
        """Settle at the time itself: a client is there to see it."""
        self.ignore()
        if self.next_at != inf:
            self._entry = self._scheduler.at(self.next_at, self._due)

    def ignore(self) -> None:
        """Plan nothing: no client is there."""
        if self._entry is not None:
            self._entry.call_off()
            self._entry = None

    def catch_up(self, now: float) -> None:
        """Settle all that is due, the oldest first."""
        while self.next_at <= now:
            expiry = min(self._universe.expiries)
            for contract in self._universe.of_expiry(expiry):
                spot = self._market.settlement_price(contract)
                self._settle(contract, spot, now)

    def expire(self, contract: Contract, now: float) -> Decimal:
        """Settle a contract early, at its underlying's price; return the settlement price."""
        spot = self._market.spot_price(contract, now)
        self._settle(contract, spot, now)
        return spot

    def exercise(self, account: str, held: Position, number: Decimal, now: float) -> Decimal:
        """Deliver for a number of an account's options before their time; return the shares.

        Raises ControlError where they deliver none.
        """
        contract = held.contract
        stock = self._universe.delivered(contract)
        if stock is None:
            raise ControlError(f"contract {contract.con_id} is no option on a stock")
        sign = 1 if held.quantity > 0 else -1
        shares = sign * number * contract.multiplier * (1 if contract.right == "C" else -1)
        strike = Decimal(str(contract.strike))
        money = -shares * strike / contract.price_magnifier
        self._accounts.pay(account, money, contract.currency)
        self._accounts.set_position(account, contract, held.quantity - sign * number, now)
        self._deliver(account, stock, shares, strike, now)
        return shares

    def _due(self, now: float) -> None:
        self._entry = None
        self.catch_up(now)
        self.watch()

    def _settle(self, contract: Contract, spot: Decimal, now: float) -> None:
        # Gone first: a client that sees the change and asks learns that there is no such contract.
        self._market.end(contract, now)
        self._universe.remove(contract)
        delivered = self._universe.delivered(contract)
        for account in self._accounts.names:
            held = self._accounts.position(account, contract.con_id)
            if held is None:
                continue
            settled = settle(held, spot, physical=delivered is not None)
            self._accounts.pay(account, settled.cash, contract.currency)
            self._accounts.set_position(account, contract, Decimal(0), now)
            if settled.shares and delivered is not None:
                self._deliver(account, delivered, settled.shares, settled.price, now)

    def _deliver(
        self, account: str, stock: Contract, shares: Decimal, price: Decimal, now: float
    ) -> None:
        held = self._accounts.position(account, stock.con_id)
        quantity, cost = (held.quantity, held.known_cost) if held else (Decimal(0), Decimal(0))
        outcome = after(quantity, cost, Fill(shares, price, stock.money_per_point, Decimal(0)))
        paid = UNSET if outcome.avg_cost is None else float(outcome.avg_cost)
        self._accounts.set_position(account, stock, outcome.quantity, now, paid)

    def settled_at(self, expiry: str) -> float:
        """Return when what expires on a day is settled, unix seconds."""
        at = self._times.get(expiry)
        if at is None:
            day = datetime.strptime(expiry, "%Y%m%d")
            at = datetime.combine(day, SETTLED_AT, NEW_YORK).timestamp()
            self._times[expiry] = at
        return at
