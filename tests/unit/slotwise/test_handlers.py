"""Handlers: none disturbs another, and each sees the newest of what it missed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from slotwise.handlers import Handler, HandlerHub
from slotwise.update import PositionUpdate
from tests.support.values import NOON
from tests.unit.slotwise.recording_handlers import SOON, Recorder, update

#: A time no test waits for, seconds: a handler with it is called again only when the hub closes.
NEVER = 3600.0


class Stuck(Recorder):
    """Take a call and keep it until it is let go."""

    def __init__(self) -> None:
        super().__init__("stuck")
        self.let_go = threading.Event()

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        super().on_updates(updates)
        assert self.let_go.wait(SOON), "it was not released"


def test_a_handler_is_whatever_has_a_name_and_takes_updates() -> None:
    assert isinstance(Recorder(), Handler)
    assert not isinstance(object(), Handler)


def test_every_handler_gets_the_update(hub: HandlerHub) -> None:
    one, other = Recorder("one"), Recorder("other")
    hub.register(one)
    hub.register(other)
    hub.publish([update(1)])
    assert one.wait_for_calls(1)
    assert other.wait_for_calls(1)
    assert one.calls == other.calls == [[update(1)]]


def test_an_update_is_delivered_once(hub: HandlerHub) -> None:
    recorder = Recorder()
    hub.register(recorder)
    for number in (1, 2):
        hub.publish([update(number)])
        assert recorder.wait_for_calls(number)
    assert recorder.calls == [[update(1)], [update(2)]]


def test_what_a_handler_has_already_is_not_sent_again(hub: HandlerHub) -> None:
    recorder = Recorder()
    hub.register(recorder)
    hub.publish([update(1)])
    assert recorder.wait_for_calls(1)
    hub.publish([update(1)])
    hub.publish([update(1, 2)])
    assert recorder.wait_for_calls(2)
    assert recorder.calls == [[update(1)], [update(1, 2)]]


def test_a_poll_that_finds_nothing_new_is_no_news(hub: HandlerHub) -> None:
    """Its position is newer than the one before, and older than the quote that was sent."""
    recorder = Recorder()
    hub.register(recorder)
    later = replace(update(1), observed_at=NOON + timedelta(seconds=9))
    polled = replace(
        later, position=replace(later.position, observed_at=NOON + timedelta(seconds=5))
    )
    changed = replace(polled, position=replace(polled.position, quantity=Decimal(7)))
    hub.publish([later])
    assert recorder.wait_for_calls(1)
    hub.publish([polled])
    hub.publish([update(2)])
    assert recorder.wait_for_calls(2)
    hub.publish([changed])
    assert recorder.wait_for_calls(3)
    assert recorder.calls == [[later], [update(2)], [changed]]


def test_what_a_handler_failed_on_is_sent_again(hub: HandlerHub) -> None:
    failing = Recorder(failures=1)
    hub.register(failing)
    for number in (1, 2):
        hub.publish([update(1)])
        assert failing.wait_for_calls(number)
    hub.publish([update(2)])
    assert failing.wait_for_calls(3)
    assert failing.calls == [[update(1)], [update(1)], [update(2)]]


def test_a_slow_handler_delays_neither_another_nor_the_publisher(hub: HandlerHub) -> None:
    stuck, quick = Stuck(), Recorder("quick")
    hub.register(stuck)
    hub.register(quick)
    hub.publish([update(1)])
    assert stuck.wait_for_calls(1)
    for number in range(2, 5):
        hub.publish([update(number)])
        assert quick.wait_for_calls(number - 1)
    stuck.let_go.set()


def test_a_slow_handler_then_gets_only_the_newest_of_each_holding(hub: HandlerHub) -> None:
    stuck = Stuck()
    hub.register(stuck)
    hub.publish([update(1, 0)])
    assert stuck.wait_for_calls(1)
    for quantity in range(1, 1001):
        hub.publish([update(1, quantity)])
        hub.publish([update(2, quantity)])
    stuck.let_go.set()
    assert stuck.wait_for_calls(2)
    assert stuck.calls[1] == [update(1, 1000), update(2, 1000)]


def test_a_handler_that_raises_is_called_again_and_its_errors_are_counted(
    hub: HandlerHub,
) -> None:
    failing, fine = Recorder("failing", failures=2), Recorder("fine")
    hub.register(failing)
    hub.register(fine)
    for number in range(1, 4):
        hub.publish([update(number)])
        assert failing.wait_for_calls(number)
    assert fine.wait_for_calls(1)
    assert hub.errors() == {"failing": 2, "fine": 0}


def test_what_a_handler_missed_is_delivered_when_the_hub_closes() -> None:
    hub, rare = HandlerHub(), Recorder()
    hub.register(rare, every_s=NEVER)
    hub.publish([update(1)])
    assert rare.wait_for_calls(1)
    hub.publish([update(1, 2)])
    hub.publish([update(1, 3)])
    hub.close()
    assert rare.calls[1:] == [[update(1, 3)]]


def test_a_handler_is_not_called_more_often_than_it_asked_for() -> None:
    hub, rare, often = HandlerHub(), Recorder("rare"), Recorder("often")
    hub.register(rare, every_s=NEVER)
    hub.register(often)
    for number in range(1, 6):
        hub.publish([update(number)])
        assert often.wait_for_calls(number)
    assert rare.wait_for_calls(1)
    assert len(rare.calls) == 1
    hub.close()


def test_a_handler_is_not_called_without_updates() -> None:
    hub, idle = HandlerHub(), Recorder()
    hub.register(idle)
    hub.close()
    assert idle.calls == []


def test_a_handler_that_was_removed_gets_nothing_more(hub: HandlerHub) -> None:
    gone, there = Recorder("gone"), Recorder("there")
    hub.register(gone)
    hub.register(there)
    hub.unregister("gone")
    hub.publish([update(1)])
    assert there.wait_for_calls(1)
    assert gone.calls == []
    assert hub.errors() == {"there": 0}


def test_a_second_handler_of_a_name_takes_the_firsts_place(hub: HandlerHub) -> None:
    first, second = Recorder("same"), Recorder("same")
    hub.register(first)
    hub.register(second)
    hub.publish([update(1)])
    assert second.wait_for_calls(1)
    assert first.calls == []


def test_removing_an_unknown_handler_is_harmless(hub: HandlerHub) -> None:
    hub.unregister("absent")


def test_closing_leaves_no_thread() -> None:
    hub = HandlerHub()
    hub.register(Recorder("left-behind"))
    hub.close()
    assert "handler-left-behind" not in {thread.name for thread in threading.enumerate()}
