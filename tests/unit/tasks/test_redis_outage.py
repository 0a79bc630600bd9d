"""One line an outage: the first record is logged in plain words, the rest of it is dropped."""

from __future__ import annotations

import logging

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.bus.landing_stream import LandingStream
from slotwise.errors import BusError
from tasks.redis_outage import QUIET_S, OutageLines, RedisOutageFilter


def _record(error: Exception | None) -> logging.LogRecord:
    info = None if error is None else (type(error), error, None)
    return logging.LogRecord("celery", logging.ERROR, __file__, 1, "it %s", ("fails",), info)


@given(st.lists(st.floats(0.1, 100), max_size=30))
def test_outage_is_logged_once_until_it_was_quiet(pauses: list[float]) -> None:
    lines, now = OutageLines(), 0.0
    assert lines.is_first("memory", now)
    for pause in pauses:
        now += pause
        assert lines.is_first("memory", now) is (pause > QUIET_S)


def test_outage_record_becomes_one_line_without_traceback() -> None:
    outage = RedisOutageFilter(clock=lambda: 0.0)
    first, second = (_record(redis.exceptions.ReadOnlyError("no")) for _ in range(2))
    assert outage.filter(first)
    assert not outage.filter(second)
    assert first.getMessage().startswith("Redis is a replica and takes no writes")
    assert first.exc_info is None


def test_outage_filter_leaves_other_records_alone() -> None:
    outage = RedisOutageFilter(clock=lambda: 0.0)
    for record in (_record(None), _record(ValueError("x"))):
        assert outage.filter(record)
        assert record.getMessage() == "it fails"


def test_outage_by_a_key_of_the_wrong_type_names_the_key(redis_url: str, key_prefix: str) -> None:
    bus = Bus(redis_url, key_prefix)
    bus.redis.set(bus.key("landing"), "what another program left")
    with pytest.raises(BusError) as raised:
        LandingStream(bus).read(0, 10)
    bus.close()
    record = _record(raised.value)
    assert RedisOutageFilter(clock=lambda: 0.0).filter(record)
    assert f"{key_prefix}landing is a string" in record.getMessage()
    assert "\n" not in record.getMessage()
