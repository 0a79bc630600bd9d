"""An error of Redis is one of a few causes, found through everything it was wrapped in."""

from __future__ import annotations

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.trouble import SENTENCES, Trouble, trouble_of

_CASES: list[tuple[Exception, Trouble]] = [
    (redis.exceptions.OutOfMemoryError("used memory > 'maxmemory'"), "memory"),
    (redis.exceptions.ReadOnlyError("You can't write against a read only replica."), "replica"),
    (redis.exceptions.ResponseError("UNBLOCKED force unblock, instance state changed"), "replica"),
    (redis.exceptions.ResponseError("MISCONF Redis is configured to save"), "disk"),
    (redis.exceptions.ResponseError("WRONGTYPE Operation against a key"), "wrong_key"),
    (redis.exceptions.BusyLoadingError("Redis is loading the dataset in memory"), "loading"),
    (redis.exceptions.AuthenticationError("WRONGPASS"), "password"),
    (redis.exceptions.ConnectionError("refused"), "away"),
    (redis.exceptions.TimeoutError("late"), "away"),
    (redis.exceptions.ResponseError("ERR unknown command"), "other"),
]  # fmt: skip


@pytest.mark.parametrize(("error", "trouble"), _CASES)
def test_trouble_of_an_error_of_redis(error: Exception, trouble: Trouble) -> None:
    assert trouble_of(error) == trouble
    assert SENTENCES[trouble]


@given(st.sampled_from(_CASES), st.lists(st.booleans(), max_size=5))
def test_trouble_is_found_through_any_wrapping(
    case: tuple[Exception, Trouble], wraps: list[bool]
) -> None:
    error, trouble = case
    for as_cause in wraps:
        outer = RuntimeError("wrapped")
        if as_cause:
            outer.__cause__ = error
        else:
            outer.__context__ = error
        error = outer
    assert trouble_of(error) == trouble


def test_trouble_of_an_error_that_is_not_of_redis_is_none() -> None:
    assert trouble_of(ValueError("x")) is None
