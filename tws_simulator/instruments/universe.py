"""Every contract that exists, by id and by symbol."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from tws_simulator.instruments.con_ids import ConIds
from tws_simulator.instruments.contract import (
    Contract,
    future_local_symbol,
    option_local_symbol,
)
from tws_simulator.instruments.kinds import SMART
from tws_simulator.instruments.underlying import Underlying

#: Shares an option contract delivers.
OPTION_MULTIPLIER = Decimal(100)
#: Types that are settled when they expire; debt is not: its repayment is not simulated.
SETTLED = frozenset(("OPT", "FUT", "FOP", "WAR", "IOPT"))


class Universe:
    """Hold contracts and underlyings; contracts are made here, so that their ids are unique."""

    def __init__(self, underlyings: Iterable[Underlying] = ()) -> None:
        self.ids = ConIds()
        self._underlyings: dict[str, Underlying] = {}
        self._contracts: dict[int, Contract] = {}
        self._by_symbol: dict[str, dict[int, Contract]] = {}
        #: Stocks and indices by symbol, then currency.
        self._spot: dict[str, dict[str, Contract]] = {}
        self._named: dict[str, int] = {}
        #: Contracts that are held and not defined any more.
        self._unknown: dict[int, Contract] = {}
        #: Ids of contracts that expire, by expiry, in the order in which they were listed.
        self._expiring: dict[str, dict[int, None]] = {}
        for underlying in underlyings:
            self.add_underlying(underlying)

    def underlying(self, name: str) -> Underlying | None:
        """Return the underlying of a name: a symbol, or what a contract's `walk` names."""
        return self._underlyings.get(name)

    def spot(self, symbol: str, currency: str = "") -> Contract | None:
        """Return the stock or index of a symbol; the first one where no currency is named."""
        listed = self._spot.get(symbol, {})
        return listed.get(currency) if currency else next(iter(listed.values()), None)

    def delivered(self, option: Contract) -> Contract | None:
        """Return the stock that an option delivers; None for what is settled in cash."""
        spot = self.spot(option.symbol, option.currency) if option.sec_type == "OPT" else None
        return spot if spot is not None and spot.sec_type == "STK" else None

    def get(self, con_id: int) -> Contract | None:
        """Return the contract of an id."""
        return self._contracts.get(con_id)

    def of_symbol(self, symbol: str) -> tuple[Contract, ...]:
        """Return all contracts on a symbol."""
        return tuple(self._by_symbol.get(symbol, {}).values())

    def contracts(self) -> tuple[Contract, ...]:
        """Return all contracts."""
        return tuple(self._contracts.values())

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
        """Remove a contract; its id is not used again."""
        del self._contracts[contract.con_id]
        del self._by_symbol[contract.symbol][contract.con_id]
        if contract.con_id in self._expiring.get(contract.expiry, ()):
            left = self._expiring[contract.expiry]
            del left[contract.con_id]
            if not left:
                del self._expiring[contract.expiry]
        spots = self._spot.get(contract.symbol, {})
        if spots.get(contract.currency) == contract:
            del spots[contract.currency]

    def scale_price(self, symbol: str, factor: float) -> None:
        """Multiply a contract's prices of all times, as adjusted charts show them."""
        before = self._underlyings[symbol]
        self._underlyings[symbol] = replace(
            before, price=before.price * factor, strike_step=before.strike_step * factor
        )

    def add(self, contract: Contract) -> Contract:
        """Add a contract; one with the same id is not changed."""
        known = self._contracts.get(contract.con_id)
        if known is not None:
            return known
        self._contracts[contract.con_id] = contract
        self._by_symbol.setdefault(contract.symbol, {})[contract.con_id] = contract
        if contract.expiry and contract.sec_type in SETTLED:
            self._expiring.setdefault(contract.expiry, {})[contract.con_id] = None
        if contract.sec_type in ("STK", "IND"):
            self._spot.setdefault(contract.symbol, {}).setdefault(contract.currency, contract)
        return contract

    def replace(self, contract: Contract) -> Contract:
        """Replace the description of a known contract."""
        before = self._contracts[contract.con_id]
        if before == contract:
            return before
        self._contracts[contract.con_id] = contract
        self._by_symbol[contract.symbol][contract.con_id] = contract
        spots = self._spot.get(before.symbol, {})
        if spots.get(before.currency) == before:
            del spots[before.currency]
            spots[contract.currency] = contract
        return contract

    def unknown(self, con_id: int) -> Contract | None:
        """Return a contract that is held, and that TWS has no definition of."""
        return self._unknown.get(con_id)

    def add_unknown(self, contract: Contract) -> Contract:
        """Add a contract that may be held, and that no request finds."""
        return self._unknown.setdefault(contract.con_id, contract)

    def delist(self, contract: Contract) -> None:
        """Hide a contract that may still be held from every request."""
        self.remove(contract)
        self.add_unknown(contract)

    def add_walk(self, underlying: Underlying) -> None:
        """Add what moves prices, without a contract; a known name stays."""
        self._underlyings.setdefault(underlying.symbol, underlying)

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
        multiplier: Decimal = OPTION_MULTIPLIER,
        trading_class: str = "",
    ) -> Contract:
        """Return the option; it is listed if it was not."""
        underlying = self._underlyings[symbol]
        option_class = trading_class or underlying.option_class or symbol
        local_symbol = option_local_symbol(option_class, expiry, right, strike)
        con_id = self.id_of(f"OPT {symbol} {local_symbol} {multiplier}", con_id)
        spot = self.spot(symbol)
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
        con_id = self.id_of(f"FUT {local_symbol} {expiry}", con_id)
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
                under_con_id=underlying.con_id,
                long_name=underlying.name,
            )
        )

    def id_of(self, name: str, con_id: int) -> int:
        """Return the id that is asked for, or the one a name has."""
        if con_id:
            self.ids.take(con_id, name)
        elif name in self._named:
            return self._named[name]
        found = con_id or self.ids.of(name)
        self._named.setdefault(name, found)
        return found
