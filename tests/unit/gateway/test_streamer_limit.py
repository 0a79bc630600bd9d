"""The limit of lines: learnt from error 101, found again, kept over connections."""

from __future__ import annotations

from tests.unit.gateway.streaming_desk import Desk, quoting
from workers.gateway.lines.in_flight import TIMEOUT_S
from workers.gateway.lines.limit import PROBE_S


def test_error_101_counts_the_quotes_under_way() -> None:
    """They hold lines too, so those are known to be there."""
    desk = quoting(7, 8)
    desk.table.allowance.allowed = desk.table.allowance.known = 5
    desk.want(1)
    desk.broker.deliver()
    assert desk.table.limit == 2


def test_error_101_lowers_the_limit_and_drops_none() -> None:
    """One refusal is enough; the most important hold the lines there are, and the rest wait."""
    desk = Desk(lines=5, server=3)
    desk.want(1, 2, 3, 4, 5)
    desk.broker.deliver()
    assert desk.table.limit == 3
    desk.wait(TIMEOUT_S)
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
    desk.wait(TIMEOUT_S)
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
    """While a contract waits one more line is tried; once it is taken the others follow."""
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
