"""Leases: one holder at a time, and a token that shows whether another was there since."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.bus.leases import LEASE_MS, Lease
from tests.support.effort import examples


def take(lease: Lease) -> int | None:
    with lease.held() as token:
        return token


def test_only_one_holds_it(bus: Bus) -> None:
    one, other = Lease(bus, "lake"), Lease(bus, "lake")
    with one.held() as token:
        assert token is not None
        assert take(other) is None
    assert take(other) is not None, "it is free again"


def test_leases_of_different_names_do_not_meet(bus: Bus) -> None:
    with Lease(bus, "lake").held():
        assert take(Lease(bus, "other")) is not None


def test_a_holder_that_raises_frees_it(bus: Bus) -> None:
    lease = Lease(bus, "lake")
    with pytest.raises(ZeroDivisionError), lease.held():
        raise ZeroDivisionError
    assert take(Lease(bus, "lake")) is not None


def test_a_holder_that_dies_frees_it_in_two_beats(bus: Bus) -> None:
    with Lease(bus, "lake").held():
        assert 0 < bus.redis.pttl(bus.key("lease", "lake", "lock")) <= LEASE_MS


def test_a_slow_holder_does_not_free_the_next_ones_lease(bus: Bus) -> None:
    slow, next_one = Lease(bus, "lake"), Lease(bus, "lake")
    with slow.held():
        bus.redis.delete(bus.key("lease", "lake", "lock"))  # it ran out
        with next_one.held():
            pass
        entered = next_one.held()
        entered.__enter__()
    assert take(Lease(bus, "lake")) is None, "the next one still holds it"
    entered.__exit__(None, None, None)


@settings(max_examples=examples(30))
@given(turns=st.lists(st.integers(0, 2), min_size=2, max_size=12))
def test_the_token_changes_exactly_when_another_held_it_in_between(
    bus: Bus, turns: list[int]
) -> None:
    bus.redis.flushdb()
    leases = [Lease(bus, "lake") for _ in range(3)]
    last: dict[int, int | None] = {}
    before: int | None = None
    for who in turns:
        token = take(leases[who])
        assert token is not None
        if who in last:
            assert (token == last[who]) == (before == who)
        last[who], before = token, who


def test_after_redis_was_emptied_the_token_still_shows_another_holder(bus: Bus) -> None:
    """Counting from one again would give a holder the token it remembers from before."""
    one, other = Lease(bus, "lake"), Lease(bus, "lake")
    first = take(one)
    take(other)
    for key in bus.redis.scan_iter(f"{bus.prefix}*"):
        bus.redis.delete(key)
    assert take(one) != first


@pytest.mark.parametrize("part", ["lock", "owner", "token"])
def test_a_lease_whose_key_was_deleted_goes_on_with_a_new_token(bus: Bus, part: str) -> None:
    """A hand deleted one of our keys: the holder reads the lake again, and works."""
    lease = Lease(bus, "lake")
    first = take(lease)
    bus.redis.delete(bus.key("lease", "lake", part))
    second = take(lease)
    assert second is not None
    assert (second == first) == (part == "lock"), "the lock is gone after each turn anyway"
    assert take(lease) == second


def test_a_holder_that_died_before_the_clock_of_redis_was_set_back_frees_it_in_time(
    bus: Bus,
) -> None:
    """Its lock would last for hours; the next process that finds it gives it the usual length."""
    lock = bus.key("lease", "lake", "lock")
    with Lease(bus, "lake").held():
        bus.redis.pexpire(lock, 3 * 3_600_000)
        assert take(Lease(bus, "lake")) is None
        assert 0 < bus.redis.pttl(lock) <= LEASE_MS
