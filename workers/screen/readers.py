"""Read what the screen shows: what cannot be read is a fact as well."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import msgspec

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.bus.redis_facts import RedisFacts
from slotwise.bus.server_info import redis_facts
from slotwise.bus.status import (
    BeatStatus,
    GatewayStatus,
    LakeStatus,
    QueueStatus,
    StatusBoard,
    VerdictStatus,
)
from slotwise.bus.trouble import trouble_of
from slotwise.errors import BusError, LakeError
from slotwise.lake.queries import entries_set_aside, failed_since
from slotwise.lake.reconciliation_queries import last_report, open_breaks, silence_rows
from slotwise.lake.store import Lake
from workers.screen.facts import BusFacts, LakeFacts, WorkerFacts
from workers.screen.our_clock import ClockReadings, on_our_clock

T = TypeVar("T", bound=msgspec.Struct)

#: Items that failed longer ago are no news; `slotwise queue dead` lists them all.
FAILED_KEPT = timedelta(days=2)
#: Redis is asked for its own report this often, seconds: each costs it five commands.
REDIS_S = 5.0


class BusReader:
    """A reader of the boards that keeps their last content while Redis does not answer."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._asked: RedisFacts | None = None
        self._asked_at = 0.0
        self._status = StatusBoard(bus)
        self._quotes = QuoteBoard(bus)
        self._last = BusFacts()
        self._clocks = ClockReadings()

    def read(self) -> BusFacts:
        """Read how things stand."""
        before = self._last
        try:
            # A status that its process no longer renews is kept and shown with its age.
            gateway = self._get(GatewayStatus, "the gateway")
            if gateway is None and self._status.has(GatewayStatus):
                why = "the gateway's status cannot be read, is it of another version?"
                self._last = before.lost(why, datetime.now(UTC))
                return self._last
            gateway = gateway or before.gateway
            shown = (
                [] if gateway is None else [*gateway.lines, *(leg.con_id for leg in gateway.legs)]
            )
            verdict = self._get(VerdictStatus, "the monitor")
            self._last = BusFacts(
                gateway=gateway,
                queue=self._get(QueueStatus, "the lake worker") or before.queue,
                lake=self._get(LakeStatus, "the lake worker") or before.lake,
                beat=self._get(BeatStatus, "beat") or before.beat,
                monitor_at=before.monitor_at if verdict is None else verdict.at,
                receiver_error="" if verdict is None else verdict.receiver_error,
                quotes=self._quotes.get(shown),
                redis=self._redis(),
                clocks=self._clocks.apart(),
                read_at=datetime.now(UTC),
            )
            self._mark_refusal(before)
        except BusError as error:
            self._last = self._last.lost(str(error), datetime.now(UTC), trouble_of(error))
        except msgspec.MsgspecError as error:
            why = f"what is there cannot be read, is it of another version? {error}"
            self._last = self._last.lost(why, datetime.now(UTC))
        return self._last

    def _get(self, kind: type[T], whose: str) -> T | None:
        """Read a status on our clock, and note how far its writer's clock is ahead."""
        status, age_s = self._status.get_with_age(kind)
        if status is None or age_s is None:
            return status
        written: Any = status
        ours, ahead = on_our_clock(status, age_s, datetime.now(UTC))
        self._clocks.note(whose, written.at, ahead)
        return ours

    def _redis(self) -> RedisFacts:
        """Return Redis's own report, asked for again each `REDIS_S`."""
        now = time.monotonic()
        if self._asked is None or now - self._asked_at > REDIS_S or self._asked.trouble:
            self._asked, self._asked_at = redis_facts(self._bus), now
        return self._asked

    def _mark_refusal(self, before: BusFacts) -> None:
        """Note since when Redis answers and takes no writes."""
        redis = self._last.redis
        if redis is not None and redis.trouble:
            since = before.away_since or self._last.read_at
            self._last = msgspec.structs.replace(self._last, away_since=since)


def read_workers() -> WorkerFacts:
    """Ask which workers run."""
    # Imported here: it reads the settings, and what is wrong with them is a line of the command.
    from tasks.inspect_workers import inspect_workers

    try:
        found = inspect_workers()
    except BusError as error:
        return WorkerFacts(read_at=datetime.now(UTC), error=str(error))
    queues = {name: tuple(of) for name, of in found.items()}
    return WorkerFacts(read_at=datetime.now(UTC), queues=queues)


def read_lake(lake: Lake) -> LakeFacts:
    """Ask the lake how book and broker agree."""
    try:
        # A report on one account says nothing of the others.
        report = last_report(lake, of_all=True)
        stale = report is not None and report.status == "stale"
        return LakeFacts(
            read_at=datetime.now(UTC),
            report=report,
            verified=last_report(lake, of_all=True, verified=True) if stale else report,
            breaks=tuple(open_breaks(lake)),
            set_aside=len(entries_set_aside(lake)),
            failed_items=failed_since(lake, _first_day()),
            silences=tuple(silence_rows(lake)),
            disk_free_share=_disk_free_share(lake.address),
        )
    except LakeError as error:
        return LakeFacts(read_at=datetime.now(UTC), error=str(error))


def _first_day() -> date:
    return (datetime.now(UTC) - FAILED_KEPT).date()


def _disk_free_share(address: str) -> float | None:
    if "://" in address:
        return None
    try:
        usage = shutil.disk_usage(address)
    except OSError:
        return None
    return usage.free / usage.total if usage.total else None
