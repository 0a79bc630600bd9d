"""Half a portfolio is not believed at its first word."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.snapshot_doubt import SnapshotDoubt

HELD = {("DU1", con_id) for con_id in range(1, 21)}
parts = st.sets(st.sampled_from(sorted(HELD)))


def without(*con_ids: int) -> set[tuple[str, int]]:
    return {key for key in HELD if key[1] not in con_ids}


def test_a_few_may_be_missing() -> None:
    assert SnapshotDoubt().believes(HELD, without(1, 2, 3, 4))
    assert SnapshotDoubt().believes({("DU1", 1), ("DU1", 2)}, set())
    assert SnapshotDoubt().believes([], set())


def test_much_has_to_be_missing_twice() -> None:
    doubt = SnapshotDoubt()
    assert not doubt.believes(HELD, without(*range(1, 11)))
    assert doubt.believes(HELD, without(*range(1, 11)))


def test_another_half_is_another_doubt() -> None:
    doubt = SnapshotDoubt()
    assert not doubt.believes(HELD, without(*range(1, 11)))
    assert not doubt.believes(HELD, without(*range(6, 16)))
    assert doubt.believes(HELD, HELD)
    assert not doubt.believes(HELD, without(*range(6, 16)))


@given(parts, parts)
def test_nothing_is_believed_gone_that_only_one_of_two_lacks(
    one: set[tuple[str, int]], other: set[tuple[str, int]]
) -> None:
    """Unless it is little."""
    doubt = SnapshotDoubt()
    first, second = doubt.believes(HELD, one), doubt.believes(HELD, other)
    assert first == (len(HELD - one) < 5)
    if not first and second:
        assert len(HELD - other) < 5 or HELD - one <= HELD - other
