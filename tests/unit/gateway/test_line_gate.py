"""One line after another: no request is sent while a refusal may be on its way."""

from __future__ import annotations

from slotwise.rules.lines import Claim
from tests.unit.gateway.streaming_desk import Desk
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.lines.in_flight import MARK_TIMEOUT_S, TIMEOUT_S


def asking(desk: Desk, *con_ids: int) -> None:
    """Want contracts; TWS has sent nothing yet."""
    claims = {con_id: Claim(rank) for rank, con_id in enumerate(con_ids, 1)}
    desk.streamer.active = ActiveContracts(claims, {})
    desk.streamer.step()


def silence(desk: Desk, seconds: float) -> None:
    """Let time pass, with a step and without a word of TWS."""
    desk.now += seconds
    desk.streamer.step()


def test_an_answer_is_enough() -> None:
    """Every line is asked for as soon as the one before it was granted, without a sign."""
    desk = Desk()
    desk.want(1, 2, 3)
    assert desk.broker.wire == ["open 1", "open 2", "open 3"]


def test_where_none_comes_a_sign_is_asked_for_once() -> None:
    """And the next line waits for it."""
    desk = Desk()
    asking(desk, 1, 2)
    silence(desk, TIMEOUT_S / 2)
    assert desk.broker.wire == ["open 1"]
    for _ in range(5):
        silence(desk, TIMEOUT_S)
    assert desk.broker.wire == ["open 1", "mark"]
    desk.broker.answer()
    assert desk.broker.wire == ["open 1", "mark", "open 2"]


def test_a_line_that_says_nothing_is_no_obstacle_once_it_was_read() -> None:
    """TWS has taken it, or its refusal would be there."""
    desk = Desk()
    asking(desk, 1, 2)
    silence(desk, TIMEOUT_S)
    desk.table.gate.read(desk.now)
    desk.streamer.step()
    assert desk.broker.wire == ["open 1", "mark", "open 2"]


def test_a_late_refusal_is_the_only_one() -> None:
    """However late TWS refuses a line: no other line was asked for meanwhile."""
    desk = Desk(lines=8, server=2)
    desk.want(1, 2)
    asking(desk, 1, 2, 3, 4, 5)
    for _ in range(50):
        silence(desk, TIMEOUT_S)
    desk.broker.deliver()
    silence(desk, TIMEOUT_S)
    desk.broker.deliver()
    assert desk.broker.refused == [3]
    assert desk.table.limit == 2


def test_lines_that_were_there_before_need_no_sign() -> None:
    """An activation in the place of another waits for a moment, not for TWS."""
    desk = Desk()
    desk.want(1, 2, 3, 4)
    desk.want(1, 2)
    asking(desk, 1, 2, 5, 6)
    silence(desk, TIMEOUT_S)
    assert "mark" not in desk.broker.wire
    assert desk.broker.wire[-2:] == ["open 5", "open 6"]


def test_a_new_connection_is_no_ground_to_be_sure() -> None:
    """What the account had may be gone; the first line shows it."""
    desk = Desk()
    desk.want(1, 2)
    desk.broker.forget()
    desk.streamer.lines_gone("dropped")
    desk.broker.wire.clear()
    asking(desk, 1, 2)
    silence(desk, TIMEOUT_S)
    assert desk.broker.wire == ["open 1", "mark"]


def test_after_a_refusal_its_lines_are_not_sure_any_more() -> None:
    """Those that were there are asked for without a sign; one more is not."""
    desk = Desk(lines=8, server=2)
    desk.want(1, 2, 3)
    desk.broker.deliver()
    assert desk.table.limit == 2
    assert desk.table.gate.line_wait_s(1, desk.now) == 0
    desk.table.gate.line_asked(9, 1, desk.now)
    later = desk.now + TIMEOUT_S
    assert not desk.table.gate.needs_mark(1, later)
    assert desk.table.gate.needs_mark(2, later)


def test_a_sign_that_never_comes_is_not_waited_for() -> None:
    """Lines are worth more than a refusal."""
    desk = Desk()
    asking(desk, 1, 2)
    silence(desk, TIMEOUT_S)
    silence(desk, MARK_TIMEOUT_S)
    assert desk.broker.wire == ["open 1", "mark", "open 2"]
