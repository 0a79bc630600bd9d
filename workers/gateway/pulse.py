"""When a line that says nothing is asked for again.

Streams die without a word: after a farm's outage, after 1102, in the nightly restart. TWS does
not tell, so each line is measured by itself.

Rules:
* A line may be silent for `USUAL_TIMES` its usual gap, between `LEAST_S` and `MOST_S`.
* A line under suspicion (IB or a farm was away, and is back) has less time from then on:
  `SUSPECT_TIMES` its usual gap, between `SUSPECT_LEAST_S` and `SUSPECT_MOST_S`. One tick clears it.
* Each time a line was asked for again its patience doubles, up to `MOST_DOUBLINGS` times: it may
  simply have nothing to say. Ticks at their usual pace bring the patience back.
* A closed market is silent by right; whoever asks must know that first.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

#: Usual patience: times the usual gap, and its bounds, seconds.
USUAL_TIMES, LEAST_S, MOST_S = 20.0, 15.0, 300.0
#: Patience with a line under suspicion: times the usual gap, and its bounds, seconds.
SUSPECT_TIMES, SUSPECT_LEAST_S, SUSPECT_MOST_S = 3.0, 1.0, 2.0
#: How often the patience doubles: from 15 s to 16 minutes.
MOST_DOUBLINGS = 6
#: Gaps shorter than this belong to one burst, seconds: TWS sends a quote as several ticks.
BURST_S = 0.05
#: Weight of the newest gap in the usual one; a longer gap counts at once.
SMOOTHING = 0.1


class Pulse:
    """Know how often a line speaks, and since when it has not."""

    __slots__ = ("_doublings", "_gap_s", "_suspected_at", "_ticks", "heard_at")

    def __init__(self, now: float) -> None:
        self.heard_at = now
        self._gap_s = 0.0
        self._ticks = 0
        #: Since when the line is under suspicion.
        self._suspected_at: float | None = None
        self._doublings = 0

    def heard(self, now: float) -> None:
        """Note a tick."""
        gap_s = now - self.heard_at
        self.heard_at = now
        self._suspected_at = None
        if gap_s < BURST_S:
            return
        self._ticks += 1
        # The first gap is the wait for the first tick, and not the line's own pace.
        if self._ticks > 1:
            self._gap_s = max(gap_s, self._gap_s + SMOOTHING * (gap_s - self._gap_s))
            self._doublings = 0

    def suspect(self, now: float) -> None:
        """Doubt the line until it speaks; what was silent before counts no more."""
        self._suspected_at = now

    def asked_again(self, now: float) -> None:
        """Note that the line was closed and opened anew."""
        self.heard_at = now
        self._ticks = 0
        self._suspected_at = None
        self._doublings = min(self._doublings + 1, MOST_DOUBLINGS)

    def silent_s(self, now: float) -> float:
        """Tell for how long nothing was heard."""
        return now - self.heard_at

    def is_too_quiet(self, now: float) -> bool:
        """Tell whether the silence has lasted longer than the line's patience."""
        since = max(self.heard_at, self._suspected_at or self.heard_at)
        return now - since >= self.patience_s()

    def patience_s(self) -> float:
        """Tell how long the line may be silent."""
        if self._suspected_at is not None:
            usual, least, most = SUSPECT_TIMES * self._gap_s, SUSPECT_LEAST_S, SUSPECT_MOST_S
        else:
            usual, least, most = USUAL_TIMES * self._gap_s, LEAST_S, MOST_S
        return float(min(max(usual, least), most) * 2**self._doublings)
