"""QuotePace: how many quotes a second lines and messages leave room for, learnt from quotes."""

from __future__ import annotations

from collections import deque

#: A quote that is not complete by then has to do, seconds. TWS would go on for 11 s, mostly
#: where there is no bid; the line is worth more than the wait.
QUOTE_TIMEOUT_S = 3.0
#: What a quote takes before one was taken, seconds.
FIRST_GUESS_S = 0.25
#: Weight of the newest quote in the mean of what a quote takes: times differ by half, and what is
#: promised follows the mean.
SMOOTHING = 0.02
#: Number of last quotes, of which the longest is what a promise allows a quote to take.
REMEMBERED = 200
#: The rate achieved is that of the last seconds, this many.
RATE_WINDOW_S = 10.0
#: Messages that a late timer may catch up with: with fewer a twentieth of the rate is lost, as
#: quotes do not end in step; with more the end of one would wait in ib_async's queue.
CATCH_UP = 8


def next_message_at(last_at: float, gap_s: float, now: float) -> float:
    """Return when the next message's turn is, from when the last one's was, seconds."""
    return max(last_at + gap_s, now - CATCH_UP * gap_s)


class QuotePace:
    """Means of what a quote costs, and the rate that follows from them."""

    def __init__(self) -> None:
        #: What a quote takes, seconds.
        self.takes_s = FIRST_GUESS_S
        #: What the longest of the last took when the rate was planned, seconds.
        self.longest_s = FIRST_GUESS_S
        self._took: deque[float] = deque(maxlen=REMEMBERED)
        #: Messages that a quote takes.
        self.messages = 1.0
        #: Quotes a second, by the last plan.
        self.rate = 0.0
        self._silence_takes_s = QUOTE_TIMEOUT_S
        #: When the last quotes came.
        self._came: deque[float] = deque()

    def gave_one(self, took_s: float) -> None:
        """Count a quote that came."""
        self._took.append(took_s)
        weight = max(SMOOTHING, 1.0 / (len(self._took) + 1))
        self.takes_s += weight * (took_s - self.takes_s)

    def came(self, now: float) -> None:
        """Count a quote in the rate achieved, one that was cut short too."""
        self._came.append(now)

    def achieved(self, now: float) -> float:
        """Return how many quotes came in a second, on average of the last ones."""
        while self._came and now - self._came[0] >= RATE_WINDOW_S:
            self._came.popleft()
        return len(self._came) / RATE_WINDOW_S

    def gave_none(self, took_s: float) -> None:
        """Count a try that brought no price."""
        self._silence_takes_s += SMOOTHING * (took_s - self._silence_takes_s)

    def took_messages(self, messages: float) -> None:
        """Count the messages of a quote."""
        self.messages += SMOOTHING * (messages - self.messages)

    def lines_are_scarce(self, idle: int, messages: float) -> bool:
        """Return whether idle lines hold quotes back sooner than messages a second do."""
        return idle * self.messages < messages * self.takes_s

    def plan(self, idle: int, messages: float) -> float:
        """Compute the rate from idle lines and messages a second.

        Return what a try without a quote costs, in quotes.
        """
        self.longest_s = max(self._took, default=FIRST_GUESS_S)
        self.rate = min(idle / self.takes_s, messages / self.messages)
        # Where lines are short, a try without a quote takes the time of many with one.
        return self._silence_takes_s * self.rate / idle if idle else 1.0
