"""The marks of every holding: observations go in as they come, marks come out for a moment.

A mark at a moment uses what was observed by then and nothing later: what carries a later time waits
until marks of that time are asked for. Times of marks do not go back.
"""

from __future__ import annotations

import heapq
from collections.abc import Container, Iterable, Mapping
from itertools import count
from math import sqrt

from slotwise.rules.marks.anchor import Anchor, anchored
from slotwise.rules.marks.black76 import Greeks, quote_greeks
from slotwise.rules.marks.calibration import Calibration, learnt_coverage
from slotwise.rules.marks.first_marks import FirstMarks
from slotwise.rules.marks.group import Group
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.mark import Mark, MarkSource
from slotwise.rules.marks.observation import Observation
from slotwise.rules.marks.underlying import Spot, follow
from slotwise.rules.price_units import unit_between

#: A quote counts as the contract's own price this long, seconds; then it is a model's.
QUOTE_IS_FRESH_S = 2.0
_YEAR_S = 365.0 * 86400.0


class MarkBook:
    """Everything that marks are computed from. Not for several threads."""

    def __init__(self) -> None:
        self._instruments: dict[int, Instrument] = {}
        self._groups: dict[int, Group] = {}
        self._pending: list[tuple[float, int, Observation]] = []
        self._numbers = count()
        self._first = FirstMarks()
        self._streams: set[int] = set()
        self._at_s = float("-inf")

    def want(self, instruments: Iterable[Instrument]) -> None:
        """Mark exactly these contracts from now on; what is known of them is kept.

        A contract that turns out to be another one (an option whose underlying was not known, or
        whose strike was) has no quote until its next: its coefficients would be those of the other.
        """
        wanted = {instrument.con_id: instrument for instrument in instruments}
        for con_id, before in self._instruments.items():
            now = wanted.get(con_id)
            if now is before or now == before:
                continue
            group = self._groups[_group_of(before)]
            if now is None or not before.is_same_kind(now):
                group.drop(con_id)
                self._streams.discard(con_id)
            elif now.expires_at_s != before.expires_at_s:
                group.expires(con_id, now.expires_at_s)
        self._instruments = wanted
        self._first.want(wanted)
        used = dict.fromkeys(map(_group_of, wanted.values()))
        self._groups = {key: self._group(key) for key in used}

    def observe(self, seen: Observation) -> None:
        """Take an observation of a contract that is held, or of an underlying."""
        heapq.heappush(self._pending, (seen.at_s, next(self._numbers), seen))

    def lacks_quote(self, con_id: int) -> bool:
        """Return True for a contract that is marked and has had no quote."""
        instrument = self._instruments.get(con_id)
        return instrument is not None and con_id not in self._groups[_group_of(instrument)].anchors

    def lacks_spot(self, con_id: int) -> bool:
        """Return True for an underlying of a marked contract that has had no price."""
        group = self._groups.get(con_id)
        return group is not None and group.live.spot is None and group.late.spot is None

    def keep_streams(self, con_ids: Container[int]) -> None:
        """Note which contracts still have a line that ticks: other prices have the age they show.

        Called after every observation of a line that has ended was taken.
        """
        for con_id in [one for one in self._streams if one not in con_ids]:
            self.end_stream(con_id)

    def end_stream(self, con_id: int) -> None:
        """Note that a contract's line is gone: its last price ages from its own time on."""
        self._streams.discard(con_id)

    def factors(self) -> Mapping[int, tuple[Calibration, Calibration]]:
        """Return what was learnt of each underlying: the scale and the coverage of its bands."""
        return {key: (group.scale, group.coverage) for key, group in self._groups.items()}

    def stickiness(self, underlying: int) -> float:
        """Return the skew stickiness that was learnt of an underlying."""
        return self._group(underlying).stickiness.value

    def marks(self, at_s: float) -> list[Mark]:
        """Return the mark of every contract at a moment; raise ValueError for an earlier one."""
        if at_s < self._at_s:
            raise ValueError(f"marks were given for {self._at_s} s already, asked for {at_s} s")
        self._at_s = at_s
        while self._pending and self._pending[0][0] <= at_s:
            self._take(heapq.heappop(self._pending)[2])
        marks: list[Mark] = []
        for group in self._groups.values():
            self._append(marks, group, at_s)
        given = len(marks)
        if given < len(self._instruments):
            marks.extend(self._marks_without_quote(at_s))
        return marks

    def _append(self, marks: list[Mark], group: Group, at_s: float) -> None:
        """Add the marks of one underlying's quoted contracts; see `anchor.py` for the formula."""
        live, late = _last_seen(group.live.spot, at_s), _last_seen(group.late.spot, at_s)
        factor = group.factor
        factors, widest, streams = group.factors, group.widest, self._streams
        for con_id, anchor in group.anchors.items():
            age_s = at_s - anchor.at_s
            variance = anchor.spread_variance
            value = anchor.middle
            anchor_spot = anchor.spot
            underlying_at_s: float | None = None
            delayed = anchor.delayed
            source: MarkSource
            if at_s >= anchor.expires_at_s:
                marks.append(Mark(con_id, at_s))
                continue
            if con_id in streams:
                source = "stream"
            else:
                variance += anchor.drift * age_s
                if anchor_spot is not None:
                    price, underlying_at_s, unseen_s = late if delayed else live
                    moved = price - anchor_spot
                    value += (anchor.slope + anchor.curve * moved) * moved + anchor.decay * age_s
                    variance += anchor.turn * moved * moved + anchor.unseen * unseen_s
                if age_s <= QUOTE_IS_FRESH_S:
                    source = "quote"
                elif underlying_at_s is not None and underlying_at_s > anchor.at_s:
                    source = "model"
                else:
                    source = "kept"
                if anchor.origin == "close":
                    source = "close"
            band = factor * factors.get(con_id, 1.0) * sqrt(variance)
            before = widest.get(con_id, 0.0)
            if band < before:
                band = before
            else:
                widest[con_id] = band
            quoted_at_s, greeks_at_s = anchor.at_s, anchor.greeks_at_s
            marks.append(
                Mark(
                    con_id, at_s, value, band, source,
                    quoted_at_s, greeks_at_s, underlying_at_s, anchor.greeks, delayed,
                )
            )  # fmt: skip

    def _marks_without_quote(self, at_s: float) -> Iterable[Mark]:
        """Return marks of the contracts that have had no quote."""
        for con_id, instrument in self._instruments.items():
            group = self._groups[_group_of(instrument)]
            if con_id not in group.anchors:
                yield self._first.mark(instrument, group, self._instruments, at_s)

    def _take(self, seen: Observation) -> None:
        self._follow(seen)
        instrument = self._instruments.get(seen.con_id)
        if instrument is None:
            return
        group = self._groups[_group_of(instrument)]
        before = group.anchors.get(seen.con_id)
        if before is not None and seen.at_s < before.at_s:
            return
        anchor = self._new_anchor(instrument, group, before, seen)
        if anchor is None or (
            anchor.origin == "close" and before is not None and before.origin != "close"
        ):
            # A market without two sides is worth less than the last one that had them.
            self._streams.discard(seen.con_id)
            return
        if before is not None and before.delayed != anchor.delayed:
            # A delayed market is no test of marks by a live one, nor the other way about.
            pass
        elif before is not None and anchor.origin != "close":
            group.learn(before, anchor.middle, seen.at_s)
            if anchor.greeks is not None and anchor.spot is not None:
                group.learn_stickiness(before, anchor.greeks.iv, anchor.spot, anchor.half_spread)
        elif anchor.origin not in ("close", "lake"):
            self._test_first(instrument, group, anchor)
        group.put(anchor)
        self._first.changed(instrument)
        if seen.origin == "stream":
            self._streams.add(seen.con_id)
        else:
            self._streams.discard(seen.con_id)

    def _follow(self, seen: Observation) -> None:
        """Learn the underlying's price from its own market, or from a computation."""
        own = self._groups.get(seen.con_id)
        price = seen.middle if seen.middle is not None else seen.last
        if own is not None and price is not None and own.quoted(seen, price):
            self._first.forget(seen.con_id)
        instrument = self._instruments.get(seen.con_id)
        if instrument is not None and instrument.underlying is not None:
            group = self._groups[instrument.underlying]
            if seen.underlying_price is not None and seen.underlying_price > 0.0:
                under, delayed = seen.underlying_price, seen.delayed
                if group.computed(under, seen.at_s, delayed=delayed):
                    self._first.forget(instrument.underlying)

    def _new_anchor(
        self, instrument: Instrument, group: Group, before: Anchor | None, seen: Observation
    ) -> Anchor | None:
        if not instrument.is_option:
            return anchored(instrument, seen)
        now = group.feed(delayed=seen.delayed).spot
        spot = now
        if spot is not None and (spot.price <= 0.0 or spot.at_s > seen.at_s):
            spot = None
        made_with = seen.underlying_price
        if seen.origin == "lake":
            # The underlying's price at the time of an old quote is taken from that quote alone.
            spot = None
            if made_with is not None and made_with > 0.0:
                spot = follow(None, made_with, None, seen.at_s, own=False)
        if made_with is not None and made_with > 0.0 and now is not None and now.price > 0.0:
            # Greeks computed from another price than the one that is followed move nothing.
            spot = spot if unit_between(made_with, now.price) == 1.0 else None
        greeks, greeks_at_s = seen.greeks, seen.at_s
        if greeks is None and spot is not None:
            greeks = _compute_greeks(instrument, seen, spot.price)
        if greeks is None and before is not None and before.greeks_at_s is not None:
            greeks, greeks_at_s = before.greeks, before.greeks_at_s
        slope = 0.0
        if spot is not None and instrument.expires_at_s is not None and instrument.strike:
            strikes = self._first.strikes(instrument, self._instruments)
            at = None if now is None else now.price
            smile = group.smile(instrument.expires_at_s, strikes, seen.at_s, at)
            slope = 0.0 if smile is None else smile.slope_at(instrument.strike, spot.price)
        return anchored(
            instrument, seen, spot, greeks, None if greeks is None else greeks_at_s,
            slope, group.stickiness.value, 0.0 if spot is None else spot.unseen_s(seen.at_s),
        )  # fmt: skip

    def _test_first(self, instrument: Instrument, group: Group, anchor: Anchor) -> None:
        """Learn from the miss of a mark by neighbours of the same feed, where there was one."""
        mark = self._first.mark(instrument, group, self._instruments, anchor.at_s)
        if mark.delayed == anchor.delayed and mark.value is not None and mark.band is not None:
            group.first = learnt_coverage(group.first, anchor.middle - mark.value, mark.band)

    def _group(self, key: int) -> Group:
        return self._groups.setdefault(key, Group())


def _last_seen(spot: Spot | None, at_s: float) -> tuple[float, float | None, float]:
    """Return an underlying's price, its time, and how long it was not seen to be alive since."""
    return (0.0, None, 0.0) if spot is None else (spot.price, spot.at_s, spot.unseen_s(at_s))


def _group_of(instrument: Instrument) -> int:
    """Return the underlying of an option, and of anything else the contract itself."""
    if instrument.is_option and instrument.underlying is not None:
        return instrument.underlying
    return instrument.con_id


def _compute_greeks(instrument: Instrument, seen: Observation, spot: float) -> Greeks | None:
    """Compute the greeks that did not come with a quote; None where its price explains none."""
    if seen.bid is None or seen.ask is None or seen.middle is None:
        return None
    strike, expires_at_s = instrument.strike, instrument.expires_at_s
    if strike is None or expires_at_s is None or expires_at_s <= seen.at_s:
        return None
    years = (expires_at_s - seen.at_s) / _YEAR_S
    return quote_greeks(seen.bid, seen.ask, spot, strike, years, call=bool(instrument.call))
