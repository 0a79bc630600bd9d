"""The schedule: what runs when, and that a stale beat is dropped."""

from __future__ import annotations

import pytest

from tasks.app import app
from tasks.schedule import EXPIRES_AFTER, LAKE, POLL, beat_schedule


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


def test_landing_follows_dispatch_within_the_beat() -> None:
    assert 0 < beat_schedule(5.0, 60.0, 300.0)["land"]["options"]["countdown"] < 5.0


@pytest.mark.parametrize("beat_s", [0.5, 5.0])
def test_a_stale_beat_expires_instead_of_piling_up(beat_s: float) -> None:
    for name, entry in beat_schedule(beat_s, 60.0, 300.0).items():
        every = entry["schedule"]
        assert entry["options"]["expires"] <= EXPIRES_AFTER * every, name
        assert entry["options"]["expires"] > entry["options"].get("countdown", 0), name


def test_what_writes_to_the_lake_goes_to_the_one_lake_worker() -> None:
    app.loader.import_default_modules()
    router = app.amqp.router
    for name in app.tasks:
        if name.startswith("celery."):
            continue
        queue = router.route({}, name)["queue"].name
        writes = name.startswith("tasks.landing.") or name == "tasks.batches.dispatch"
        assert queue == (LAKE if writes else POLL), name


def test_only_json_is_spoken() -> None:
    assert app.conf.accept_content == ["json"]
    assert (app.conf.task_serializer, app.conf.result_serializer) == ("json", "json")
