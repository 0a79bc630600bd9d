"""What is held is read again and again; what was read last stays while nothing can be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slotwise.client.holdings import Holdings
from slotwise.errors import BusAwayError, NoSystemError, SlotwiseError
from tests.unit.top.worlds import holdings
from workers.top.holdings_reader import CPU_SHARE, READ_S, Held, HoldingsReader, pause_s


def reader(*answers: Holdings | SlotwiseError) -> HoldingsReader:
    """Return a reader of these answers, one after another."""
    left: Iterator[Holdings | SlotwiseError] = iter(answers)

    def read() -> Holdings:
        answer = next(left)
        if isinstance(answer, SlotwiseError):
            raise answer
        return answer

    return HoldingsReader(read)


def test_the_last_answer_is_kept_while_redis_is_away_and_since_when_is_known() -> None:
    found = reader(holdings(), BusAwayError("gone"), BusAwayError("still gone"), holdings())
    first, lost, still, again = (found.read() for _ in range(4))
    assert len(first.rows) == 23
    assert first.total is not None
    assert (lost.rows, lost.holdings, lost.error) == (first.rows, first.holdings, "gone")
    assert still.error == "still gone"
    assert still.since == lost.since is not None
    assert (again.error, again.since) == ("", None)


def test_without_any_answer_the_reason_is_known() -> None:
    found = reader(NoSystemError("no positions are published")).read()
    assert (found.holdings, found.rows) == (None, ())
    assert found.error == "no positions are published"


def test_a_large_portfolio_is_read_less_often() -> None:
    assert pause_s(Held(used_s=0.01)) == READ_S
    assert pause_s(Held(used_s=0.9)) == pytest.approx(0.9 / CPU_SHARE)
