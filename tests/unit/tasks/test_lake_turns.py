"""Workers of the lake take turns, and see what each other did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.leases import Lease
from slotwise.lake.lander import Lander
from slotwise.lake.queries import queue_totals
from slotwise.lake.store import Lake
from slotwise.rules.landing import Inserted, Leased
from slotwise.rules.position_queue import Batch, NewItem
from slotwise.settings import settings
from tasks.batches import BATCHES_IN_FLIGHT, dispatch
from tasks.context import Context
from tasks.landing import land
from tests.support.values import ACCOUNT, item
from tests.unit.tasks.queue_steps import heads, hold, insert, now


def test_no_more_batches_are_leased_than_may_be_in_flight(
    shared: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without workers the queue waits; it does not fill Redis."""
    monkeypatch.setenv("SLOTWISE_BATCH_SIZE", "1")
    settings.cache_clear()
    shared.settings = settings()
    insert(shared, *range(1, BATCHES_IN_FLIGHT + 20))
    dead = [
        Batch(f"b{number}", now(), now() + timedelta(hours=1), (item(number),))
        for number in range(1, BATCHES_IN_FLIGHT - 2)
    ]
    shared.landing.append(Leased((), tuple(dead), now()))
    dispatch()
    leased = [e.head for e in shared.landing.read(0, 10) if isinstance(e.head, Leased)]
    assert len(leased[-1].batches) == 3


def test_while_another_lake_worker_has_its_turn_nothing_is_done(
    shared: Context, bus: Bus, lake: Lake
) -> None:
    insert(shared, 1)
    with Lease(bus, "lake").held():
        dispatch()
        land()
    assert heads(shared) == ["Inserted"]
    assert queue_totals(lake).inserted == 0


def test_what_another_lake_worker_did_is_seen_in_the_next_turn(
    shared: Context, bus: Bus, lake: Lake
) -> None:
    """Here it lands the item; so the holding may be queued again, and is polled again."""
    hold(shared, 1)
    insert(shared, 1)
    dispatch()
    with Lease(bus, "lake").held():
        Lander(lake, shared.landing).land(now())
    again = NewItem("i1-again", ACCOUNT, 1, 2)
    shared.landing.append(Inserted((again,), now()))
    dispatch()
    assert heads(shared) == ["Inserted", "Leased", "Answered"]
