"""The order of observations, which no clock decides."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slotwise.numbering import PER_EPOCH, Numbering, epoch_of


@given(st.lists(st.one_of(st.none(), st.integers(0, 50)), max_size=50))
def test_sequence_numbers_grow_through_all_epochs(steps: list[int | None]) -> None:
    """None takes a number, an integer begins an epoch: also one that is over already."""
    numbering, taken = Numbering(1), [0]
    for step in steps:
        if step is None:
            taken.append(numbering.next())
        else:
            numbering.begin(step)
    assert taken == sorted(set(taken))


def test_sequence_numbers_of_a_later_epoch_are_higher_than_all_of_the_one_before() -> None:
    one, other = Numbering(7), Numbering(8)
    for _ in range(1000):
        one.next()
    assert one.newest < other.next()
    assert (epoch_of(one.newest), epoch_of(other.newest)) == (7, 8)
    assert epoch_of(8 * PER_EPOCH - 1) == 7
