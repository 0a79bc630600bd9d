"""Handlers receive what they have methods for: gaps, connections, verdicts."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from msgspec.structs import replace

from slotwise.bus.status import VerdictStatus
from slotwise.handlers import HandlerHub
from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
from slotwise.update import PositionUpdate
from tests.support.values import NOON, contract, position
from tests.unit.slotwise.recording_handlers import SOON, Recorder, update


class Watchful(Recorder):
    """Note every call by its name, in order."""

    def __init__(self) -> None:
        super().__init__("watchful")
        self.received: list[tuple[str, object]] = []

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        self.received.append(("updates", [u.position.contract.con_id for u in updates]))
        super().on_updates(updates)

    def on_unseen(self, contracts: Sequence[ContractUnseen]) -> None:
        self.received.append(("unseen", [(c.contract.con_id, c.reason) for c in contracts]))

    def on_seen(self, contracts: Sequence[ContractSeen]) -> None:
        self.received.append(("seen", [c.contract.con_id for c in contracts]))

    def on_connection(self, connection: ConnectionState) -> None:
        self.received.append(("connection", connection.state))

    def on_verdict(self, verdict: VerdictStatus) -> None:
        self.received.append(("verdict", verdict.state))


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
    assert ("connection", "ready") in watchful.received
    assert ("verdict", "farm_down") in watchful.received
    assert [value for what, value in watchful.received if what == "unseen"][-1:] == [[(2, "lost")]]
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
    before = len(busy.received)
    busy.let_go.set()
    hub.unregister("watchful")
    assert ("unseen", [(1, "lost")]) in busy.received[: before + 1]
    after = [one for one in busy.received[before:] if one != ("unseen", [(1, "lost")])]
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
