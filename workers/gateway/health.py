"""GatewayHealth: the gateway's answers to questions about its health over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from slotwise.bus.status import GatewayStatus
from slotwise.health.metrics import Metric, gateway_metrics

#: The event loop ticks each second; where it has not for this long, seconds, it hangs.
HANGS_AFTER_S = 15.0
#: A snapshot is late after this many intervals of polls and this many seconds.
LATE_AFTER, LATE_S = 2.0, 15.0


class GatewayHealth:
    """The last tick and the status at it; read from another thread."""

    def __init__(self, poll_interval_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._late_s = LATE_AFTER * poll_interval_s + LATE_S
        self._clock = clock
        self._ticked_at = clock()
        self._status: GatewayStatus | None = None

    def tick(self, status: GatewayStatus) -> None:
        """Note that the event loop runs, with the status of now."""
        self._ticked_at, self._status = self._clock(), status

    def alive(self) -> str:
        """Return why the process should be started again; empty where it should not."""
        silent_s = self._clock() - self._ticked_at
        return f"the event loop hangs for {silent_s:.0f} s" if silent_s > HANGS_AFTER_S else ""

    def ready(self) -> str:
        """Return why it does not do its work; empty where it does."""
        status = self._status
        if status is None:
            return "starting"
        if status.connected_at is None:
            return f"no connection to TWS: {status.detail or status.session}"
        if status.polled_at is None:
            return "no whole position snapshot yet"
        age_s = (datetime.now(UTC) - status.polled_at).total_seconds()
        return f"the newest snapshot is {age_s:.0f} s old" if age_s > self._late_s else ""

    def metrics(self) -> Iterable[Metric]:
        """Return the metrics of the last tick."""
        return () if self._status is None else gateway_metrics(self._status, datetime.now(UTC))
