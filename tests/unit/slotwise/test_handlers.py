"""Handlers: none disturbs another, and each sees the newest of what it missed."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from slotwise.bus.status import VerdictStatus
from slotwise.handlers import Handler, HandlerHub
from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
from slotwise.update import PositionUpdate
from tests.support.values import NOON, contract, position

#: A handler that works is called well within this, seconds.
SOON = 5.0
#: A time no test waits for, seconds: a handler with it is called again only when the hub closes.
NEVER = 3600.0


def update(con_id: int, quantity: int = 1) -> PositionUpdate:
    return PositionUpdate(
        position=position(con_id, quantity), quote=None, strategies=("s",), observed_at=NOON
    )


class Recorder:
    """Note every call; raise in the first few if asked to."""

    def __init__(self, name: str = "recorder", failures: int = 0) -> None:
        self.name = name
        self.calls: list[list[PositionUpdate]] = []
        self._failures = failures
        self._called = threading.Condition()

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        with self._called:
            self.calls.append(list(updates))
            self._called.notify_all()
        if len(self.calls) <= self._failures:
            raise ValueError("no")

    def wait_for_calls(self, count: int) -> bool:
        with self._called:
            return self._called.wait_for(lambda: len(self.calls) >= count, SOON)


class Stuck(Recorder):
    """Take a call and keep it until it is let go."""

    def __init__(self) -> None:
        super().__init__("stuck")
        self.let_go = threading.Event()

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        super().on_updates(updates)
        assert self.let_go.wait(SOON), "nobody let it go"


@pytest.fixture
def hub() -> Iterator[HandlerHub]:
    hub = HandlerHub()
    yield hub
    hub.close()


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


def test_what_a_handler_knows_already_it_is_not_told_again(hub: HandlerHub) -> None:
    recorder = Recorder()
    hub.register(recorder)
    hub.publish([update(1)])
    assert recorder.wait_for_calls(1)
    hub.publish([update(1)])
    hub.publish([update(1, 2)])
    assert recorder.wait_for_calls(2)
    assert recorder.calls == [[update(1)], [update(1, 2)]]


def test_a_poll_that_finds_nothing_new_is_no_news(hub: HandlerHub) -> None:
    """Its position is newer than the one before, and older than the quote that was told."""
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


def test_what_a_handler_failed_on_it_is_told_again(hub: HandlerHub) -> None:
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


def test_a_handler_that_was_removed_hears_nothing_more(hub: HandlerHub) -> None:
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
    hub.unregister("nobody")


def test_closing_leaves_no_thread() -> None:
    hub = HandlerHub()
    hub.register(Recorder("left-behind"))
    hub.close()
    assert "handler-left-behind" not in {thread.name for thread in threading.enumerate()}


class Watchful(Recorder):
    """Note every call by its name, in order."""

    def __init__(self) -> None:
        super().__init__("watchful")
        self.said: list[tuple[str, object]] = []

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        self.said.append(("updates", [u.position.contract.con_id for u in updates]))
        super().on_updates(updates)

    def on_unseen(self, contracts: Sequence[ContractUnseen]) -> None:
        self.said.append(("unseen", [(c.contract.con_id, c.reason) for c in contracts]))

    def on_seen(self, contracts: Sequence[ContractSeen]) -> None:
        self.said.append(("seen", [c.contract.con_id for c in contracts]))

    def on_connection(self, connection: ConnectionState) -> None:
        self.said.append(("connection", connection.state))

    def on_verdict(self, verdict: VerdictStatus) -> None:
        self.said.append(("verdict", verdict.state))


def unseen(con_id: int, reason: str = "lost") -> ContractUnseen:
    return ContractUnseen(contract=contract(con_id), since=NOON, reason=reason)


def seen(con_id: int) -> ContractSeen:
    return ContractSeen(contract=contract(con_id), unseen_since=NOON, at=NOON)


def connection(state: str) -> ConnectionState:
    return ConnectionState(state=state, is_ready=state == "ready", reason="", at=NOON)


def verdict(state: str) -> VerdictStatus:
    return VerdictStatus(at=NOON, standing="wrong", state=state, sentence=state)


def test_a_handler_receives_what_it_has_methods_for(hub: HandlerHub) -> None:
    """And one that has none of them is disturbed by nothing."""
    watchful, plain = Watchful(), Recorder()
    hub.register(watchful)
    hub.register(plain)
    hub.publish_connection(connection("ready"))
    hub.publish_verdict(verdict("farm_down"))
    hub.publish_sighting(unseen(1))
    hub.publish_sighting(seen(1))
    hub.publish_sighting(unseen(2))
    hub.publish([update(3)])
    hub.unregister("watchful")
    hub.unregister("recorder")
    assert ("connection", "ready") in watchful.said
    assert ("verdict", "farm_down") in watchful.said
    assert [said for what, said in watchful.said if what == "unseen"][-1:] == [[(2, "lost")]]
    assert [[u.position.contract.con_id for u in call] for call in plain.calls] == [[3]]


def test_of_what_changed_while_a_handler_worked_it_receives_the_newest(hub: HandlerHub) -> None:
    """Connection first, then what is seen again, updates, and what is not seen any more."""

    class Busy(Watchful):
        def __init__(self) -> None:
            super().__init__()
            self.let_go = threading.Event()

        def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
            super().on_updates(updates)
            assert self.let_go.wait(SOON)

    busy = Busy()
    hub.register(busy)
    hub.publish_sighting(unseen(1))
    hub.publish([update(9)])
    assert busy.wait_for_calls(1)
    hub.publish_sighting(unseen(1, "still"))
    hub.publish_sighting(unseen(2))
    hub.publish_sighting(seen(2))
    hub.publish_sighting(unseen(3))
    hub.publish_sighting(seen(1))
    hub.publish([update(9, 2)])
    hub.publish_connection(connection("waiting to reconnect"))
    hub.publish_connection(connection("ready"))
    hub.publish_verdict(verdict("farm_down"))
    hub.publish_verdict(verdict("well"))
    before = len(busy.said)
    busy.let_go.set()
    hub.unregister("watchful")
    assert ("unseen", [(1, "lost")]) in busy.said[: before + 1]
    after = [one for one in busy.said[before:] if one != ("unseen", [(1, "lost")])]
    assert after == [
        ("connection", "ready"),
        ("verdict", "well"),
        ("seen", [1]),
        ("updates", [9]),
        ("unseen", [(3, "lost")]),
    ]


def test_a_call_that_raises_stops_no_other(hub: HandlerHub) -> None:
    class Failing(Watchful):
        def on_connection(self, connection: ConnectionState) -> None:
            raise ValueError("no")

    failing = Failing()
    hub.register(failing)
    hub.publish_connection(connection("ready"))
    hub.publish([update(1)])
    assert failing.wait_for_calls(1)
    assert hub.errors() == {"watchful": 1}


def test_what_no_account_holds_goes_to_handlers_and_not_to_the_lake(hub: HandlerHub) -> None:
    """A row of quantity 0 in no account would be a closing of nothing."""
    every, held = Recorder("every"), Recorder("held")
    hub.register(every)
    hub.register(held, only_held=True)
    watched = replace(update(1, 0), position=replace(position(1, 0), account=""))
    hub.publish([watched, update(2, 0)])
    assert every.wait_for_calls(1)
    assert held.wait_for_calls(1)
    assert {u.position.contract.con_id for u in every.calls[0]} == {1, 2}
    assert {u.position.contract.con_id for u in held.calls[0]} == {2}
