"""Trades: what fills do to accounts, and the executions of the day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.fills import Fill, Outcome, after
from tws_simulator.book.order import Action, Execution
from tws_simulator.book.position import UNSET
from tws_simulator.instruments.contract import Contract
from tws_simulator.market.market import NEW_YORK

#: Ids of orders and executions begin here, so that they look like IB's.
FIRST_PERM_ID = 1_500_000_001
FIRST_EXEC_ID = 0x65000001


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Hold what trades: so much, not signed, at a price; `filled_before` is of the same order."""

    order_id: int
    client_id: int
    perm_id: int
    account: str
    contract: Contract
    action: Action
    quantity: Decimal
    price: Decimal
    exchange: str
    commission: Decimal
    filled_before: Decimal
    #: Price times quantity of what the order filled before.
    paid_before: Decimal
    order_ref: str
    is_combo: bool = False


class Trades:
    """Book trades; all times are unix seconds."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._executions: list[Execution] = []
        self._perm_ids = FIRST_PERM_ID
        self._exec_ids = FIRST_EXEC_ID

    def new_perm_id(self) -> int:
        """Return an id that no order had before."""
        self._perm_ids += 1
        return self._perm_ids - 1

    def executions(self, now: float) -> Iterator[Execution]:
        """Return the executions since midnight in New York, the oldest first."""
        day = _day(now)
        self._executions = [e for e in self._executions if _day(e.at) == day]
        yield from self._executions

    def book(self, trade: Trade, now: float) -> Execution:
        """Move money for a trade and note its execution; `settle` moves the position."""
        realized = None
        if not trade.is_combo:
            self._accounts.pay(trade.account, _fill(trade).cash, trade.contract.currency)
            realized = self._outcome(trade).realized
            if realized is not None:
                self._accounts.realize(trade.account, trade.contract, realized)
        cumulative = trade.filled_before + trade.quantity
        average = (trade.paid_before + trade.price * trade.quantity) / cumulative
        execution = Execution(
            exec_id=f"0000e0d5.{self._exec_ids:08x}.01.01",
            order_id=trade.order_id,
            client_id=trade.client_id,
            perm_id=trade.perm_id,
            account=trade.account,
            contract=trade.contract,
            side="BOT" if trade.action == "BUY" else "SLD",
            quantity=trade.quantity,
            price=float(trade.price),
            at=now,
            exchange=trade.exchange,
            cumulative=cumulative,
            avg_price=float(average),
            commission=float(trade.commission),
            realized=None if realized is None else float(realized),
            order_ref=trade.order_ref,
            is_combo=trade.is_combo,
        )
        self._exec_ids += 1
        self._executions.append(execution)
        return execution

    def settle(self, trade: Trade, now: float) -> None:
        """Hold what was traded; subscribed clients are pushed the position."""
        outcome = self._outcome(trade)
        cost = UNSET if outcome.avg_cost is None else float(outcome.avg_cost)
        self._accounts.set_position(trade.account, trade.contract, outcome.quantity, now, cost)

    def _outcome(self, trade: Trade) -> Outcome:
        held = self._accounts.position(trade.account, trade.contract.con_id)
        quantity, cost = (held.quantity, held.known_cost) if held else (Decimal(0), Decimal(0))
        return after(quantity, cost, _fill(trade))


def _fill(trade: Trade) -> Fill:
    change = trade.quantity if trade.action == "BUY" else -trade.quantity
    return Fill(change, trade.price, trade.contract.money_per_point, trade.commission)


def _day(now: float) -> str:
    return f"{datetime.fromtimestamp(now, NEW_YORK):%Y%m%d}"
