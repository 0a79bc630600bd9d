"""From the queue to batches to rows, in one process and without waiting."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from slotwise.bus.client import Bus
from slotwise.bus.marks import encoded
from slotwise.bus.status import QueueStatus, StatusBoard
from slotwise.errors import BusError
from slotwise.lake.queries import landing_totals, queue_totals
from slotwise.lake.store import Lake
from slotwise.rules.landing import Answered, Leased
from slotwise.rules.marks.mark import Mark
from slotwise.rules.position_queue import Batch
from slotwise.settings import settings
from tasks.app import app
from tasks.batches import batch_ids, dispatch, label, poll_batch
from tasks.context import Context
from tasks.landing import land
from tasks.schedule import POLL
from tests.support.independent_reader import rows_of
from tests.support.values import item, position, quote, snapshot
from tests.unit.tasks.queue_steps import heads, hold, insert, now


def test_what_waits_is_polled_and_lands_within_the_beat(shared: Context, lake: Lake) -> None:
    hold(shared, *range(1, 121))
    shared.quotes.put([quote(1, bid=9, ask=11, observed_at=now())])
    insert(shared, *range(1, 121))
    dispatch()
    assert heads(shared) == ["Inserted", "Leased", "Answered", "Answered", "Answered"]
    land()
    totals = queue_totals(lake)
    assert (totals.succeeded, totals.pending) == (120, 0)
    landed = landing_totals(lake)
    assert (landed.rows, landed.commits, landed.wrong_items) == (120, 1, 0)
    assert rows_of(lake, "position_updates", "price", "con_id = 1") == [(10,)]
    assert shared.landing.length() == 0


def test_a_polled_row_has_the_newest_mark_of_its_contract(shared: Context, lake: Lake) -> None:
    hold(shared, 1, 2)
    made_at = now()
    made = Mark(1, made_at.timestamp(), 2.5, 0.25, "model", made_at.timestamp() - 90)
    shared.mark_board.put(encoded([made], made_at))
    insert(shared, 1, 2)
    dispatch()
    land()
    rows = rows_of(lake, "position_updates", "con_id, mark, band, mark_source, mark_age_s")
    assert sorted(rows) == [(1, 2.5, 0.25, "model", 90.0), (2, None, None, None, None)]


def test_a_batch_holds_at_most_fifty_contracts(shared: Context) -> None:
    insert(shared, *range(1, 121))
    dispatch()
    [leased] = [e.head for e in shared.landing.read(0, 10) if isinstance(e.head, Leased)]
    assert [len(batch.items) for batch in leased.batches] == [50, 50, 20]


def test_an_empty_queue_sends_and_writes_nothing(shared: Context, lake: Lake) -> None:
    dispatch()
    land()
    assert (heads(shared), landing_totals(lake).commits) == ([], 0)


@pytest.mark.parametrize("hours", [-5, 5])
def test_a_gateways_clock_that_is_hours_off_stops_no_poll(
    shared: Context, lake: Lake, hours: float
) -> None:
    there = now() + timedelta(hours=hours)
    shared.snapshots.put(snapshot("s1", position(1, observed_at=there), when=there))
    insert(shared, 1)
    dispatch()
    land()
    assert rows_of(lake, "position_queue", "attempt", "state = 'succeeded'") == [(1,)]


def test_without_a_snapshot_a_batch_fails_and_waits_for_the_next_try(
    shared: Context, lake: Lake
) -> None:
    insert(shared, 1)
    dispatch()
    land()
    assert queue_totals(lake).pending == 1
    [(error,)] = rows_of(lake, "position_queue", "DISTINCT error", "error IS NOT NULL")
    assert "no complete position snapshot" in error


def test_the_last_try_fails_for_good_with_its_reason(shared: Context, lake: Lake) -> None:
    """A quantity that its column cannot hold."""
    insert(shared, 1)
    for number in range(settings().max_attempts):
        huge = position(1, "1" + "0" * 30, observed_at=now())
        shared.snapshots.put(snapshot(f"s{number}", huge, when=now()))
        dispatch()
        land()
    assert queue_totals(lake).failed == 1
    assert landing_totals(lake).rows == 0
    [(attempt, error)] = rows_of(lake, "position_queue", "attempt, error", "state = 'failed'")
    assert attempt == settings().max_attempts
    assert "quantity" in error


def test_batches_of_one_second_have_ids_of_their_own() -> None:
    """Also those that are leased apart: an answer belongs to one batch alone."""
    at = now()
    ids = [batch_id for _ in range(5000) for batch_id in batch_ids(at, 2)]
    assert len(set(ids)) == len(ids)


def test_an_item_whose_holding_closed_ends_without_having_failed(
    shared: Context, lake: Lake
) -> None:
    hold(shared, 2)
    insert(shared, 1)
    dispatch()
    land()
    totals = queue_totals(lake)
    assert (totals.closed, totals.failed, totals.pending) == (1, 0, 0)
    assert landing_totals(lake).rows == 0


def test_items_wait_untried_for_a_snapshot_however_long_it_takes(
    shared: Context, lake: Lake
) -> None:
    """One round says what is missing; then nothing is leased until there is something to read."""
    insert(shared, 1)
    for _ in range(3 * settings().max_attempts):
        dispatch()
        land()
    assert queue_totals(lake).pending == 1
    assert len(rows_of(lake, "position_queue", "revision")) == 1
    hold(shared, 1)
    dispatch()
    land()
    assert rows_of(lake, "position_queue", "attempt", "state = 'succeeded'") == [(1,)]


@pytest.mark.parametrize("rounds", [20])
def test_while_no_worker_is_there_items_wait_untried_and_nothing_piles_up(
    shared: Context, bus: Bus, lake: Lake, monkeypatch: pytest.MonkeyPatch, rounds: int
) -> None:
    """Messages of batches that no worker takes stay in the queue, and no more are sent."""
    key, config = shared.backlog.key(POLL), settings()
    sent: list[Batch] = []

    def stays(args: tuple[dict[str, Any]], **_: object) -> None:
        sent.append(msgspec.convert(args[0], Batch))
        bus.redis.lpush(key, "a message")

    monkeypatch.setattr(poll_batch, "apply_async", stays)
    monkeypatch.setenv("SLOTWISE_LEASE_S", "0.001")
    settings.cache_clear()
    shared.settings = settings()
    hold(shared, *range(1, 201))
    insert(shared, *range(1, 201))
    for _ in range(rounds):
        dispatch()
        land()
    assert len(sent) == 4, "four batches of fifty, once"
    assert queue_totals(lake).failed == 0
    assert rows_of(lake, "position_queue", "max(attempt)", "state = 'waiting'") == [(0,)]
    bus.redis.delete(key)
    monkeypatch.undo()
    shared.settings = config
    dispatch()
    land()
    assert queue_totals(lake).succeeded == 200


@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("ago_h", [-5, 0, 5])
def test_a_batch_that_never_answered_is_tried_again(
    shared: Context, lake: Lake, monkeypatch: pytest.MonkeyPatch, begun: bool, ago_h: float
) -> None:
    """It was a try where a worker had begun it. When the clock says it was leased is no matter."""
    lease_s = 0.2
    monkeypatch.setattr(shared.settings, "lease_s", lease_s)
    hold(shared, 1)
    insert(shared, 1)
    long_ago = now() - timedelta(hours=ago_h)
    lost = Batch("lost", long_ago, long_ago + timedelta(seconds=20), (item(1),))
    shared.landing.append(Leased((), (lost,), long_ago))
    if begun:
        shared.started.mark("lost")
    dispatch()
    land()
    assert not rows_of(lake, "position_queue", "state", "state = 'succeeded'"), "under lease"
    time.sleep(lease_s)
    dispatch()
    land()
    rows = rows_of(
        lake, "position_queue", "attempt, state, error", "batch_id = 'lost' AND state <> 'leased'"
    )
    reason = "no answer" if begun else "no worker began it"
    assert rows == [(int(begun), "waiting", f"{reason} before the lease ran out")]
    assert rows_of(lake, "position_queue", "attempt", "state = 'succeeded'") == [(1 + begun,)]


def test_a_batch_that_runs_twice_lands_once(shared: Context, lake: Lake) -> None:
    hold(shared, 1)
    insert(shared, 1)
    dispatch()
    [leased] = [e.head for e in shared.landing.read(0, 10) if isinstance(e.head, Leased)]
    poll_batch(msgspec.to_builtins(leased.batches[0]))
    land()
    poll_batch(msgspec.to_builtins(leased.batches[0]))
    land()
    landed = landing_totals(lake)
    assert (landed.rows, landed.wrong_items) == (1, 0)


def test_a_batch_travels_as_plain_json(shared: Context) -> None:
    batch = Batch("b", now(), now() + timedelta(seconds=20), (item(1), item(2)))
    sent = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(batch)))
    assert msgspec.convert(sent, Batch) == batch
    poll_batch(sent)
    [entry] = shared.landing.read(0, 10)
    assert isinstance(entry.head, Answered)
    assert entry.head.attempt.batch_id == "b"


def test_a_landing_says_what_waits_and_what_it_did(shared: Context, bus: Bus) -> None:
    hold(shared, 1)
    insert(shared, 1)
    dispatch()
    insert(shared, 2, 3)
    land()
    status = StatusBoard(bus).get(QueueStatus)
    assert status is not None
    assert (status.waiting, status.leased, status.landing_entries) == (2, 0, 0)
    assert status.landed_rows > 0
    assert status.oldest_s >= 0
    assert sum(status.ages) == 2
    assert [line.rows for line in status.landings] == [status.landed_rows]


def test_a_lost_redis_is_a_bus_error_and_the_next_beat_goes_on(
    shared: Context, bus: Bus, lake: Lake
) -> None:
    hold(shared, 1)
    insert(shared, 1)
    bus.redis.rename(bus.key("landing"), bus.key("aside"))
    bus.redis.set(bus.key("landing"), "no stream")
    with pytest.raises(BusError):
        dispatch()
    bus.redis.rename(bus.key("aside"), bus.key("landing"))
    dispatch()
    land()
    assert queue_totals(lake).succeeded == 1


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "('1 contract: 1 batch b',)"),
        (3, "('3 contracts: 1, 2, 3 batch b',)"),
        (50, "('50 contracts: 1, 2, 3 ... batch b',)"),
    ],
)
def test_a_batch_is_named_for_people_by_its_first_contracts(count: int, text: str) -> None:
    items = tuple(item(number) for number in range(1, count + 1))
    assert label(Batch("b", now(), now(), items)) == text


def test_tasks_are_found_under_the_names_flower_shows() -> None:
    app.loader.import_default_modules()
    assert {"tasks.batches.dispatch", "tasks.batches.poll_batch", "tasks.landing.land"} <= set(
        app.tasks
    )
