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

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from random import Random
from types import MappingProxyType
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


#: 95 % of a normal distribution are below this many standard deviations.
QUANTILE_95 = 1.645


@dataclass(frozen=True, slots=True)
class SnapshotTimes:
    """When parts of a snapshot come, seconds after its request.

    `ends_s` is when it ends if its prices are there, `limit_s` when it ends in any case.
    """

    ticks_s: float
    model_s: float
    ends_s: float
    limit_s: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and 95 % of a time, seconds."""

    median_s: float
    p95_s: float


class Settle:
    """Draw times of one of the two ways; times that were found by a probe come first.

    Those are named as in a probe's file: `stream_OPT_bid_ask`, `stream_OPT_model`,
    `snapshot_OPT_bid_ask` and `snapshot_OPT_end`, for each kind of contract.
    """

    def __init__(
        self,
        random: Random,
        way: SettleWay = "quick",
        times: Mapping[str, Spread] = MappingProxyType({}),
    ) -> None:
        self._random = random
        self._way = way
        self._times = times

    def first_ticks_s(self, contract: Contract) -> float:
        """Return how long after its request a line ticks."""
        if (spread := self._times.get(f"stream_{contract.sec_type}_bid_ask")) is not None:
            return self._within(spread)
        if self._way == "quick":
            return self._random.uniform(*QUICK_TICKS_S)
        return self._around(TICKS_S)

    def model_s(self, contract: Contract) -> float:
        """Return how long after its first ticks a line of an option has computations."""
        both = self._times.get(f"stream_{contract.sec_type}_bid_ask")
        model = self._times.get(f"stream_{contract.sec_type}_model")
        if both is not None and model is not None and contract.right:
            later_s = max(model.median_s - both.median_s, 0.0)
            return self._within(Spread(later_s, max(model.p95_s - both.p95_s, later_s)))
        return 0.0 if self._way == "quick" or not contract.right else self._around(MODEL_S)

    def snapshot(self, contract: Contract) -> SnapshotTimes:
        """Return the times of a snapshot."""
        times = self._unprobed_snapshot(contract)
        ticks = self._times.get(f"snapshot_{contract.sec_type}_bid_ask")
        end = self._times.get(f"snapshot_{contract.sec_type}_end")
        ticks_s = times.ticks_s if ticks is None else self._within(ticks)
        ends_s = max(times.ends_s if end is None else self._within(end), ticks_s)
        model_s = ticks_s + (times.model_s - times.ticks_s)
        limit_s = max(ends_s, SNAPSHOT_LIMIT_S) if end is None else ends_s
        return SnapshotTimes(ticks_s, min(model_s, ends_s), ends_s, limit_s)

    def _unprobed_snapshot(self, contract: Contract) -> SnapshotTimes:
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

    def _within(self, spread: Spread) -> float:
        """Draw a time of a log-normal distribution with this median and 95 %."""
        if spread.median_s <= 0:
            return self._random.uniform(0.0, spread.p95_s)
        width = log(spread.p95_s / spread.median_s) / QUANTILE_95
        return min(self._random.lognormvariate(log(spread.median_s), width), 2 * spread.p95_s)

    def _around(self, median: float) -> float:
        drawn = self._random.lognormvariate(log(median), SPREAD)
        return min(max(drawn, SOONEST * median), LATEST * median)
