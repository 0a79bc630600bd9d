"""Quotes on their way to the board, which keeps those of what is held or wanted and no others."""

from __future__ import annotations

import fakeredis
from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.errors import BusError
from tests.support.values import at, quote
from workers.gateway.outbox.publisher import Step
from workers.gateway.outbox.quote_board_writer import QuoteOutbox


class AtOnce:
    """A publisher that does each job at once, or once more where Redis was away."""

    def __init__(self) -> None:
        self.away = False

    def send(self, *steps: Step, slot: str | None = None) -> None:
        for step in steps:
            if self.away:
                try:
                    step()
                except BusError:
                    continue
            else:
                step()


def outbox() -> tuple[QuoteOutbox, QuoteBoard]:
    board = QuoteBoard(Bus.over(fakeredis.FakeRedis()))
    return QuoteOutbox(AtOnce(), board), board  # type: ignore[arg-type]  # a publisher without a thread


def test_the_board_forgets_what_an_earlier_gateway_left() -> None:
    box, board = outbox()
    board.put([quote(n) for n in (1, 2, 3)])
    box.keep({2}, {2})
    assert board.con_ids() == {2}


def test_a_quote_of_what_is_not_listed_comes_back_with_it() -> None:
    """The newest one, also where it came meanwhile."""
    box, board = outbox()
    box.keep({1, 2}, {1, 2})
    box.put_all([quote(1, last=5), quote(2, last=6)])
    box.flush()
    box.keep({1}, {1, 2})
    assert board.con_ids() == {1}
    box.put(quote(2, last=7, observed_at=at(1)))
    box.flush()
    assert board.con_ids() == {1}
    box.keep({1, 2}, {1, 2})
    box.flush()
    assert board.get([2])[2].last == 7


contracts = st.frozensets(st.integers(1, 6))
steps = st.one_of(
    st.tuples(st.just("quote"), st.integers(1, 6)), st.tuples(st.just("keep"), contracts, contracts)
)


@given(st.lists(steps, max_size=30))
def test_board_and_memory_hold_only_what_is_kept(taken: list[tuple[object, ...]]) -> None:
    box, board = outbox()
    shown, known = frozenset(range(1, 7)), frozenset(range(1, 7))
    quoted: set[int] = set()
    for step in taken:
        match step:
            case ("quote", int(con_id)):
                box.put(quote(con_id))
                quoted.add(con_id)
            case ("keep", frozenset() as shown, frozenset() as known):
                box.keep(shown, known)
                quoted &= shown | known
        box.flush()
        assert board.con_ids() == quoted & shown
        assert set(box.known()) <= quoted | shown | known
