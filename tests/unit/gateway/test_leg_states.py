"""Each active contract has one state, with the time since which it is not seen."""

from __future__ import annotations

from decimal import Decimal

import pytest

from slotwise.bus.status import LegStatus
from slotwise.contract import Contract
from slotwise.registry import StrategyRegistry
from slotwise.rules.lines import Claim
from tests.support.memory_registry import MemoryRegistryStore
from tests.support.values import NOON, at, contract, option
from workers.gateway.active_contracts import ActiveContracts, active_of
from workers.gateway.broker import Refusal
from workers.gateway.lines.leg_states import QUIET_S, STARTS_S, LegStates
from workers.gateway.lines.table import LineTable

_KNOWN = {1: contract(1), 2: option(2, expiry="20260529"), 3: contract(3)}


class Desk:
    """A table of three lines, and the states that are read of it."""

    def __init__(self, lines: int = 3, *, rotation_reserve: int = 0) -> None:
        self.table = LineTable(lines, rotation_reserve=rotation_reserve)
        self.closed: set[int] = set()
        self.states = LegStates(
            self.table, _KNOWN.__getitem__, lambda one: one.con_id in self.closed
        )

    def read(self, now: float, *con_ids: int, connected: bool = True) -> dict[int, LegStatus]:
        active = ActiveContracts(
            {con_id: Claim(1) for con_id in con_ids}, dict.fromkeys(con_ids, ("s",))
        )
        self.table.plan(active.wanted, now)
        found = self.states.read(active, connected=connected, now=now, at=at(now))
        return {one.con_id: one for one in found}

    def open(self, one: Contract, now: float) -> None:
        self.table.opened(one, now)

    def tick(self, con_id: int, now: float) -> None:
        line = self.table.held[con_id]
        line.stale = False
        line.staleness.heard(now)


def test_leg_with_ticks_is_seen() -> None:
    desk = Desk()
    desk.open(_KNOWN[1], 0)
    desk.tick(1, 1)
    assert desk.read(2, 1)[1] == LegStatus(con_id=1, label="S1", strategies=("s",))


def test_leg_without_ticks_starts_and_is_unseen_then() -> None:
    desk = Desk()
    desk.open(_KNOWN[1], 0)
    assert desk.read(1, 1)[1].state == "starting"
    late = desk.read(STARTS_S + 1, 1)[1]
    assert (late.state, late.since) == ("unseen", at(0))


def test_leg_that_fell_silent_is_unseen_since_its_last_tick() -> None:
    desk = Desk()
    desk.open(_KNOWN[1], 0)
    desk.tick(1, 10)
    desk.read(11, 1)
    desk.table.held[1].stale = True
    assert desk.read(40, 1)[1].since == at(10)
    assert desk.read(70, 1)[1].since == at(10)


def test_leg_starts_again_when_another_session_has_given_the_data_back() -> None:
    desk = Desk()
    desk.open(_KNOWN[1], 0)
    desk.tick(1, 1)
    desk.read(2, 1)
    desk.table.held[1].stale = True
    assert desk.read(60, 1)[1].state == "unseen"
    desk.table.access.back_at = 60.0
    assert desk.read(60 + STARTS_S - 1, 1)[1].state == "starting"
    assert desk.read(60 + STARTS_S + 1, 1)[1].state == "unseen"


def test_leg_of_a_closed_market_is_closed() -> None:
    desk = Desk()
    desk.open(_KNOWN[1], 0)
    desk.closed = {1}
    assert desk.read(60, 1)[1].state == "closed"


def test_leg_whose_market_closes_is_closed_once_no_tick_comes() -> None:
    """A silence that is right is not looked for, so the line does not count as blind."""
    desk = Desk()
    desk.open(_KNOWN[1], 0)
    desk.tick(1, 10)
    desk.closed = {1}
    assert desk.read(10 + QUIET_S - 1, 1)[1].state == "seen"
    assert desk.read(10 + QUIET_S, 1)[1].state == "closed"
    desk.tick(1, 90)
    assert desk.read(91, 1)[1].state == "seen"


def test_leg_without_a_line_waits_where_none_is_free() -> None:
    desk = Desk(lines=1)
    desk.open(_KNOWN[3], 0)
    assert desk.read(60, 1, 3)[1].state == "waiting"


def test_leg_is_unseen_without_a_connection() -> None:
    found = Desk().read(0, 1, connected=False)[1]
    assert (found.state, found.reason) == ("unseen", "there is no connection to TWS")


@pytest.mark.parametrize(
    ("con_id", "code", "state"), [(1, 200, "unknown"), (2, 200, "expired"), (1, 354, "refused")]
)
def test_leg_that_tws_refuses_says_why(con_id: int, code: int, state: str) -> None:
    desk = Desk()
    desk.open(_KNOWN[con_id], 0)
    desk.table.was_refused(con_id, Refusal(code, "no"), 1)
    found = desk.read(60, con_id)[con_id]
    assert found.state == state
    assert found.reason == (
        "expired on 2026-05-29" if state == "expired" else f"TWS error {code}: no"
    )


def test_leg_that_is_wanted_no_more_is_forgotten() -> None:
    desk = Desk()
    desk.read(0, 1)
    assert desk.read(100, 3).keys() == {3}
    assert desk.read(200, 1)[1].since == at(200)


def test_leg_says_how_much_of_it_is_whose() -> None:
    registry = StrategyRegistry(MemoryRegistryStore())
    registry.activate("a", [1, 3], NOON, 1, {1: Decimal(-2)})
    registry.activate("b", [1], NOON, 2, {1: Decimal(5)})
    active = active_of(registry)
    found = Desk().states.read(active, connected=True, now=0.0, at=at(0))
    assert {one.con_id: one.quantities for one in found} == {1: {"a": -2, "b": 5}, 3: {}}


def test_leg_status_is_made_again_only_where_something_changed() -> None:
    """A new contract has a new label; another copy of the registry may have other owners."""
    known = {1: contract(1), 2: contract(2)}
    states = LegStates(LineTable(1), known.__getitem__, lambda one: False)

    def read(active: ActiveContracts) -> tuple[LegStatus, ...]:
        return states.read(active, connected=False, now=20.0, at=at(20.0))

    first = ActiveContracts({1: Claim(1), 2: Claim(1)}, {1: ("s",), 2: ("s",)})
    one, two = read(first)
    known[2] = option(2, expiry="20260529")
    again, renamed = read(first)
    assert again is one
    assert (renamed.label, two.label) == (known[2].label, "S2")
    [moved] = read(ActiveContracts({1: Claim(1)}, {1: ("t", "s")}))
    assert moved.strategies == ("t", "s")


def test_leg_waits_also_while_the_line_kept_for_quotes_is_between_two_of_them() -> None:
    """It is no strategy's line, so the cause stays the same from quote to quote."""
    desk = Desk(2, rotation_reserve=1)
    desk.table.quotes_in_turn = True
    desk.open(_KNOWN[1], 0)
    desk.tick(1, 1)
    assert desk.table.free() == 1
    for now in (1, STARTS_S + 60):
        leg = desk.read(now, 1, 3)[3]
        assert (leg.state, leg.reason) == ("waiting", "no line is free")
    desk.table.quotes_in_turn = False
    assert desk.read(STARTS_S + 61, 1, 3)[3].state == "unseen", "the line is free"


def test_leg_whose_turn_begins_after_a_long_wait_starts_and_is_unseen_then() -> None:
    """It was wanted long ago, but its line is new; `since` stays the time of the wish."""
    desk = Desk(lines=1)
    desk.open(_KNOWN[3], 0)
    assert desk.read(0, 1, 3)[1].state == "waiting"
    desk.read(60, 1, 3)
    desk.table.closed(3)
    desk.open(_KNOWN[1], 61)
    begun = desk.read(62, 1)[1]
    assert (begun.state, begun.since) == ("starting", at(0))
    assert desk.read(61 + STARTS_S + 1, 1)[1].state == "unseen"
