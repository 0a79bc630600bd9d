"""The schedule: what runs when, whatever the clock is set to."""

from __future__ import annotations

import time
from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest

from tasks.app import app
from tasks.schedule import LAKE, LAND_AFTER, POLL, MemoryScheduler, beat_schedule

#: A machine that does much else has sent what is due within this, seconds.
TIMEOUT_S = 60.0


def test_every_entry_names_a_task_there_is() -> None:
    app.loader.import_default_modules()
    for name, entry in beat_schedule(5.0, 60.0, 300.0).items():
        assert entry["task"] in app.tasks, name


def test_batches_go_out_and_land_once_a_beat() -> None:
    schedule = beat_schedule(5.0, 60.0, 300.0)
    assert {name: entry["schedule"] for name, entry in schedule.items()} == {
        "dispatch": 5.0,
        "land": 5.0,
        "reconcile": 60.0,
        "watch": 5.0,
        "maintain": 300.0,
    }


@pytest.mark.parametrize("beat_s", [0.5, 5.0])
def test_no_message_carries_a_time_that_another_machine_would_compare(beat_s: float) -> None:
    """Celery makes times of the clock of beat's machine from `expires` and `countdown`."""
    for name, entry in beat_schedule(beat_s, 60.0, 300.0).items():
        assert set(entry) == {"task", "schedule"}, name


def test_landing_follows_dispatch_within_the_beat_without_drifting_away() -> None:
    """Each message takes a moment to send, which must not add up."""
    scheduler = Noting(app, lazy=True)
    beat_s = 0.6
    scheduler.app.conf.beat_schedule, before = (
        beat_schedule(beat_s, 60.0, 300.0),
        scheduler.app.conf.beat_schedule,
    )
    try:
        scheduler.setup_schedule()
    finally:
        scheduler.app.conf.beat_schedule = before
    until = time.monotonic() + TIMEOUT_S
    while len(scheduler.sent_s["land"]) < 10 and time.monotonic() < until:
        time.sleep(max(scheduler.tick(), 0.001))
    # A busy machine sends late and never early, so the earliest of several was sent as planned.
    dispatched_s, landed_s = scheduler.sent_s["dispatch"], scheduler.sent_s["land"]
    first_s = dispatched_s[0]
    grid_s = first_s + min((at - first_s + beat_s / 2) % beat_s - beat_s / 2 for at in dispatched_s)
    for half_s in (landed_s[:5], landed_s[5:]):
        late_s = min(
            (at - grid_s - beat_s * LAND_AFTER + beat_s / 4) % beat_s - beat_s / 4 for at in half_s
        )
        assert late_s <= beat_s / 4


def test_what_writes_to_the_lake_goes_to_the_one_lake_worker() -> None:
    app.loader.import_default_modules()
    router = app.amqp.router
    for name in app.tasks:
        if name.startswith("celery."):
            continue
        queue = router.route({}, name)["queue"].name
        lake_workers = ("tasks.landing.", "tasks.lake_admin.", "tasks.batches.dispatch")
        writes = name.startswith(lake_workers)
        assert queue == (LAKE if writes else POLL), name


def test_only_json_is_spoken() -> None:
    assert app.conf.accept_content == ["json"]
    assert (app.conf.task_serializer, app.conf.result_serializer) == ("json", "json")


class Counting(MemoryScheduler):
    """A scheduler that counts what it would send."""

    sent = 0
    #: Celery's own one connects to Redis, and there is none here.
    producer = None

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        self.sent += 1

    def _publish(self, now: float) -> None:
        """Publish nothing: there is no Redis here."""


class Noting(Counting):
    """A scheduler that takes a while to send, and keeps when it sent what."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.sent_s: dict[str, list[float]] = defaultdict(list)
        super().__init__(*args, **kwargs)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        self.sent_s[entry.name].append(time.monotonic())
        time.sleep(0.005)


@pytest.mark.parametrize("hours", [-240, -5, 0, 5, 240])
def test_a_clock_that_is_set_stops_and_adds_no_periodic_task(
    monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """The application's clock, which Celery's own schedule reads, jumps between two ticks."""
    scheduler = Counting(app, lazy=True)
    for name in ("one", "two"):
        scheduler.add(name=name, task="tasks.landing.land", schedule=timedelta(seconds=0.2))
    scheduler.populate_heap()
    real = app.now
    monkeypatch.setattr(app, "now", lambda: real() + timedelta(hours=hours))
    before = time.monotonic()
    while scheduler.sent < 4 and time.monotonic() - before < TIMEOUT_S:
        time.sleep(min(max(scheduler.tick(), 0.01), 0.1))
    assert scheduler.sent >= 4
    assert time.monotonic() - before >= 0.3, "at its interval"
