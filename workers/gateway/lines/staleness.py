"""When a line without ticks is asked for again.

Streams die without a notice: after a farm's outage, after 1102, in the nightly restart (nautilus PR
#3968). TWS does not report it, so each line is measured by its own habit (`habit`).

Rules:
* A line may be silent for `USUAL_TIMES` the longest of its last gaps, between `LEAST_S` and
  `MOST_S`.
* A line that is checked (IB or a farm was away, and is back) has less time from then on: what is
  hardly chance by its own gaps, and `CHECKED_LEAST_S` at least. Further notices give it no more
  time; a tick clears it.
* While its habit is not known a silence is no sign. The line is asked for again where IB was away
  and no tick came for `UNKNOWN_S` after; and `silence` looks at lines of its kind.
* A line that never ticked since it was opened is asked for again after `LEAST_S`.
* One that was asked for again is left alone until its stream ticks, as it cannot be more than open;
  the prices that come with every opening prove nothing. It is asked for again after `RETRY_S`, or
  where IB is back, or others of its kind tick while it does not, each time with twice the limit.
* A gap that a notice lies in, and that is hardly chance, was an outage and is no habit.
* A closed market is silent by right; the caller knows which are closed.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from math import inf

from workers.gateway.lines.habit import BURST_S, Habit

#: Usual limit of a silence: times the longest gap, and its bounds, seconds. 20 times the longest of
#: 8 gaps is exceeded by chance less than once in a million lines.
USUAL_TIMES, LEAST_S, MOST_S = 20.0, 15.0, 3600.0
#: Bounds of that limit for a line that is checked, seconds: TWS takes its time to start streams
#: again, and a quiet line has its own pace then too.
CHECKED_LEAST_S, CHECKED_MOST_S = 2.0, 3600.0
#: Silence allowed a line whose habit is not known, after IB itself was away, seconds.
UNKNOWN_S = 30.0
#: A line that was asked for again in vain is asked for again after this, seconds.
RETRY_S = 900.0
#: How often the limit doubles: from 15 s to 16 minutes.
MOST_DOUBLINGS = 6
#: Ticks within this time of the first belong to the opening of a line, and are no habit, seconds:
#: TWS sends bid, ask, last and the model's computation within about one.
SETTLES_S = 2.0


class Staleness:
    """How often a line ticks, and since when it has not."""

    __slots__ = (
        "_checked_from", "_counts_from", "_gap_counts", "_has_ticked", "_ib_was_away",
        "_others_tick_from", "_settled_at", "asks", "habit", "heard_at",
    )  # fmt: skip

    def __init__(self, now: float, habit: Habit | None = None) -> None:
        self.heard_at = now
        #: What is known of the contract's stream; it outlives the line.
        self.habit = habit or Habit()
        #: Whether a tick came since the line was opened, or asked for again.
        self._has_ticked = False
        self._settled_at = now
        #: Whether the gap that the next tick ends is one of the line's own.
        self._gap_counts = False
        #: Silence before this counts for nothing: IB was away, or the market was closed.
        self._counts_from = -inf
        #: Since when the line is checked, and whether IB itself was away.
        self._checked_from: float | None = None
        self._ib_was_away = False
        #: How often it was asked for again since it last ticked at its own pace.
        self.asks = 0
        #: Since when others of its kind tick again.
        self._others_tick_from: float | None = None

    @property
    def is_unknown(self) -> bool:
        """Return True for a line that has ticked, but too little to show its habit."""
        return self._has_ticked and self.habit.longest_s is None

    @property
    def silent_from(self) -> float:
        """Return since when a silence counts."""
        return max(self.heard_at, self._counts_from)

    def heard(self, now: float) -> bool:
        """Note a tick; return True where it shows the line's own pace, False in its opening."""
        gap_s = now - self.heard_at
        was_checked = self._checked_from is not None
        self.heard_at = now
        self._checked_from = self._others_tick_from = None
        self._ib_was_away = False
        if not self._has_ticked:
            self._settled_at = now + SETTLES_S
            self._has_ticked = self._gap_counts = True
            return False
        if now < self._settled_at:
            return False
        if gap_s < BURST_S:
            return True
        if self._gap_counts and gap_s < MOST_S and not (was_checked and self._is_outage(gap_s)):
            self.habit.observed(gap_s, now)
        self._gap_counts = True
        self.asks = 0
        return True

    def check_from(self, now: float) -> None:
        """Check the line until it ticks: a farm was away, perhaps its own."""
        if self._checked_from is None:
            self._checked_from = now

    def recovered(self, now: float) -> None:
        """Check the line until it ticks: IB was away, and what was silent before counts no more."""
        self._checked_from = self._counts_from = now
        self._ib_was_away = True
        self._gap_counts = False

    def rested(self, now: float) -> None:
        """Note that the line's market is closed: a silence until then proves nothing."""
        self._counts_from = now
        self._gap_counts = False

    def asked_again(self, now: float) -> None:
        """Note that the line was closed and opened again."""
        self.heard_at = now
        self._has_ticked = self._gap_counts = self._ib_was_away = False
        self._checked_from = self._others_tick_from = None
        self.asks = min(self.asks + 1, MOST_DOUBLINGS)

    def silent_s(self, now: float) -> float:
        """Return for how long nothing came, seconds."""
        return now - self.heard_at

    def is_silent_since(self, broken_at: float, now: float) -> bool:
        """Return True where no tick came since a farm broke, for longer than is chance.

        A line whose habit is not known has `LEAST_S`.
        """
        if self.heard_at > broken_at + CHECKED_LEAST_S / 2:
            return False
        longest_s = self.habit.longest_s
        least_s = LEAST_S if longest_s is None else self.habit.unlikely_s(longest_s)
        return now - max(self.silent_from, broken_at) >= max(least_s, CHECKED_LEAST_S)

    def is_too_quiet(self, now: float, others_ticked_at: float = -inf) -> bool:
        """Return True where the silence has lasted longer than the line's limit.

        `others_ticked_at` is when another line of its kind ticked last. The time of a line that
        was asked for again begins with the first such tick after its own: the outage is over.
        """
        since, checked_from = self.silent_from, self._checked_from
        if self.asks:
            if now - since >= RETRY_S:
                return True
            if self._ib_was_away:
                self._others_tick_from = since
            elif self._others_tick_from is None and others_ticked_at > since:
                self._others_tick_from = others_ticked_at
            if self._others_tick_from is None:
                return False
            since = max(since, self._others_tick_from)
        if now - since >= self._usual_s():
            return True
        return checked_from is not None and now - max(since, checked_from) >= self._probed_limit_s()

    def is_missed(self, now: float) -> bool:
        """Return True where a line that was asked for again exceeds its habit once more."""
        longest_s = self.habit.longest_s
        if longest_s is None or not self.asks:
            return False
        return now - self.silent_from >= min(max(USUAL_TIMES * longest_s, LEAST_S), MOST_S)

    def silence_limit_s(self) -> float:
        """Return for how long the line may be silent while others tick, seconds."""
        usual_s = self._usual_s()
        return usual_s if self._checked_from is None else min(usual_s, self._probed_limit_s())

    def _usual_s(self) -> float:
        longest_s = self.habit.longest_s
        if longest_s is not None:
            silence_limit_s = max(USUAL_TIMES * longest_s, LEAST_S)
        else:
            silence_limit_s = MOST_S if self._has_ticked else LEAST_S
        return min(silence_limit_s * float(2**self.asks), MOST_S)

    def _probed_limit_s(self) -> float:
        longest_s = self.habit.longest_s
        if longest_s is not None:
            silence_limit_s = max(self.habit.unlikely_s(longest_s), CHECKED_LEAST_S)
        elif self._ib_was_away:
            silence_limit_s = UNKNOWN_S
        else:
            return CHECKED_MOST_S
        return min(silence_limit_s * float(2**self.asks), CHECKED_MOST_S)

    def _is_outage(self, gap_s: float) -> bool:
        longest_s = self.habit.longest_s
        return longest_s is not None and gap_s > self.habit.unlikely_s(longest_s)


def is_fresh(staleness: Staleness, now: float) -> bool:
    """Return True for a line that ticked within the least silence that any rule allows it.

    It is neither missed nor too quiet. A line that was asked for again is never fresh: when the
    others of its kind tick has to be noted.
    """
    return now - staleness.heard_at < CHECKED_LEAST_S and not staleness.asks
