"""Leases run out on a steady clock, and once for each time that they are seen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slotwise.lease_watch import LeaseWatch

LEASE_S = 20.0
#: Batches that may be under lease.
BATCHES = st.sets(st.sampled_from("abcdef"), max_size=4)


@given(st.lists(st.tuples(st.floats(0, 15), BATCHES), max_size=30))
def test_a_lease_runs_out_when_it_was_seen_for_as_long_without_a_break(
    looks: list[tuple[float, set[str]]],
) -> None:
    watch, now_s, since = LeaseWatch(), 0.0, dict[str, float]()
    for pause_s, batches in looks:
        now_s += pause_s
        since = {name: since.get(name, now_s) for name in batches}
        leased = [(f"{name}{number}", name) for name in sorted(batches) for number in range(2)]
        overdue = watch.overdue(leased, now_s, LEASE_S)
        assert overdue == [one for one in leased if now_s - since[one[1]] >= LEASE_S]


def test_a_lease_counts_from_when_it_was_given() -> None:
    watch = LeaseWatch()
    watch.overdue([], 100.0, LEASE_S)
    watch.give(["a"], 100.0)
    assert watch.overdue([("i", "a")], 119.0, LEASE_S) == []
    assert watch.overdue([("i", "a")], 120.0, LEASE_S) == [("i", "a")]
