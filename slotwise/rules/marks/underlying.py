"""The newest price of an underlying, from its own market or from its options' computations.

A computation of an option carries the price of the underlying that it was made with. It may be a
forward or an older price, so it counts only while the underlying's own market is not seen.
"""

from __future__ import annotations

import msgspec

#: A price of the underlying's own market is preferred to a computation's this long, seconds: lines
#: of what trades tick about once a second, and a second one may be missed.
FRESH_S = 2.0
#: A price that repeats for longer than this is that of a shut market, seconds: what trades at all
#: mostly changes within it.
REPEATS_S = 180.0
#: Half-spread of an underlying whose market shows no sides (an index), as a share of its price: an
#: index is published once a second from trades that are not all of the same moment.
UNSEEN_HALF_SPREAD = 3e-5


class Spot(msgspec.Struct, frozen=True):
    """A price of an underlying at a moment.

    `moved_at_s` is when it was last seen to be alive: by two sides, or by a price that changed. A
    market that is shut repeats its last price, an index too.
    """

    price: float
    half_spread: float
    at_s: float
    moved_at_s: float
    own: bool

    def unseen_s(self, at_s: float) -> float:
        """Return how long the underlying was not seen to be alive, past the usual seconds."""
        return max(at_s - self.at_s - FRESH_S, at_s - self.moved_at_s - REPEATS_S, 0.0)


def follow(
    before: Spot | None, price: float, half_spread: float | None, at_s: float, *, own: bool
) -> Spot:
    """Return the newest price of an underlying after one more was seen."""
    if before is not None and (
        at_s < before.at_s or (before.own and not own and at_s - before.at_s <= FRESH_S)
    ):
        return before
    same = before is not None and before.price == price
    moved_at_s = before.moved_at_s if before is not None and same and half_spread is None else at_s
    if half_spread is None:
        half_spread = UNSEEN_HALF_SPREAD * abs(price)
    return Spot(price, half_spread, at_s, moved_at_s, own)
