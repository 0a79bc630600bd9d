"""Lines are what the registry wants, within the limit."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future

import pytest

from slotwise.rules.data_gaps import LineEvent, blind_intervals
from slotwise.rules.lines import DWELL_S, TURN_S, Claim
from tests.unit.gateway.listeners import until
from tests.unit.gateway.streaming_desk import CONTRACTS, Desk
from workers.gateway.active import Active
from workers.gateway.broker import Refusal
from workers.gateway.lines.in_flight import PATIENCE_S
from workers.gateway.lines.limit import PROBE_S
from workers.gateway.lines.staleness import LEAST_S
from workers.gateway.lines.table import RETRY_REFUSED_S
from workers.gateway.message_budget import MOST, WINDOW_S


def test_lines_follow_the_registry() -> None:
    """A new contract gets a line, one that nobody wants loses it, the others are not touched."""
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


def test_who_is_asked_for_one_by_one_keeps_its_place() -> None:
    """Between two steps nobody from the queue gets in front of who was to be opened."""
    desk = Desk(lines=2)
    desk.streamer.active = Active({con_id: Claim(1) for con_id in (1, 2, 3)}, {})
    desk.streamer.step()
    assert desk.streamer.without_line() == [3]
    desk.wait(PATIENCE_S)
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


def quoting(*con_ids: int) -> Desk:
    """Make a desk whose every line takes a quote."""
    desk = Desk(lines=len(con_ids), server=len(con_ids))
    for con_id in con_ids:
        desk.table.quote_began(con_id, desk.now)
        desk.broker.snapshots[con_id] = Future()
        desk.table.answered(con_id)
    return desk


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


def test_error_101_counts_the_quotes_under_way() -> None:
    """They hold lines too, so those are known to be there."""
    desk = quoting(7, 8)
    desk.table.allowance.allowed = desk.table.allowance.known = 5
    desk.want(1)
    desk.broker.deliver()
    assert desk.table.limit == 2


def test_however_often_it_looks_one_timer_waits_for_the_next_line() -> None:
    """Each of many would set another, and a hundred lines a hundred of them."""
    desk = Desk()
    desk.streamer.active = Active({con_id: Claim(1) for con_id in (1, 2, 3)}, {})
    for _ in range(5):
        desk.streamer.step()
    assert len(desk.timers) == 1
    desk.now += PATIENCE_S
    desk.timers.pop()()
    assert desk.broker.wire == ["open 1", "mark"]
    assert len(desk.timers) == 1
    assert len(desk.timers) == 1


def test_error_101_lowers_the_limit_and_drops_nobody() -> None:
    """One refusal is enough; the most important hold the lines there are, and the rest wait."""
    desk = Desk(lines=5, server=3)
    desk.want(1, 2, 3, 4, 5)
    desk.broker.deliver()
    assert desk.table.limit == 3
    desk.wait(PATIENCE_S)
    assert set(desk.broker.lines) == {1, 2, 3}
    assert desk.streamer.without_line() == [4, 5]
    assert desk.broker.refused == [4]


def test_a_refusal_counts_the_lines_there_were_when_it_was_asked() -> None:
    """One that was given back before the refusal came was held when TWS counted."""
    desk = Desk(lines=4, server=1)
    desk.want(1)
    desk.want(1, 2)
    desk.want(2)
    desk.broker.deliver()
    assert desk.table.limit == 1
    desk.wait(PATIENCE_S)
    assert set(desk.broker.lines) == {2}


def test_a_limit_that_fell_follows_the_quotes_down() -> None:
    """Each of their lines may be the one that is gone, and none is asked for again at once."""
    desk = quoting(6, 7, 8, 9)
    desk.table.quote_was_full(6, desk.now)
    limits = []
    for con_id in (7, 8, 9):
        desk.table.quote_ended(con_id)
        limits.append(desk.table.limit)
    assert limits == [2, 1, 0]


def test_a_higher_limit_is_found_again() -> None:
    """While somebody waits one more is tried; the one that is taken is followed by the others."""
    desk = Desk(lines=8, server=3)
    desk.want(1, 2, 3, 4, 5, 6)
    desk.broker.deliver()
    desk.broker.limit = 8
    desk.wait(PROBE_S - 0.1)
    assert set(desk.broker.lines) == {1, 2, 3}
    desk.wait(0.1)
    assert set(desk.broker.lines) == {1, 2, 3, 4, 5, 6}
    assert desk.broker.refused == [4]


def test_a_limit_outlives_the_connection() -> None:
    """Nothing is asked for that is known to be refused."""
    desk = Desk(lines=8, server=3)
    desk.want(1, 2, 3, 4, 5, 6)
    desk.broker.deliver()
    desk.broker.forget()
    desk.streamer.lines_gone("dropped")
    desk.wait(0.1)
    assert set(desk.broker.lines) == {1, 2, 3}
    assert desk.broker.refused == [4]


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
    """The first one is an event of the ledger; one in flight at the close is nobody's."""
    desk = Desk()
    desk.want(1)
    late = desk.broker.lines[1]
    desk.broker.tick(1, last=5)
    desk.broker.tick(1, last=6)
    desk.want()
    late(desk.quotes[-1:])
    assert [q.last for q in desk.quotes] == [5, 6]
    assert desk.events() == [(1, "opened"), (1, "first_tick"), (1, "closed")]


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


def ticking(desk: Desk, every_s: dict[int, float], seconds: float) -> None:
    """Let lines tick at their own pace for a while, the silence of others being looked for."""
    end, next_at = desk.now + seconds, {c: desk.now + pace for c, pace in every_s.items()}
    while min(next_at.values()) <= end:
        con_id = min(next_at, key=lambda c: next_at[c])
        desk.now = next_at[con_id]
        desk.broker.tick(con_id, last=1 + int(desk.now) % 97)
        next_at[con_id] += every_s[con_id]
        desk.streamer.look_for_silence()
    desk.now = end


def test_a_suspected_line_is_asked_for_again_by_its_own_habit() -> None:
    """A busy one within seconds, unless it ticks; one that is usually quiet is given its time."""
    desk = Desk()
    desk.want(1, 2, 3)
    ticking(desk, {1: 0.25, 2: 0.25, 3: 20.0}, 200.0)
    desk.streamer.suspect_all()
    opened = len(desk.broker.wire)
    for _ in range(30):
        desk.now += 0.5
        desk.broker.tick(2, last=6)
        desk.streamer.look_for_silence()
    assert desk.broker.wire[opened:] == ["close 1", "open 1"]


def test_a_line_of_unknown_habit_is_asked_for_again_only_where_all_of_its_kind_are_silent() -> None:
    """One of them, to see; where it brings the prices that are known, nobody missed anything."""
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
        desk.wait(PATIENCE_S)
    ticking(desk, dict.fromkeys(CONTRACTS, 0.5), 30.0)
    opened = len(desk.broker.wire)
    desk.now += LEAST_S + 0.1
    desk.streamer.look_for_silence()
    assert len(desk.broker.wire) == opened + 2
    while len(desk.broker.wire) < opened + 2 * len(CONTRACTS):
        desk.wait(PATIENCE_S)
        assert len(desk.timers) < 100
    assert desk.broker.refused == []
    assert set(desk.broker.lines) == set(CONTRACTS)
    assert desk.broker.peak == 12


def test_a_line_that_tws_cannot_feed_is_blind_until_it_ticks() -> None:
    """1100 and 1102: nothing is asked for, and the gap is in the ledger."""
    desk = Desk()
    desk.want(1)
    desk.broker.tick(1, last=5)
    desk.streamer.went_blind("TWS notice 1100")
    desk.streamer.went_blind("TWS notice 2110")
    desk.broker.tick(1, last=6)
    assert desk.events() == [(1, "opened"), (1, "first_tick"), (1, "lost"), (1, "returned")]


def test_a_lost_connection_is_in_the_ledger() -> None:
    """Each line is lost and opened again."""
    desk = Desk()
    desk.want(1, 2)
    desk.streamer.pause()
    desk.streamer.lines_gone("dropped")
    desk.broker.forget()
    desk.streamer.step()
    assert desk.broker.lines == {}
    desk.streamer.ready()
    desk.wait(0)
    assert desk.events()[2:] == [(1, "lost"), (2, "lost"), (1, "opened"), (2, "opened")]


def rows(desk: Desk) -> list[LineEvent]:
    """Read the ledger as the lake gets it."""
    desk.ledger.flush()
    told = [row for _, batch in desk.entries for row in batch.to_pylist()]
    return [LineEvent(**(row | {"reason": row["reason"] or ""})) for row in told]


@pytest.mark.parametrize("how", ["silent", "lost", "refused", "blind"])
def test_a_line_that_is_missed_was_last_seen_at_its_last_tick(how: str) -> None:
    """However late it is found out: the row bears the time of the tick."""
    desk = Desk()
    desk.want(1)
    ticking(desk, {1: 0.5}, 30.0)
    desk.now += LEAST_S
    match how:
        case "silent":
            desk.streamer.look_for_silence()
        case "lost":
            desk.streamer.lines_gone("dropped")
        case "refused":
            desk.broker.refuse(1)
        case "blind":
            desk.streamer.went_blind("TWS notice 1100")
    missed = rows(desk)[-1]
    assert missed.event == ("lost" if how == "blind" else how)
    assert missed.at == desk.quotes[-1].observed_at


def test_a_contract_that_waits_again_is_blind_until_it_is_its_turn_or_nobody_wants_it() -> None:
    """Giving way is no end of being wanted; the end of its strategy is."""
    desk = Desk(lines=1)
    desk.want_ranked({1: 1, 2: 1})
    desk.broker.tick(1, last=5)
    desk.wait(TURN_S)
    assert desk.events() == [
        (2, "waits"), (1, "opened"), (1, "first_tick"), (1, "gave_way"), (2, "opened"),
    ]  # fmt: skip
    assert blind_intervals(rows(desk))[1][-1].end is None
    desk.want_ranked({2: 1})
    assert desk.events()[5:] == [(1, "closed")]
    assert blind_intervals(rows(desk))[1][-1].end is not None
    desk.wait(1.0)
    assert len(desk.events()) == 6


def test_a_strategy_that_closes_while_there_is_no_connection_ends_the_blindness() -> None:
    """Nobody wants those ticks any more."""
    desk = Desk()
    desk.want(1, 2)
    desk.streamer.pause()
    desk.broker.forget()
    desk.streamer.lines_gone("dropped")
    desk.want(2)
    assert desk.events()[2:] == [(1, "lost"), (2, "lost"), (1, "closed")]


def test_the_end_of_the_gateway_is_a_loss() -> None:
    """Its contracts are wanted still."""
    desk = Desk()
    desk.want(1)
    desk.streamer.close_all()
    assert desk.events() == [(1, "opened"), (1, "lost")]


def test_refusals_name_their_code() -> None:
    """A refusal without a code is told in its own words."""
    assert Refusal(354, "no").reason == "TWS error 354: no"
    assert Refusal(0, "no answer").reason == "no answer"
