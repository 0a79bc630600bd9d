"""Marks of contracts that were never quoted, and the neighbours they are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from slotwise.rules.marks.anchor import Anchor
from slotwise.rules.marks.black76 import implied_volatility
from slotwise.rules.marks.group import Group
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.neighbours import Neighbour, first_mark

_YEAR_S = 365.0 * 86400.0
#: Variance of a mark by neighbours grows with the age of what it was made from, a second: as much
#: again after ten minutes as at the start.
DOUBLES_IN_S = 600.0


class FirstMarks:
    """Neighbours by expiry and right, computed again when one of them was quoted."""

    def __init__(self) -> None:
        self._strikes: dict[tuple[int, float], dict[int, float]] = {}
        self._beside: dict[tuple[int, float, bool, bool], list[Neighbour]] = {}
        #: The volatility of each contract's last quote, which takes many steps to find.
        self._volatilities: dict[int, tuple[Anchor, float | None]] = {}

    def want(self, instruments: Mapping[int, Instrument]) -> None:
        """Look for neighbours among these contracts from now on."""
        self._strikes, self._beside = {}, {}
        kept = self._volatilities.keys() & instruments.keys()
        self._volatilities = {con_id: self._volatilities[con_id] for con_id in kept}

    def changed(self, instrument: Instrument) -> None:
        """Note that a contract was quoted."""
        if instrument.underlying is not None and instrument.expires_at_s is not None:
            key = (instrument.underlying, instrument.expires_at_s, bool(instrument.call))
            for delayed in (False, True):
                self._beside.pop((*key, delayed), None)

    def forget(self, underlying: int) -> None:
        """Forget the neighbours of an underlying: their volatilities are of another unit."""
        self._beside = {key: found for key, found in self._beside.items() if key[0] != underlying}

    def strikes(
        self, instrument: Instrument, instruments: Mapping[int, Instrument]
    ) -> dict[int, float]:
        """Return the strikes of a contract's expiry, by contract id."""
        if not self._strikes:
            for con_id, other in instruments.items():
                if other.is_option:
                    self._strikes.setdefault(_expiry_of(other), {})[con_id] = other.strike or 0.0
        return self._strikes.get(_expiry_of(instrument), {})

    def mark(
        self,
        instrument: Instrument,
        group: Group,
        instruments: Mapping[int, Instrument],
        at_s: float,
    ) -> Mark:
        """Return a contract's mark by its neighbours, unknown where none is near.

        Live quotes go before delayed ones, and each with the underlying's price by their own feed.
        """
        strike, expires_at_s = instrument.strike, instrument.expires_at_s
        if not instrument.is_option or strike is None or expires_at_s is None:
            return Mark(instrument.con_id, at_s)
        years, call = (expires_at_s - at_s) / _YEAR_S, bool(instrument.call)
        for delayed in (False, True):
            spot = group.feed(delayed=delayed).spot
            if spot is None or spot.price <= 0.0 or years <= 0.0:
                continue
            beside = self._neighbours(instrument, group, instruments, delayed)
            first = first_mark(strike, call, years, spot.price, beside)
            if first is None:
                continue
            age_s = at_s - min(first.at_s, spot.moved_at_s)
            band = group.first.factor * first.deviation * sqrt(1.0 + age_s / DOUBLES_IN_S)
            return Mark(
                instrument.con_id, at_s, first.value, band, "neighbours",
                None, first.at_s, spot.at_s, None, delayed,
            )  # fmt: skip
        return Mark(instrument.con_id, at_s)

    def _neighbours(
        self,
        instrument: Instrument,
        group: Group,
        instruments: Mapping[int, Instrument],
        delayed: bool,
    ) -> list[Neighbour]:
        key = (*_expiry_of(instrument), bool(instrument.call), delayed)
        known = self._beside.get(key)
        if known is None:
            known = self._beside[key] = self._compute(instrument, group, instruments, delayed)
        return known

    def _compute(
        self,
        instrument: Instrument,
        group: Group,
        instruments: Mapping[int, Instrument],
        delayed: bool,
    ) -> list[Neighbour]:
        found = []
        for con_id, strike in self.strikes(instrument, instruments).items():
            anchor = group.anchors.get(con_id)
            same_right = instruments[con_id].call == instrument.call
            if anchor is None or anchor.spot is None or anchor.origin == "close" or not same_right:
                continue
            if anchor.delayed != delayed:
                continue
            iv = self._volatility(anchor, anchor.spot, strike, call=bool(instrument.call))
            if iv is not None:
                found.append(Neighbour(strike, iv, anchor.half_spread, anchor.at_s))
        return sorted(found, key=lambda neighbour: neighbour.strike)

    def _volatility(
        self, anchor: Anchor, spot: float, strike: float, *, call: bool
    ) -> float | None:
        known = self._volatilities.get(anchor.con_id)
        if known is None or known[0] is not anchor:
            years = (anchor.expires_at_s - anchor.at_s) / _YEAR_S
            iv = implied_volatility(anchor.middle, spot, strike, years, call=call)
            known = self._volatilities[anchor.con_id] = (anchor, iv)
        return known[1]


def _expiry_of(instrument: Instrument) -> tuple[int, float]:
    return (instrument.underlying or 0, instrument.expires_at_s or 0.0)
