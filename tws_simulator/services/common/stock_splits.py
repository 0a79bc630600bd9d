"""Splits of stocks, with their positions, options and prices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.splits import Ratio, split_contracts, split_option, split_shares
from tws_simulator.errors import ControlError
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.market import Market


class Splits:
    """Split a stock at once."""

    def __init__(self, universe: Universe, market: Market, accounts: Accounts) -> None:
        self._universe = universe
        self._market = market
        self._accounts = accounts
        self._done = 0
        #: Told of a symbol before its contracts become others: orders in them cannot stay.
        self.before: Callable[[str, str, float], None] | None = None

    def split(self, symbol: str, ratio: Ratio, now: float, con_id: int = 0) -> None:
        """Split a stock; raises ControlError, and then nothing has changed.

        With `con_id` the stock is another contract afterwards, with this id.
        """
        stock = self._universe.spot(symbol)
        if stock is None or stock.sec_type != "STK":
            raise ControlError(f"there is no stock {symbol}")
        if con_id and self._universe.get(con_id) is not None:
            raise ControlError(f"there is a contract {con_id} already")
        renewed = replace(stock, con_id=con_id) if con_id else stock
        adjusted = self._pair_options(stock, renewed, ratio)
        if self.before is not None:
            self.before(symbol, "Corporate action", now)
        self._done += 1
        for before, _ in adjusted:
            self._market.end(before, now)
        if renewed is not stock:
            self._market.end(stock, now)
            self._universe.remove(stock)
            self._universe.add(renewed)
        self._universe.scale_price(stock.moved_by, float(1 / ratio.factor))
        self._market.forget(self._universe.of_symbol(symbol))
        for before, after in adjusted:
            self._universe.remove(before)
            self._universe.add(after)
        for account in self._accounts.names:
            self._split_stock(account, stock, renewed, ratio, now)
            for before, after in adjusted:
                self._split_option(account, before, after, ratio, now)

    def _pair_options(
        self, stock: Contract, renewed: Contract, ratio: Ratio
    ) -> list[tuple[Contract, Contract]]:
        """Pair each option on a stock with the one that takes its place, on the renewed stock."""
        on_symbol = self._universe.of_symbol(stock.symbol)
        options = [c for c in on_symbol if c.right and self._universe.delivered(c) == stock]
        number = self._done + 1
        ids = self._universe.ids
        made = (split_option(c, ratio, ids.of(f"split {number} of {c.con_id}")) for c in options)
        after = (replace(option, under_con_id=renewed.con_id) for option in made)
        return list(zip(options, after, strict=True))

    def _split_stock(
        self, account: str, before: Contract, after: Contract, ratio: Ratio, now: float
    ) -> None:
        held = self._accounts.position(account, before.con_id)
        if held is None:
            return
        whole, part = split_shares(held.quantity, ratio)
        price = self._market.spot_price(after, now)
        self._accounts.pay(account, part * price * after.money_per_point, after.currency)
        known = held.known_cost
        cost = held.avg_cost if known is None else held.avg_cost / float(ratio.factor)
        if after is not before:
            self._accounts.set_position(account, before, Decimal(0), now)
        self._accounts.set_position(account, after, whole, now, cost)

    def _split_option(
        self, account: str, before: Contract, after: Contract, ratio: Ratio, now: float
    ) -> None:
        held = self._accounts.position(account, before.con_id)
        if held is None or not held.quantity:
            return
        quantity = split_contracts(held.quantity, ratio)
        known = held.known_cost
        cost = held.avg_cost if known is None else float(known * held.quantity / quantity)
        self._accounts.set_position(account, before, Decimal(0), now)
        self._accounts.set_position(account, after, quantity, now, cost)
