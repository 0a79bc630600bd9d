"""Lines are what the registry wants, within the limit."""

from __future__ import annotations

import asyncio

from slotwise.rules.lines import DWELL_S, TURN_S, Claim
from tests.unit.gateway.listeners import until
from tests.unit.gateway.streaming_desk import Desk, quoting
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.lines.in_flight import TIMEOUT_S
from workers.gateway.lines.table import RETRY_REFUSED_S
from workers.gateway.message_budget import MOST, WINDOW_S


def test_lines_follow_the_registry() -> None:
    """A new contract gets a line, one not wanted any more loses it, the others are not touched."""
    desk = Desk()
    desk.want(1, 2)
    desk.want(2, 3)
    assert set(desk.broker.lines) == {2, 3}
    assert desk.broker.wire == ["open 1", "open 2", "close 1", "open 3"]


def test_with_too_few_lines_the_most_important_have_them() -> None:
    """Who waits is visible, in order."""
    desk = Desk(lines=2)
    desk.want(1, 2, 3, 4)
    assert set(desk.broker.lines) == {1, 2}
    assert desk.streamer.without_line() == [3, 4]


def test_a_line_is_closed_before_its_successor_opens() -> None:
    """At no moment is there one line too many."""
    desk = Desk(lines=2, server=2)
    desk.want(1, 2)
    desk.wait(DWELL_S)
    desk.want(3, 1)
    assert desk.broker.wire[-2:] == ["close 2", "open 3"]
    assert desk.broker.refused == []


def test_a_line_just_opened_is_kept_for_its_dwell() -> None:
    """Even a higher priority waits that long, so that no line flaps."""
    desk = Desk(lines=1, server=1)
    desk.want(1)
    desk.want(2, 1)
    assert desk.streamer.without_line() == [2]
    desk.wait(DWELL_S)
    assert set(desk.broker.lines) == {2}


def test_equals_take_turns() -> None:
    """Three contracts of one priority share a line; the first in the queue is next."""
    desk = Desk(lines=1, server=1)
    desk.want_ranked({1: 1, 2: 1, 3: 1})
    seen = [*desk.broker.lines]
    for _ in range(4):
        desk.wait(TURN_S)
        seen += desk.broker.lines
    assert seen == [1, 2, 3, 1, 2]


def test_a_contract_asked_for_one_by_one_keeps_its_place() -> None:
    """Between two steps no contract from the queue gets in front of the one to be opened."""
    desk = Desk(lines=2)
    desk.streamer.active = ActiveContracts({con_id: Claim(1) for con_id in (1, 2, 3)}, {})
    desk.streamer.step()
    assert desk.streamer.without_line() == [3]
    desk.wait(TIMEOUT_S)
    assert set(desk.broker.lines) == {1, 2}


def test_no_line_waits_in_the_queue_of_messages() -> None:
    """There it could not be taken back; it is asked for when there is room."""
    desk = Desk()
    for _ in range(MOST):
        desk.broker.messages.spent(desk.now)
    desk.want(1)
    assert desk.broker.wire == []
    desk.wait(WINDOW_S)
    assert desk.broker.wire == ["open 1"]


def test_the_reserve_is_left_alone() -> None:
    """TWS's own windows need lines too."""
    desk = Desk(lines=4, reserve=2)
    desk.want(1, 2, 3)
    assert set(desk.broker.lines) == {1, 2}


def test_an_activation_takes_the_line_of_a_quote() -> None:
    """One cancel, then the request; of several quotes the oldest gives way."""
    desk = quoting(7, 8)
    desk.want(1)
    assert desk.broker.wire == ["cancel 7", "open 1"]
    assert list(desk.table.quoting) == [8]


def test_an_activation_takes_the_line_of_its_own_quote_first() -> None:
    """The contract is not asked for twice at once."""
    desk = quoting(7, 8)
    desk.want(8)
    assert desk.broker.wire == ["cancel 8", "open 8"]
    assert list(desk.table.quoting) == [7]


def test_however_often_it_looks_one_timer_waits_for_the_next_line() -> None:
    """Each of many would set another, and a hundred lines a hundred of them."""
    desk = Desk()
    desk.streamer.active = ActiveContracts({con_id: Claim(1) for con_id in (1, 2, 3)}, {})
    for _ in range(5):
        desk.streamer.step()
    assert len(desk.timers) == 1
    desk.now += TIMEOUT_S
    desk.timers.pop()()
    assert desk.broker.wire == ["open 1", "mark"]
    assert len(desk.timers) == 1
    assert len(desk.timers) == 1


def test_a_refused_contract_leaves_its_line_to_others() -> None:
    """It is asked for again later, and at once on a new connection."""
    desk = Desk(lines=1)
    desk.want(1, 2)
    desk.broker.refuse(1, code=354)
    desk.broker.answer()
    assert set(desk.broker.lines) == {2}
    assert desk.streamer.without_line() == [1]
    desk.wait(RETRY_REFUSED_S)
    assert set(desk.broker.lines) == {1}
    desk.broker.refuse(1, code=354)
    desk.broker.forget()
    desk.streamer.lines_gone("dropped")
    desk.wait(0)
    assert set(desk.broker.lines) == {1}


def test_an_unknown_contract_is_looked_up_once() -> None:
    """One that TWS does not know is refused with its reason; the others go on."""

    async def run() -> None:
        desk = Desk(lines=1)
        desk.broker.unknown = {99}
        desk.want(99, 50, 1)
        desk.streamer.step()
        assert set(desk.broker.lines) == set()
        await until(lambda: desk.broker.lines)
        assert desk.broker.wire.count("details 99") == 1
        assert set(desk.broker.lines) == {50}
        assert desk.table.refused[99].refusal.code == 200

    asyncio.run(run())


def test_ticks_reach_the_listener_until_the_line_closes() -> None:
    """The first one is an event of the ledger; one in flight at the close belongs to no line."""
    desk = Desk()
    desk.want(1)
    late = desk.broker.lines[1]
    desk.broker.tick(1, last=5)
    desk.broker.tick(1, last=6)
    desk.want()
    late(desk.quotes[-1:])
    assert [q.last for q in desk.quotes] == [5, 6]
    assert desk.events() == [(1, "opened"), (1, "first_tick"), (1, "closed")]
