"""A contract of a closed market is quoted once for each closing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.support.values import at
from workers.gateway.lines.closing_quotes import Closings


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=30))
def test_closing_is_due_once_for_each_contract_and_opening(asked: list[tuple[int, int]]) -> None:
    closings, last = Closings(), dict[int, int]()
    for con_id, opens in asked:
        assert closings.is_due(con_id, at(opens), None) is (last.get(con_id) != opens)
        last[con_id] = opens
    assert set(closings.closed) == set(last)


def test_closing_ends_when_the_market_opens() -> None:
    closings = Closings()
    closings.is_due(1, at(100), at(-50))
    closings.is_due(2, at(100), at(-20))
    assert closings.since == at(-20)
    closings.opened(2)
    assert (set(closings.closed), closings.since) == ({1}, at(-50))
    closings.keep([2])
    assert not closings.closed
    assert closings.since is None
