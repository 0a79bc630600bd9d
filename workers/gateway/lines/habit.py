"""How long a stream is silent between its ticks, as observed.

Rules:
* The longest gap between ticks within the last `WINDOW_S`, or twice that, is the measure: streams
  tick in bursts, and a mean would be that of a burst.
* It is known from `KNOWN_AFTER` gaps and `KNOWN_AFTER_S` of them on. Until then nothing can be said
  of a silence.
* A window is replaced only by one that has as many gaps of its own, so a stream that ticks once in
  ten minutes keeps what is known of it.

Reads no clock: `now` is seconds of any steady clock.
"""

from __future__ import annotations

from math import sqrt

#: What is older than twice this is forgotten, seconds: calm hours differ from busy ones.
WINDOW_S = 900.0
#: Gaps that make the longest of them a measure, and the time they must cover, seconds: a burst of
#: ticks shows nothing about the calm after it.
KNOWN_AFTER, KNOWN_AFTER_S = 8, 20.0
#: Gaps shorter than this belong to one burst, seconds: TWS sends a quote as several ticks.
BURST_S = 0.05


class Habit:
    """The longest of the last gaps between ticks."""

    __slots__ = ("_before", "_count", "_count_before", "_covered_s", "_longest", "_since")

    def __init__(self) -> None:
        self._since: float | None = None
        self._covered_s = 0.0
        self._longest = 0.0
        self._count = 0
        self._before = 0.0
        self._count_before = 0

    def observed(self, gap_s: float, now: float) -> None:
        """Note a gap that a tick has just ended."""
        if self._since is None:
            self._since = now
        elif now - self._since > WINDOW_S and self._count >= KNOWN_AFTER:
            self._before, self._count_before = self._longest, self._count
            self._longest, self._count, self._since = 0.0, 0, now
        self._longest = max(self._longest, gap_s)
        self._count += 1
        self._covered_s += gap_s

    @property
    def gaps(self) -> int:
        """Count the gaps that `longest_s` is the longest of."""
        return self._count + self._count_before

    @property
    def longest_s(self) -> float | None:
        """Return the longest of the last gaps, seconds; None while too few are known."""
        is_known = self.gaps >= KNOWN_AFTER and self._covered_s >= KNOWN_AFTER_S
        return max(self._longest, self._before) if is_known else None

    def unlikely_s(self, longest_s: float) -> float:
        """Return a silence that is hardly chance, for a stream whose gaps were at most this long.

        Where ticks come at random, at whatever pace, this is exceeded in less than one stream of
        10,000: it is 11 times the longest of 8 gaps, and 5 times the longest of 100.
        """
        return longest_s * (2.5 + 25.0 / sqrt(self.gaps))
