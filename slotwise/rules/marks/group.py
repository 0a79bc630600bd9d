"""All that is known of the contracts of one underlying, as columns of their quotes.

The underlying's own holdings (a stock, a future) are in a group of their own contract id, so that
there is one loop for all marks of it.
"""

from __future__ import annotations

from math import inf, log

import msgspec

from slotwise.rules.marks.anchor import Anchor, kept, value_at, variance_at
from slotwise.rules.marks.calibration import (
    FIRST_CALIBRATION,
    Calibration,
    learnt_coverage,
    learnt_of_contract,
    learnt_scale,
)
from slotwise.rules.marks.observation import Observation
from slotwise.rules.marks.smile import Smile, fit_smile
from slotwise.rules.marks.spot_feed import SpotFeed
from slotwise.rules.marks.stickiness import Stickiness
from slotwise.rules.price_units import unit_between

#: A mark is tested by the next quote if it is at least this old, seconds: prices of a held line
#: follow each other so closely that their misses say nothing about marks.
TESTED_AFTER_S = 5.0
#: Smiles are computed again after this time, seconds: their slopes change over hours.
SMILE_S = 30.0
#: A quote's volatility takes part in a smile for this long, seconds.
SMILE_MEMORY_S = 7200.0
_NEW = Calibration()


class Group:
    """Quotes, factors and smiles of one underlying."""

    __slots__ = (
        "_smiles", "anchors", "coverage", "factors", "first", "late", "live", "own", "scale",
        "stickiness", "widest",
    )  # fmt: skip

    def __init__(self) -> None:
        #: The underlying's price by the live feed, and by the delayed one: a quote follows its own.
        self.live, self.late = SpotFeed(), SpotFeed()
        self.anchors: dict[int, Anchor] = {}
        #: The widest band of each contract since its quote: a band shrinks by a quote alone.
        self.widest: dict[int, float] = {}
        self.stickiness = Stickiness()
        self.scale = Calibration()
        self.coverage = FIRST_CALIBRATION
        #: The factor of marks by neighbours.
        self.first = FIRST_CALIBRATION
        self.own: dict[int, Calibration] = {}
        #: The factors of `own`: every mark needs one, and few change.
        self.factors: dict[int, float] = {}
        self._smiles: dict[float, tuple[float, Smile | None]] = {}

    def feed(self, *, delayed: bool) -> SpotFeed:
        """Return the underlying's price by the feed that a quote came from."""
        return self.late if delayed else self.live

    def quoted(self, seen: Observation, price: float) -> bool:
        """Take a price of the underlying's own market; return whether quotes move no more by it."""
        feed = self.feed(delayed=seen.delayed)
        if not feed.quoted(price, seen.half_spread, seen.at_s):
            return False
        return self._keep_other_units(feed, delayed=seen.delayed)

    def computed(self, price: float, at_s: float, *, delayed: bool) -> bool:
        """Take the underlying's price of a computation; return as `quoted` does."""
        feed = self.feed(delayed=delayed)
        return feed.computed(price, at_s) and self._keep_other_units(feed, delayed=delayed)

    def _keep_other_units(self, feed: SpotFeed, *, delayed: bool) -> bool:
        """Stop the moves of quotes that begin at a price that the underlying never had.

        That price was in another unit, or of another thing. Returns whether there were any.
        """
        spot, any_kept = feed.spot, False
        for con_id, anchor in self.anchors.items():
            if spot is None or anchor.spot is None or anchor.delayed != delayed:
                continue
            if spot.price > 0.0 and unit_between(anchor.spot, spot.price) != 1.0:
                self.anchors[con_id] = kept(anchor)
                any_kept = True
        return any_kept

    def put(self, anchor: Anchor) -> None:
        """Take a contract's new quote."""
        self.anchors[anchor.con_id] = anchor
        self.widest.pop(anchor.con_id, None)

    def expires(self, con_id: int, at_s: float | None) -> None:
        """Take another moment at which a contract's last session ends."""
        anchor = self.anchors.get(con_id)
        if anchor is not None:
            ends_at_s = inf if at_s is None else at_s
            self.anchors[con_id] = msgspec.structs.replace(anchor, expires_at_s=ends_at_s)

    def drop(self, con_id: int) -> None:
        """Forget a contract."""
        self.anchors.pop(con_id, None)
        self.widest.pop(con_id, None)
        self.own.pop(con_id, None)
        self.factors.pop(con_id, None)

    def learn(self, anchor: Anchor, truth: float, at_s: float) -> None:
        """Learn from the miss of a contract's mark at the moment of its next quote."""
        if at_s - anchor.at_s < TESTED_AFTER_S or anchor.origin == "close":
            return
        seen = self.feed(delayed=anchor.delayed).spot
        spot = seen.price if seen is not None and anchor.spot is not None else None
        unseen_s = 0.0 if seen is None else seen.unseen_s(at_s)
        deviation = variance_at(anchor, spot, at_s, unseen_s) ** 0.5
        if deviation <= 0.0:
            return
        miss = truth - value_at(anchor, spot, at_s)
        own = self.own.get(anchor.con_id, _NEW)
        scaled = self.scale.factor * deviation
        band = max(self.coverage.factor * own.factor * scaled, self.widest.get(anchor.con_id, 0.0))
        self.coverage = learnt_coverage(self.coverage, miss, band)
        learnt = self.own[anchor.con_id] = learnt_of_contract(own, miss, scaled)
        self.factors[anchor.con_id] = learnt.factor
        self.scale = learnt_scale(self.scale, miss, deviation)

    @property
    def factor(self) -> float:
        """Return the factor of all bands of the underlying."""
        return self.scale.factor * self.coverage.factor

    def learn_stickiness(self, before: Anchor, iv: float, spot: float, half_spread: float) -> None:
        """Learn how a strike's volatility moved with the spot between two quotes."""
        greeks = before.greeks
        if greeks is None or before.spot is None or not before.smile_slope or greeks.iv <= 0.0:
            return
        along = before.smile_slope * log(spot / before.spot)
        noise = max(half_spread, before.half_spread)
        if noise > 0.0:
            self.stickiness = self.stickiness.learn(
                along, iv - greeks.iv, greeks.iv, greeks.vega / noise
            )

    def smile(
        self, expires_at_s: float, strikes: dict[int, float], at_s: float, spot: float | None
    ) -> Smile | None:
        """Return the smile of an expiry by the last quotes of its strikes."""
        computed_at_s, smile = self._smiles.get(expires_at_s, (-SMILE_S, None))
        if at_s - computed_at_s < SMILE_S or spot is None:
            return smile
        points = [
            (strikes[con_id], anchor.greeks.iv, anchor.greeks.vega)
            for con_id, anchor in self.anchors.items()
            if anchor.expires_at_s == expires_at_s
            and con_id in strikes
            and anchor.greeks is not None
            and at_s - anchor.at_s <= SMILE_MEMORY_S
        ]
        smile = fit_smile(points, spot)
        self._smiles[expires_at_s] = (at_s, smile)
        return smile
