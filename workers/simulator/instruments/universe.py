"""Every contract that exists, by id and by symbol."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from workers.simulator.instruments.con_ids import ConIds
from workers.simulator.instruments.contract import (
    SMART,
    Contract,
    future_local_symbol,
    option_local_symbol,
)
from workers.simulator.instruments.underlying import Underlying

#: Shares an option contract delivers.
OPTION_MULTIPLIER = 100


class Universe:
    """Hold contracts and underlyings; contracts are made here, so that their ids are unique."""

    def __init__(self, underlyings: Iterable[Underlying] = ()) -> None:
        self.ids = ConIds()
        self._underlyings: dict[str, Underlying] = {}
        self._contracts: dict[int, Contract] = {}
        self._by_symbol: dict[str, dict[int, Contract]] = {}
        self._spot: dict[str, Contract] = {}
        self._named: dict[str, int] = {}
        #: Ids of contracts that expire, by expiry, in the order in which they were listed.
        self._expiring: dict[str, dict[int, None]] = {}
        for underlying in underlyings:
            self.add_underlying(underlying)

    def underlying(self, symbol: str) -> Underlying | None:
        """Return the underlying of a symbol."""
        return self._underlyings.get(symbol)

    def spot(self, symbol: str) -> Contract | None:
        """Return the stock or index of a symbol."""
        return self._spot.get(symbol)

    def get(self, con_id: int) -> Contract | None:
        """Return the contract of an id."""
        return self._contracts.get(con_id)

    def of_symbol(self, symbol: str) -> tuple[Contract, ...]:
        """Return all contracts on a symbol."""
        return tuple(self._by_symbol.get(symbol, {}).values())

    def symbols(self) -> tuple[str, ...]:
        """Return all symbols."""
        return tuple(self._by_symbol)

    @property
    def expiries(self) -> Iterable[str]:
        """Return the expiries of all contracts, YYYYMMDD."""
        return self._expiring.keys()

    def of_expiry(self, expiry: str) -> tuple[Contract, ...]:
        """Return all contracts that expire on a day."""
        return tuple(self._contracts[con_id] for con_id in self._expiring.get(expiry, ()))

    def remove(self, contract: Contract) -> None:
        """Let a contract exist no more; its id is not given to another one."""
        del self._contracts[contract.con_id]
        del self._by_symbol[contract.symbol][contract.con_id]
        if contract.expiry:
            left = self._expiring[contract.expiry]
            del left[contract.con_id]
            if not left:
                del self._expiring[contract.expiry]

    def scale_price(self, symbol: str, factor: float) -> None:
        """Let a price be a multiple of what it was, at all times, as adjusted charts show it."""
        before = self._underlyings[symbol]
        self._underlyings[symbol] = replace(
            before, price=before.price * factor, strike_step=before.strike_step * factor
        )

    def add(self, contract: Contract) -> Contract:
        """Add a contract; one with the same id stays as it is."""
        known = self._contracts.get(contract.con_id)
        if known is not None:
            return known
        self._contracts[contract.con_id] = contract
        self._by_symbol.setdefault(contract.symbol, {})[contract.con_id] = contract
        if contract.expiry:
            self._expiring.setdefault(contract.expiry, {})[contract.con_id] = None
        if contract.sec_type in ("STK", "IND"):
            self._spot.setdefault(contract.symbol, contract)
        return contract

    def replace(self, contract: Contract) -> Contract:
        """Describe a known contract anew."""
        before = self._contracts[contract.con_id]
        if before == contract:
            return before
        self._contracts[contract.con_id] = contract
        self._by_symbol[contract.symbol][contract.con_id] = contract
        if self._spot.get(contract.symbol) == before:
            self._spot[contract.symbol] = contract
        return contract

    def add_underlying(self, underlying: Underlying) -> None:
        """Add an underlying, and its stock or index as a contract; a known symbol stays."""
        if underlying.symbol in self._underlyings:
            return
        self._underlyings[underlying.symbol] = underlying
        if underlying.sec_type == "FUT":
            return
        name = f"{underlying.sec_type} {underlying.symbol}"
        con_id = underlying.con_id
        if not con_id or not self.ids.take(con_id, name):
            con_id = self.ids.of(name)
        self.add(
            Contract(
                con_id=con_id,
                symbol=underlying.symbol,
                sec_type=underlying.sec_type,
                local_symbol=underlying.symbol,
                trading_class="NMS" if underlying.primary_exchange == "NASDAQ"
                else underlying.symbol,
                exchange=underlying.exchange,
                primary_exchange=underlying.primary_exchange,
                min_tick=underlying.min_tick,
                long_name=underlying.name,
            )
        )  # fmt: skip

    def option(
        self,
        symbol: str,
        expiry: str,
        strike: float,
        right: Literal["C", "P"],
        *,
        con_id: int = 0,
        multiplier: int = OPTION_MULTIPLIER,
        trading_class: str = "",
    ) -> Contract:
        """Return the option; it is listed if it was not."""
        underlying = self._underlyings[symbol]
        option_class = trading_class or underlying.option_class or symbol
        local_symbol = option_local_symbol(option_class, expiry, right, strike)
        con_id = self._id_of(f"OPT {symbol} {local_symbol} {multiplier}", con_id)
        spot = self._spot.get(symbol)
        return self._contracts.get(con_id) or self.add(
            Contract(
                con_id=con_id,
                symbol=symbol,
                sec_type="OPT",
                local_symbol=local_symbol,
                trading_class=option_class,
                exchange=SMART,
                expiry=expiry,
                strike=float(strike),
                right=right,
                multiplier=multiplier,
                min_tick=underlying.option_tick,
                under_con_id=spot.con_id if spot else 0,
                long_name=underlying.name,
            )
        )

    def future(self, symbol: str, expiry: str, *, con_id: int = 0) -> Contract:
        """Return the future; it is listed if it was not."""
        underlying = self._underlyings[symbol]
        local_symbol = future_local_symbol(symbol, expiry)
        con_id = self._id_of(f"FUT {local_symbol} {expiry}", con_id)
        return self._contracts.get(con_id) or self.add(
            Contract(
                con_id=con_id,
                symbol=symbol,
                sec_type="FUT",
                local_symbol=local_symbol,
                trading_class=symbol,
                exchange=underlying.exchange,
                expiry=expiry,
                multiplier=underlying.multiplier,
                min_tick=underlying.min_tick,
                long_name=underlying.name,
            )
        )

    def _id_of(self, name: str, con_id: int) -> int:
        """Return the id that is asked for, or the one a name has."""
        if con_id:
            self.ids.take(con_id, name)
        return self._named.setdefault(name, con_id or self.ids.of(name))
