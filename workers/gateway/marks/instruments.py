"""The facts of each holding that marks need: its underlying, strike, end and tick.

Rules:
* The underlying is the one that details name. Until they do, options of one symbol and currency
  (options on futures: of one expiry too) count as of one underlying without a name of its own,
  whose price their computations carry.
* Warrants and structured products are priced like shares: their computations follow other rules.
* The end of an option's last session is that of its own hours where these are known by now.
* What has not changed is not made again: of 10,000 contracts a second brings details of 20. The
  ends of sessions are worked out again each `ENDS_AGAIN`, as hours change them, and when the
  machine's clock was set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import msgspec

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.position import Position
from slotwise.rules.expiry import ends_at, last_day_of
from slotwise.rules.marks.instrument import OTHER_VOLATILITY, STOCK_VOLATILITY, Instrument
from slotwise.rules.trading_hours import TradingHours

#: Kinds whose price follows an underlying by the greeks of their computations.
OPTIONS = frozenset(("OPT", "FOP"))
#: Hours name the sessions of this many days at most; beyond them nothing is looked up.
HOURS_REACH = timedelta(days=10)
#: The end of a session is another one when it moves by more than this, seconds: the machine's clock
#: and the steady one drift by less between two looks.
SAME_END_S = 1.0
#: The ends of sessions are worked out again after this: hours come to be known, clocks drift.
ENDS_AGAIN = timedelta(seconds=60)


class Known(msgspec.Struct, frozen=True):
    """What an instrument was made of, to make it again only when that changed."""

    contract: Contract
    details: ContractDetails | None
    instrument: Instrument

    def is_of(self, contract: Contract, details: ContractDetails | None) -> bool:
        """Return True where it was made of these."""
        return self.details is details and (self.contract is contract or self.contract == contract)


class Instruments:
    """Make instruments of what is held, and keep those that have not changed."""

    def __init__(
        self,
        details_of: Callable[[int], ContractDetails | None],
        hours_of: Callable[[Contract, datetime], TradingHours | None],
    ) -> None:
        self._details_of = details_of
        self._hours_of = hours_of
        self._known: dict[int, Known] = {}
        self._unnamed: dict[tuple[str, ...], int] = {}
        #: When sessions end, by what trades alike, and when that was worked out.
        self._ends: dict[tuple[str, ...], datetime | None] = {}
        self._ends_at: datetime | None = None
        self._ahead_s = 0.0

    def of(self, positions: Iterable[Position], now: datetime, ahead_s: float) -> list[Instrument]:
        """Return the instrument of each contract that is held.

        `ahead_s` is how far the machine's clock is ahead of the clock of marks, seconds.
        """
        before, self._known = self._known, {}
        again = (
            self._ends_at is None
            or abs(now - self._ends_at) >= ENDS_AGAIN
            or abs(ahead_s - self._ahead_s) > SAME_END_S
        )
        if again:
            self._ends, self._ends_at, self._ahead_s = {}, now, ahead_s
        for position in positions:
            contract = position.contract
            con_id = contract.con_id
            if con_id in self._known or not position.quantity:
                continue
            known, details = before.get(con_id), self._details_of(con_id)
            if known is None or again or not known.is_of(contract, details):
                known = self._of(contract, details, known, now, ahead_s)
            self._known[con_id] = known
        return [known.instrument for known in self._known.values()]

    def underlyings(self) -> set[int]:
        """Return the contracts that held options follow, as far as details name them."""
        found = {known.instrument.underlying for known in self._known.values()}
        return {con_id for con_id in found if con_id is not None and con_id > 0}

    def _of(
        self,
        contract: Contract,
        details: ContractDetails | None,
        before: Known | None,
        now: datetime,
        ahead_s: float,
    ) -> Known:
        is_option = contract.sec_type in OPTIONS and bool(contract.strike and contract.right)
        ends_at_s = None
        if before is not None and before.details is not details:
            # Its hours may have come with them.
            self._ends.pop(_alike(contract), None)
        if is_option and (end := self._end(contract, now)) is not None:
            ends_at_s = end.timestamp() - ahead_s
        if (
            before is not None
            and before.is_of(contract, details)
            and _is_near(before.instrument.expires_at_s, ends_at_s)
        ):
            return before
        tick = float(details.min_tick) if details is not None and details.min_tick else None
        if is_option:
            made = Instrument(
                con_id=contract.con_id,
                underlying=self._underlying(contract, details),
                strike=float(contract.strike or 0),
                call=contract.right.startswith("C"),
                expires_at_s=ends_at_s,
                tick=tick,
            )
        else:
            stock = contract.sec_type == "STK"
            volatility = STOCK_VOLATILITY if stock else OTHER_VOLATILITY
            made = Instrument(con_id=contract.con_id, tick=tick, volatility=volatility)
        return Known(contract, details, made)

    def _end(self, contract: Contract, now: datetime) -> datetime | None:
        key = _alike(contract)
        if key not in self._ends:
            last_day = last_day_of(contract)
            near = last_day is not None and last_day - now.date() <= HOURS_REACH
            self._ends[key] = ends_at(contract, self._hours_of(contract, now) if near else None)
        return self._ends[key]

    def _underlying(self, contract: Contract, details: ContractDetails | None) -> int:
        """Return the underlying's contract id, a negative number where it has no name yet."""
        if details is not None and details.under_con_id:
            return details.under_con_id
        expiry = contract.expiry if contract.sec_type == "FOP" else ""
        key = (contract.sec_type, contract.symbol, contract.currency, expiry)
        return self._unnamed.setdefault(key, -1 - len(self._unnamed))


def _alike(contract: Contract) -> tuple[str, ...]:
    """Return the key that contracts with the same last session share."""
    return (
        contract.sec_type,
        contract.symbol,
        contract.trading_class,
        contract.exchange,
        contract.expiry,
    )


def _is_near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME_END_S
