"""A handler in the loop is called where the update comes from, with all that others get."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from slotwise.handlers import HandlerHub
from slotwise.sighting import ConnectionState
from slotwise.update import PositionUpdate
from tests.support.values import NOON
from tests.unit.slotwise.recording_handlers import update


class Direct:
    """Note what comes, and in which thread."""

    name = "direct"
    in_loop = True

    def __init__(self) -> None:
        self.con_ids: list[list[int]] = []
        self.threads: set[int] = set()
        self.states: list[str] = []
        self.fails = False

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        self.threads.add(threading.get_ident())
        self.con_ids.append([one.position.contract.con_id for one in updates])
        if self.fails:
            raise ValueError("broken")

    def on_connection(self, connection: ConnectionState) -> None:
        self.states.append(connection.state)


def hub_with(handler: Direct) -> HandlerHub:
    hub = HandlerHub()
    hub.register(handler)
    return hub


def test_it_has_been_called_when_publish_returns_and_in_the_same_thread() -> None:
    handler = Direct()
    hub = hub_with(handler)
    hub.publish([update(1), update(2)])
    hub.publish_connection(ConnectionState(state="ready", is_ready=True, reason="", at=NOON))
    assert (handler.con_ids, handler.states) == ([[1, 2]], ["ready"])
    assert handler.threads == {threading.get_ident()}
    hub.close()


def test_what_it_was_called_with_is_not_sent_again() -> None:
    handler = Direct()
    hub = hub_with(handler)
    hub.publish([update(1)])
    hub.publish([update(1)])
    assert handler.con_ids == [[1]]


def test_one_that_raises_is_counted_and_called_again() -> None:
    handler = Direct()
    hub = hub_with(handler)
    handler.fails = True
    hub.publish([update(1)])
    handler.fails = False
    hub.publish([update(1)])
    assert (hub.errors(), handler.con_ids) == ({"direct": 1}, [[1], [1]])


def test_two_threads_that_publish_call_it_one_after_another() -> None:
    busy = threading.Semaphore(1)
    overlaps: list[bool] = []

    class Slow(Direct):
        def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
            free = busy.acquire(blocking=False)
            overlaps.append(not free)
            threading.Event().wait(0.002)
            if free:
                busy.release()

    hub = hub_with(Slow())

    def publish(number: int) -> None:
        for step in range(20):
            hub.publish([update(number * 100 + step)])

    threads = [threading.Thread(target=publish, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps
    assert not any(overlaps)
