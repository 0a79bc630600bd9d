"""Every test of the bus runs twice: on the embedded server, and on fakeredis.

So that fakeredis may stand in where a unit test needs no more than a Redis API.
"""

from __future__ import annotations

from collections.abc import Iterator

import fakeredis
import pytest

from slotwise.bus.client import Bus


@pytest.fixture(params=["embedded", "fakeredis"])
def bus(request: pytest.FixtureRequest, key_prefix: str) -> Iterator[Bus]:
    """A bus that shares no key with another test."""
    if request.param == "embedded":
        bus = Bus(request.getfixturevalue("redis_url"), key_prefix)
    else:
        bus = Bus.over(fakeredis.FakeRedis(), key_prefix)
    yield bus
    bus.close()
