"""Shares of the rate: how often each contract in rotation is quoted, by what is asked for it.

* A watched contract names its own period. All of them together get at most `WATCH_SHARE` of the
  rate; where that is not enough their periods grow alike.
* The others share what is left by weight: one of weight 2 is quoted twice as often.

All times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

import msgspec

#: Most of the rate that watched contracts get, as a share: the others must not starve.
WATCH_SHARE = 0.8
#: Share of what watched contracts leave that silent ones get at least, and are planned for: enough
#: to find the few that have come to life, while the others keep four fifths of their pace.
SILENT_SHARE = 0.2
#: Share of the rate that is promised.
PROMISED = 0.95
#: Share of what others have that keeps their ages within their cap, while the rest goes to those
#: whose uncertainty costs most: the cap is twice the age of quotes in turn.
CAP_SHARE = 0.5


class QuoteTarget(msgspec.Struct, frozen=True):
    """Rotation target of a contract: a maximum age in seconds, or a weight."""

    weight: float = 1.0
    bound_s: float | None = None


class Shares(msgspec.Struct, frozen=True):
    """How the rate is shared: the period of weight 1, and the factor of watched bounds."""

    unit_s: float
    stretch: float

    def period_s(self, target: QuoteTarget) -> float:
        """Return the period that a target comes to, seconds."""
        if target.bound_s is None:
            return self.unit_s / target.weight
        return target.bound_s * self.stretch


def shares(targets: Mapping[int, QuoteTarget], rate: float, *, silent: bool = False) -> Shares:
    """Compute the shares of a rate; together they use up what can be promised.

    Where there are `silent` contracts a part of it is left to them.
    """
    if rate <= 0:
        return Shares(inf, inf)
    rate *= PROMISED
    total = sum(target.weight for target in targets.values() if target.bound_s is None)
    asked = sum(1 / target.bound_s for target in targets.values() if target.bound_s is not None)
    most = rate * (WATCH_SHARE if total or silent else 1.0)
    stretch = max(asked / most, 1.0)
    left = (rate - asked / stretch) * ((1 - SILENT_SHARE) if silent else 1.0)
    return Shares(total / left if left > 0 else inf, stretch)


def periods(targets: Mapping[int, QuoteTarget], rate: float) -> dict[int, float]:
    """Compute each contract's period, seconds."""
    shared = shares(targets, rate)
    return {con_id: shared.period_s(target) for con_id, target in targets.items()}
