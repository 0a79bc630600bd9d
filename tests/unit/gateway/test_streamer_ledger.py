"""What the ledger of lines says: losses, gaps, refusals."""

from __future__ import annotations

import pytest

from slotwise.rules.data_gaps import LineEvent, data_gaps
from slotwise.rules.lines import TURN_S
from tests.unit.gateway.streaming_desk import Desk, ticking
from workers.gateway.broker import Refusal
from workers.gateway.lines.staleness import LEAST_S


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
    reported = [row for _, batch in desk.entries for row in batch.to_pylist()]
    return [LineEvent(**(row | {"reason": row["reason"] or ""})) for row in reported]


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
            desk.streamer.upstream_lost("TWS notice 1100")
    missed = rows(desk)[-1]
    assert missed.event == ("lost" if how == "blind" else how)
    assert missed.at == desk.quotes[-1].observed_at


def test_a_contract_that_waits_again_has_a_gap_until_its_turn_or_until_it_is_not_wanted() -> None:
    """Giving way is no end of being wanted; the end of its strategy is."""
    desk = Desk(lines=1)
    desk.want_ranked({1: 1, 2: 1})
    desk.broker.tick(1, last=5)
    desk.wait(TURN_S)
    assert desk.events() == [
        (2, "waits"), (1, "opened"), (1, "first_tick"), (1, "gave_way"), (2, "opened"),
    ]  # fmt: skip
    assert data_gaps(rows(desk))[1][-1].end is None
    desk.want_ranked({2: 1})
    assert desk.events()[5:] == [(1, "closed")]
    assert data_gaps(rows(desk))[1][-1].end is not None
    desk.wait(1.0)
    assert len(desk.events()) == 6


def test_a_strategy_that_closes_while_there_is_no_connection_ends_the_blindness() -> None:
    """Those ticks are not wanted any more."""
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
    """A refusal without a code is reported in its own words."""
    assert Refusal(354, "no").reason == "TWS error 354: no"
    assert Refusal(0, "no answer").reason == "no answer"
