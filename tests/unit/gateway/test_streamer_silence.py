"""Lines that are silent are asked for again, each by its own habit."""

from __future__ import annotations

import pytest

from tests.support.values import contract
from tests.unit.gateway.streaming_desk import CONTRACTS, Desk, ticking
from workers.gateway.lines.habit import Habit
from workers.gateway.lines.in_flight import TIMEOUT_S
from workers.gateway.lines.silence import Silence
from workers.gateway.lines.staleness import LEAST_S, Staleness
from workers.gateway.lines.table import HeldLine


class UnreadHabit(Habit):
    """A habit that must not be read."""

    @property
    def longest_s(self) -> float | None:
        raise AssertionError("the habit of a line that ticks was looked at")


def test_a_silent_line_is_asked_for_again() -> None:
    """Closed, then opened, on the line it held; its silence and its return are in the ledger."""
    desk = Desk(lines=1)
    desk.want(1, 2)
    desk.broker.tick(1, last=5)
    desk.now += LEAST_S
    desk.streamer.look_for_silence()
    assert desk.broker.wire == ["open 1", "close 1", "open 1"]
    desk.broker.tick(1, last=6)
    assert desk.events()[0] == (2, "waits")
    assert desk.events()[1:] == [(1, "opened"), (1, "first_tick"), (1, "silent"), (1, "returned")]
    desk.streamer.look_for_silence()
    assert len(desk.broker.wire) == 3


def test_a_line_of_a_closed_market_may_be_silent() -> None:
    desk = Desk(market_open=False)
    desk.want(1)
    desk.now += 10 * LEAST_S
    desk.streamer.look_for_silence()
    assert desk.broker.wire == ["open 1"]


def test_a_suspected_line_is_asked_for_again_by_its_own_habit() -> None:
    """A busy one within seconds, unless it ticks; one that is usually quiet is given its time."""
    desk = Desk()
    desk.want(1, 2, 3)
    ticking(desk, {1: 0.25, 2: 0.25, 3: 20.0}, 200.0)
    desk.streamer.check_all_lines()
    opened = len(desk.broker.wire)
    for _ in range(30):
        desk.now += 0.5
        desk.broker.tick(2, last=6)
        desk.streamer.look_for_silence()
    assert desk.broker.wire[opened:] == ["close 1", "open 1"]


def test_a_line_of_unknown_habit_is_asked_for_again_only_where_all_of_its_kind_are_silent() -> None:
    """One of them, as a test; where it brings the known prices, nothing was missed."""
    desk = Desk()
    desk.want(1, 2, 3)
    for con_id in (1, 2, 3):
        desk.broker.tick(con_id, last=5)
    ticking(desk, {3: 1.0}, 60.0)
    assert len(desk.broker.wire) == 3
    desk.now += 20 * LEAST_S
    for _ in range(4):
        desk.streamer.look_for_silence()
        desk.wait(1.0)
    assert desk.broker.wire[3:] == ["close 3", "open 3", "close 1", "open 1"]
    desk.broker.tick(1, last=5)
    for _ in range(8):
        desk.wait(1.0)
        desk.streamer.look_for_silence()
    assert (1, "silent") not in desk.events()


@pytest.mark.parametrize("answer", ["another price", "nothing"])
def test_a_probe_that_shows_a_dead_line_is_a_gap_since_its_last_tick(answer: str) -> None:
    """And the others of its kind are asked for again too."""
    desk = Desk()
    desk.want(1, 2)
    for con_id in (1, 2):
        desk.broker.tick(con_id, last=5)
    desk.now += LEAST_S
    desk.streamer.look_for_silence()
    assert desk.broker.wire[2:] == ["close 1", "open 1"]
    if answer == "another price":
        desk.broker.tick(1, last=6)
    for _ in range(6):
        desk.wait(1.0)
        desk.streamer.look_for_silence()
    assert (1, "silent") in desk.events()
    assert ((1, "returned") in desk.events()) is (answer == "another price")
    assert desk.broker.wire[4:6] == ["close 2", "open 2"]


def test_a_line_that_ticks_in_its_opening_alone_is_missed_again() -> None:
    """A farm that is away may give the prices it has; the stream is no more than before."""
    desk = Desk()
    desk.want(1)
    ticking(desk, {1: 0.5}, 30.0)
    for _ in range(3):
        for _ in range(int(LEAST_S) + 2):
            desk.wait(1.0)
            desk.streamer.look_for_silence()
        if desk.broker.wire.count("open 1") == 2 and (1, "returned") not in desk.events():
            desk.broker.tick(1, last=6)
    assert desk.broker.wire.count("open 1") == 2
    assert desk.events()[2:] == [(1, "silent"), (1, "returned"), (1, "silent")]


def test_lines_are_asked_for_again_one_after_another() -> None:
    """Also where all die at once: within the message budget, and never over the limit."""
    desk = Desk(lines=12, server=12)
    desk.want(*CONTRACTS)
    for _ in CONTRACTS:
        desk.wait(TIMEOUT_S)
    ticking(desk, dict.fromkeys(CONTRACTS, 0.5), 30.0)
    opened = len(desk.broker.wire)
    desk.now += LEAST_S + 0.1
    desk.streamer.look_for_silence()
    assert len(desk.broker.wire) == opened + 2
    while len(desk.broker.wire) < opened + 2 * len(CONTRACTS):
        desk.wait(TIMEOUT_S)
        assert len(desk.timers) < 100
    assert desk.broker.refused == []
    assert set(desk.broker.lines) == set(CONTRACTS)
    assert desk.broker.peak == 12


def test_a_line_that_tws_cannot_feed_is_blind_until_it_ticks() -> None:
    """1100 and 1102: nothing is asked for, and the gap is in the ledger."""
    desk = Desk()
    desk.want(1)
    desk.broker.tick(1, last=5)
    desk.streamer.upstream_lost("TWS notice 1100")
    desk.streamer.upstream_lost("TWS notice 2110")
    desk.broker.tick(1, last=6)
    assert desk.events() == [(1, "opened"), (1, "first_tick"), (1, "lost"), (1, "returned")]


def test_lines_that_tick_cost_no_look_at_their_habits() -> None:
    """A hundred of them are looked over four times a second."""
    lines = []
    for con_id in (1, 2):
        staleness = Staleness(0.0, UnreadHabit())
        lines.append(HeldLine(contract(con_id), 0.0, staleness, stale=False))
        staleness.heard(1.0)
    silence = Silence(lambda one: True)
    assert silence.missed(lines, 2.0) == silence.due(lines, 2.0) == []
