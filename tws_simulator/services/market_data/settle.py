"""How long TWS takes until what was asked for is there.

Two ways, by the switch `--settle`:

* quick: what is asked for is there within 0.3 s, an option's computations with it. Good for tests
  of other things, and not how TWS is.
* measured, the default of the command: as on TWS in September 2026 (reports of a public quote
  service; ib_insync #531, #642). Bid and ask of a stream come after about 0.14 s and the model's
  computation within a second. A snapshot of an option ends after 11 to 12 s, however complete it
  is; other snapshots end when their five prices are there. All times are spread like those of a
  network: most near the middle, a few much later.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from random import Random
from typing import Literal, TypeAlias

from tws_simulator.instruments.contract import Contract

SettleWay: TypeAlias = Literal["quick", "measured"]

#: Quick: a line's first ticks, and a snapshot of an open market, take between these, seconds.
QUICK_TICKS_S, QUICK_SNAPSHOT_S = (0.02, 0.06), (0.1, 0.3)
#: Quick: share of a snapshot's time after which its ticks are there.
TICKS_SHARE = 0.5
#: A snapshot that is not complete ends after this, seconds (IB documentation).
SNAPSHOT_LIMIT_S = 11.0
#: Measured: median of the time to a line's first ticks, and from these to the model, seconds. Nine
#: of ten come within 1.7 times the median.
TICKS_S, MODEL_S, SPREAD = 0.14, 0.45, 0.4
#: Measured: no sooner and no later than this, as a multiple of the median.
SOONEST, LATEST = 0.4, 2.2
#: Measured: a snapshot of an option ends between these, that of anything else after about this
#: long if it is complete, seconds.
OPTION_ENDS_S, OTHER_ENDS_S = (11.0, 12.0), 0.25


@dataclass(frozen=True, slots=True)
class SnapshotTimes:
    """When parts of a snapshot come, seconds after its request.

    `ends_s` is when it ends if its prices are there, `limit_s` when it ends in any case.
    """

    ticks_s: float
    model_s: float
    ends_s: float
    limit_s: float


class Settle:
    """Draw times of one of the two ways."""

    def __init__(self, random: Random, way: SettleWay = "quick") -> None:
        self._random = random
        self._way = way

    def first_ticks_s(self) -> float:
        """Return how long after its request a line ticks."""
        if self._way == "quick":
            return self._random.uniform(*QUICK_TICKS_S)
        return self._around(TICKS_S)

    def model_s(self, contract: Contract) -> float:
        """Return how long after its first ticks a line of an option has computations."""
        return 0.0 if self._way == "quick" or not contract.right else self._around(MODEL_S)

    def snapshot(self, contract: Contract) -> SnapshotTimes:
        """Return the times of a snapshot."""
        if self._way == "quick":
            ends_s = self._random.uniform(*QUICK_SNAPSHOT_S)
            ticks_s = ends_s * TICKS_SHARE
            return SnapshotTimes(ticks_s, ticks_s, ends_s, SNAPSHOT_LIMIT_S)
        ticks_s = self._around(TICKS_S)
        if contract.right:
            ends_s = self._random.uniform(*OPTION_ENDS_S)
            return SnapshotTimes(ticks_s, ticks_s + self._around(MODEL_S), ends_s, ends_s)
        ends_s = max(ticks_s, self._around(OTHER_ENDS_S))
        return SnapshotTimes(ticks_s, ticks_s, ends_s, SNAPSHOT_LIMIT_S)

    def _around(self, median: float) -> float:
        drawn = self._random.lognormvariate(log(median), SPREAD)
        return min(max(drawn, SOONEST * median), LATEST * median)
