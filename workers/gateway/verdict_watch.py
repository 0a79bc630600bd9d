"""VerdictWatch: hands the handlers each change of the verdict that the monitor publishes.

Rules:
* A verdict that is too old says that the monitor is away.
* While Redis fails the monitor cannot publish: a failure that lasts is the verdict itself, by its
  cause.
* After a failure the monitor has as long to publish again as a verdict may be old.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from slotwise.bus.status import StatusBoard, VerdictStatus
from slotwise.bus.trouble import trouble_of
from slotwise.errors import BusError
from slotwise.health.verdict import Facts, decide
from slotwise.health.verdict.facts import Redis
from slotwise.health.verdict.published import OLD_S, current, published

#: Redis is away once it has failed for this long, seconds: three looks, a second apart.
LOOKS_S = 3.0


class VerdictWatch:
    """Look at the published verdict; runs in the thread that talks to Redis."""

    def __init__(
        self,
        board: StatusBoard,
        publish: Callable[[VerdictStatus], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._board = board
        self._publish = publish
        self._now = now
        self._newest: VerdictStatus | None = None
        #: The state that was published last.
        self._state = ""
        #: When Redis failed first, and last.
        self._failing_since: datetime | None = None
        self._failed_at: datetime | None = None

    def look(self) -> None:
        """Publish the verdict where its state is another one; without a monitor there is none."""
        # A status that has expired is as old as the last one that was read.
        self._newest = self._board.get(VerdictStatus) or self._newest
        self._failing_since = None
        if self._newest is None:
            return
        now = self._now()
        verdict = current(self._newest, now)
        failed_at = self._failed_at
        has_just_failed = failed_at is not None and (now - failed_at).total_seconds() <= OLD_S
        if verdict.state != self._newest.state and has_just_failed:
            return
        self._note(verdict)

    def failed(self, error: BusError) -> None:
        """Publish what Redis suffers from, once that has lasted as long as a verdict takes."""
        now = self._failed_at = self._now()
        if self._failing_since is None:
            self._failing_since = now
        if (now - self._failing_since).total_seconds() < LOOKS_S:
            return
        trouble = trouble_of(error)
        redis = Redis(
            trouble="away" if trouble is None or trouble == "other" else trouble,
            since=self._failing_since,
        )
        self._note(published(decide(Facts(now=now, redis=redis)), now))

    def _note(self, verdict: VerdictStatus) -> None:
        if verdict.state != self._state:
            self._state = verdict.state
            self._publish(verdict)
