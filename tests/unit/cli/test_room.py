"""The rows of a screen are shared out: nobody gets less than it needs while another grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.screen.row_allocation import shared

NAMES = ("a", "b", "c", "d")
SIZES = st.sets(st.integers(0, 20), min_size=1).map(lambda found: tuple(sorted(found)))


def test_sections_grow_in_turns_and_some_only_afterwards() -> None:
    sizes = {"a": (1, 2, 3, 4, 5), "b": (1, 2, 3, 4, 5), "c": (1, 4)}
    assert shared(sizes, (("a", "a", "b"), ("c",)), 9) == {"a": 5, "b": 3, "c": 1}
    assert shared(sizes, (("a", "b"), ("c",)), 14) == {"a": 5, "b": 5, "c": 4}


def test_without_a_bound_each_has_all_it_wants() -> None:
    assert shared({"a": (1, 5), "b": (0, 7)}, (), None) == {"a": 5, "b": 7}


@given(
    st.dictionaries(st.sampled_from(NAMES), SIZES),
    st.lists(st.lists(st.sampled_from(NAMES)), max_size=3),
    st.integers(0, 90),
)
def test_the_room_is_kept_and_used_up(
    sizes: dict[str, tuple[int, ...]], rounds: list[list[str]], room: int
) -> None:
    given_ = shared(sizes, rounds, room)
    assert all(given_[name] in of for name, of in sizes.items())
    used, least = sum(given_.values()), sum(of[0] for of in sizes.values())
    assert used <= max(room, least)
    for name in {name for turns in rounds for name in turns} & set(sizes):
        larger = [size for size in sizes[name] if size > given_[name]]
        assert not larger or used - given_[name] + larger[0] > room
