"""What workers and beat answer when asked over HTTP how they are."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import structlog
from celery import bootsteps
from celery.signals import beat_init
from celery.worker import state

from slotwise.bus.status import QueueStatus
from slotwise.errors import BusError, LakeError
from slotwise.health.metrics import Metric, beat_metrics, lake_metrics, worker_metrics
from slotwise.health.server import Health, HealthServer, serve
from slotwise.lake.maintenance import table_state
from slotwise.lake.schemas import TABLES
from slotwise.lake.table_state import TableState
from slotwise.settings import settings
from tasks.app import app
from tasks.context import context
from tasks.schedule import LAKE, MemoryScheduler

log = structlog.get_logger(__name__)

#: The lake's tables are looked at this rarely, seconds: each look reads their logs.
TABLES_EACH_S = 60.0
#: Beat looks for due tasks each second; where it has not for this long, seconds, it hangs.
BEAT_HANGS_AFTER_S = 30.0


class HealthStep(bootsteps.StartStopStep):  # type: ignore[misc]  # celery ships no types
    """Serve a worker's health, from its start to its end."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._server: HealthServer | None = None
        self._connected = False
        self._lands = LAKE in consumer.app.amqp.queues.consume_from
        self._tables: tuple[float, list[TableState]] = (float("-inf"), [])

    def start(self, consumer: Any) -> None:
        """Begin at the first connection."""
        self._connected = True
        if self._server is None:
            config = settings()
            # What hangs is ended by the watchdog: a process that answers is alive.
            health = Health(lambda: "", self._ready, self._metrics)
            self._server = serve(health, config.health_host, config.health_port)

    def stop(self, consumer: Any) -> None:
        """Note that the connection is gone."""
        self._connected = False

    def shutdown(self, consumer: Any) -> None:
        """End with the worker."""
        if self._server is not None:
            self._server.close()

    def _ready(self) -> str:
        return "" if self._connected else "no connection to Redis"

    def _metrics(self) -> Iterable[Metric]:
        yield from worker_metrics(
            state.total_count, len(state.active_requests), len(state.reserved_requests)
        )
        if self._lands:
            yield from self._lake_metrics()

    def _lake_metrics(self) -> Iterable[Metric]:
        try:
            queue, counters = context().status.get(QueueStatus), context().counters.all()
        except BusError as error:
            log.warning("metrics without Redis", reason=str(error))
            queue, counters = None, {}
        return lake_metrics(queue, self._table_states(), counters)

    def _table_states(self) -> list[TableState]:
        read_at, tables = self._tables
        if time.monotonic() - read_at > TABLES_EACH_S:
            lake = context().lake
            try:
                tables = [table_state(lake, name) for name in TABLES]
            except LakeError as error:
                log.warning("metrics without the lake", reason=str(error))
                tables = []
            self._tables = (time.monotonic(), tables)
        return tables


app.steps["consumer"].add(HealthStep)


@beat_init.connect  # type: ignore[untyped-decorator]  # celery ships no types
def _serve_beat(sender: Any = None, **_: object) -> None:
    config = settings()

    def alive() -> str:
        looked_at_s = MemoryScheduler.looked_at_s
        silent_s = 0.0 if looked_at_s is None else time.monotonic() - looked_at_s
        return f"beat hangs for {silent_s:.0f} s" if silent_s > BEAT_HANGS_AFTER_S else ""

    def ready() -> str:
        return "starting" if MemoryScheduler.looked_at is None else ""

    def metrics() -> Iterable[Metric]:
        return beat_metrics(MemoryScheduler.looked_at)

    serve(Health(alive, ready, metrics), config.health_host, config.health_port)
