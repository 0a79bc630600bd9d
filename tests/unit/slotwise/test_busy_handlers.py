"""A handler that does not return is known by the time of its call."""

from __future__ import annotations

import time

from slotwise.handlers import HandlerHub
from tests.unit.slotwise.recording_handlers import SOON, Recorder, update
from tests.unit.slotwise.test_handlers import Stuck
from workers.stack.child import wait_until


def test_a_call_under_way_is_timed_and_one_that_returned_is_not() -> None:
    hub, stuck, works = HandlerHub(), Stuck(), Recorder("works", failures=1)
    hub.register(stuck)
    hub.register(works)
    began = time.monotonic()
    hub.publish([update(1)])
    assert stuck.wait_for_calls(1)
    assert works.wait_for_calls(1)
    assert wait_until(lambda: set(hub.busy_s()) == {"stuck"}, SOON), hub.busy_s()
    before = hub.busy_s()["stuck"]
    assert 0 <= before <= time.monotonic() - began
    assert wait_until(lambda: hub.busy_s()["stuck"] > before, SOON)
    stuck.let_go.set()
    assert wait_until(lambda: not hub.busy_s(), SOON)
    hub.close()
