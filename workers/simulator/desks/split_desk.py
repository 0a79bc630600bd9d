"""Splits of stocks, with their positions, options and prices."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from workers.simulator.book.accounts import Accounts
from workers.simulator.book.splits import Ratio, split_contracts, split_option, split_shares
from workers.simulator.errors import ControlError
from workers.simulator.instruments.contract import Contract
from workers.simulator.instruments.universe import Universe
from workers.simulator.market.market import Market


class Splits:
    """Split a stock at once."""

    def __init__(self, universe: Universe, market: Market, accounts: Accounts) -> None:
        self._universe = universe
        self._market = market
        self._accounts = accounts
        self._done = 0
        #: Told of a symbol before its contracts become others: orders in them cannot stay.
        self.before: Callable[[str, str, float], None] | None = None

    def split(self, symbol: str, ratio: Ratio, now: float) -> None:
        """Split a stock; raises ControlError, and then nothing has changed."""
        stock = self._universe.spot(symbol)
        if stock is None or stock.sec_type != "STK":
            raise ControlError(f"there is no stock {symbol}")
        adjusted = self._adjusted(symbol, ratio)
        if self.before is not None:
            self.before(symbol, "Corporate action", now)
        self._done += 1
        for before, _ in adjusted:
            self._market.end(before, now)
        self._universe.scale_price(symbol, float(1 / ratio.factor))
        self._market.forget(self._universe.of_symbol(symbol))
        for before, after in adjusted:
            self._universe.remove(before)
            self._universe.add(after)
        for account in self._accounts.names:
            self._split_stock(account, stock, ratio, now)
            for before, after in adjusted:
                self._split_option(account, before, after, ratio, now)

    def _adjusted(self, symbol: str, ratio: Ratio) -> list[tuple[Contract, Contract]]:
        """Pair each option on a stock with the one that takes its place."""
        options = [c for c in self._universe.of_symbol(symbol) if c.right]
        number = self._done + 1
        ids = self._universe.ids
        return [
            (c, split_option(c, ratio, ids.of(f"split {number} of {c.con_id}"))) for c in options
        ]

    def _split_stock(self, account: str, stock: Contract, ratio: Ratio, now: float) -> None:
        held = self._accounts.position(account, stock.con_id)
        if held is None:
            return
        whole, part = split_shares(held.quantity, ratio)
        self._accounts.pay(account, part * self._market.spot_price(stock, now))
        cost = held.avg_cost / float(ratio.factor)
        self._accounts.set_position(account, stock, whole, now, cost)

    def _split_option(
        self, account: str, before: Contract, after: Contract, ratio: Ratio, now: float
    ) -> None:
        held = self._accounts.position(account, before.con_id)
        if held is None:
            return
        quantity = split_contracts(held.quantity, ratio)
        cost = float(Decimal(held.avg_cost) * held.quantity / quantity)
        self._accounts.set_position(account, before, Decimal(0), now)
        self._accounts.set_position(account, after, quantity, now, cost)
