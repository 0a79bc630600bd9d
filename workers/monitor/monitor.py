"""Monitor: one look at the system at each reading, one verdict, and what follows from it.

Each step takes the newest facts, decides, publishes, and sends the change where there is one. It
starts nothing and stops nothing: a supervisor does that. Where Redis is away the verdict is not
published, and still sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog

from slotwise.bus.status import VerdictStatus
from slotwise.health.metrics import Metric, verdict_metrics
from slotwise.health.verdict import Verdict
from slotwise.health.verdict.changes import Change, Sent, next_change
from slotwise.health.verdict.published import published
from slotwise.reconciliation.silences import states_silenced
from workers.screen.facts import Screen
from workers.screen.verdict import verdict_of

log = structlog.get_logger(__name__)

#: Time between two looks where nothing new is read, seconds: ages grow in that time.
LOOK_S = 1.0
#: Nothing is sent before this, seconds after the start: workers are asked in seconds, and a
#: system that has just been started is not complete yet.
SETTLES_S = 20.0


class Monitor:
    """The newest verdict, and what was sent of it."""

    def __init__(
        self,
        look: Callable[[], Screen],
        publish: Callable[[VerdictStatus], None],
        receivers: Sequence[Callable[[Change], None]],
        *,
        receiver_error: Callable[[], str] = lambda: "",
        settles_s: float = SETTLES_S,
    ) -> None:
        self._look = look
        self._publish = publish
        self._receivers = receivers
        self._receiver_error = receiver_error
        self._settles_s = settles_s
        self._started_at: datetime | None = None
        self._sent = Sent()
        self._verdict: Verdict | None = None

    def step(self) -> Verdict:
        """Look once, and act on what is found."""
        screen = self._look()
        verdict = verdict_of(screen)
        if self._verdict is None or verdict.state != self._verdict.state:
            log.info(
                "verdict", state=verdict.state, sentence=verdict.sentence, advice=verdict.advice
            )
        self._verdict = verdict
        self._publish(published(verdict, screen.now, self._receiver_error()))
        if self._is_settled(screen, verdict):
            silenced = frozenset[str]()
            if screen.lake is not None:
                silenced = states_silenced(screen.lake.silences, screen.now)
            self._sent, change = next_change(self._sent, verdict, screen.now, silenced)
            if change is not None:
                for receive in self._receivers:
                    receive(change)
        return verdict

    def ready(self) -> str:
        """Return why the system cannot do its work; empty where it does."""
        return "starting" if self._verdict is None else self._verdict.unready

    def metrics(self) -> Iterable[Metric]:
        """Return the metrics of the newest verdict."""
        return () if self._verdict is None else verdict_metrics(self._verdict)

    def _is_settled(self, screen: Screen, verdict: Verdict) -> bool:
        if self._started_at is None:
            self._started_at = screen.now
        if verdict.standing == "well":
            # What is well once has been started: from then on every change counts.
            self._settles_s = 0.0
        return (screen.now - self._started_at).total_seconds() >= self._settles_s
