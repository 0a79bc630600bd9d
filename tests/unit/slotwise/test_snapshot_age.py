"""Ages of snapshots: right within what the reader saw itself, whatever clocks are set to."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from slotwise.position import SnapshotHead
from slotwise.snapshot_age import SnapshotAge
from tests.support.values import head

HOUR_S = 3600.0


@dataclass
class Clocks:
    """True time, and how far the clock of Redis is from it; seconds."""

    true_s: float = 1_000_000.0
    redis_off_s: float = 0.0

    def put(self, name: str) -> SnapshotHead:
        return msgspec.structs.replace(head(name), put_at_s=self.true_s + self.redis_off_s)


#: Steps of a history: what happens, and a number of seconds.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.floats(0, 300)),
        st.tuples(st.just("put"), st.just(0.0)),
        st.tuples(st.just("look"), st.just(0.0)),
        st.tuples(st.just("step"), st.floats(-12 * HOUR_S, 12 * HOUR_S)),
    ),
    max_size=30,
)


@given(STEPS)
def test_an_age_lies_between_what_the_reader_saw(steps: list[tuple[str, float]]) -> None:
    """At least since it was seen first, at most since another one was seen last."""
    clocks, ages, seen = Clocks(), SnapshotAge(), list[tuple[float, str]]()
    newest, put_s, stepped = clocks.put("s0"), clocks.true_s, False
    for number, (what, amount) in enumerate([*steps, ("look", 0.0)]):
        if what == "wait":
            clocks.true_s += amount
        elif what == "step":
            clocks.redis_off_s += amount
            stepped = True
        elif what == "put":
            newest, put_s, stepped = clocks.put(f"s{number + 1}"), clocks.true_s, False
        else:
            age_s = ages.compute(newest, clocks.true_s + clocks.redis_off_s, clocks.true_s)
            seen.append((clocks.true_s, newest.snapshot_id))
            true_s = clocks.true_s - put_s
            first_s = min(at for at, name in seen if name == newest.snapshot_id)
            others = [at for at, name in seen if name != newest.snapshot_id]
            assert age_s >= clocks.true_s - first_s - 1e-6
            assert not others or age_s <= clocks.true_s - max(others) + 1e-6
            assert stepped or abs(age_s - true_s) < 1e-6


def test_a_snapshot_without_a_stamp_is_as_new_as_it_was_seen() -> None:
    """As a gateway of an older version puts it."""
    ages = SnapshotAge()
    assert [ages.compute(head("s1"), 9e9, steady_s) for steady_s in (5.0, 65.0)] == [0.0, 60.0]
