"""Events of tasks leave for Flower together, soon, and also after a lost connection."""

from __future__ import annotations

import time

import pytest
from kombu.asynchronous import Hub

from tasks.celery_setup.consumer import GATHERED_S, GatheringConsumer
from workers.stack.child import wait_until

#: Long enough for what is due after GATHERED_S, on a machine that does ten other things, seconds.
SOON_S = 10.0


class Dispatcher:
    """Count how often the events left."""

    def __init__(self) -> None:
        self.left = 0

    def flush(self) -> None:
        self.left += 1


@pytest.fixture
def consumer() -> GatheringConsumer:
    """Give a consumer with a loop that is turned by hand, and no connection."""
    consumer = GatheringConsumer.__new__(GatheringConsumer)
    consumer.hub, consumer.event_dispatcher = Hub(), Dispatcher()
    return consumer


def turned_until_left(consumer: GatheringConsumer, times: int) -> bool:
    def left() -> bool:
        consumer.hub.fire_timers()
        return bool(consumer.event_dispatcher.left >= times)

    return wait_until(left, SOON_S, step_s=GATHERED_S / 5)


def test_many_events_leave_as_one_message(consumer: GatheringConsumer) -> None:
    for _ in range(100):
        consumer.on_send_event_buffered()
    assert consumer.event_dispatcher.left == 0, "not at once"
    assert turned_until_left(consumer, 1)
    time.sleep(GATHERED_S)
    consumer.hub.fire_timers()
    assert consumer.event_dispatcher.left == 1


def test_later_events_leave_too(consumer: GatheringConsumer) -> None:
    for round_ in (1, 2, 3):
        consumer.on_send_event_buffered()
        assert turned_until_left(consumer, round_)
        time.sleep(GATHERED_S)


def test_a_loop_that_lost_its_timers_does_not_keep_events_for_ever(
    consumer: GatheringConsumer,
) -> None:
    """Celery clears them with each lost connection."""
    consumer.on_send_event_buffered()
    consumer.hub.timer.clear()
    time.sleep(GATHERED_S)
    consumer.on_send_event_buffered()
    assert turned_until_left(consumer, 1)
