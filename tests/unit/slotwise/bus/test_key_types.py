"""A key of the wrong type under our prefix is named in the one line that says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow
from slotwise.bus.counters import Counters
from slotwise.bus.landing_stream import Kept, LandingStream
from slotwise.bus.leases import Lease
from slotwise.bus.once_keys import OnceKeys
from slotwise.bus.status import QueueStatus, StatusBoard
from slotwise.errors import BusError
from slotwise.rules.landing import Inserted
from tests.support.values import item, quote


def _take(bus: Bus) -> None:
    with Lease(bus, "lake").held():
        pass


KEPT = Kept(1, 0, b"", None)
INSERTED = Inserted((item(1),), datetime(2026, 6, 1, tzinfo=UTC))
USES: list[tuple[str, Callable[[Bus], object]]] = [
    ("landing", lambda bus: LandingStream(bus).append(INSERTED)),
    ("landing", lambda bus: LandingStream(bus).append_kept(KEPT, "s")),
    ("landing", lambda bus: LandingStream(bus).read(0, 1)),
    ("landing", lambda bus: LandingStream(bus).never_below(5)),
    ("landing:landed", lambda bus: LandingStream(bus).progress("s")),
    ("landing:landed", lambda bus: LandingStream(bus).report_landed({"s": 1})),
    ("landing:spool:s", lambda bus: LandingStream(bus).append_kept(KEPT, "s")),
    ("commands", lambda bus: Commands(bus).send(PollNow("test"))),
    ("commands", lambda bus: Commands(bus).receive("0-0", 1)),
    ("quotes", lambda bus: QuoteBoard(bus).put([quote(1)])),
    ("snapshot:current", lambda bus: SnapshotBoard(bus).head()),
    ("status:QueueStatus", lambda bus: StatusBoard(bus).get(QueueStatus)),
    ("counters", lambda bus: Counters(bus).add("x")),
    ("mark:x", lambda bus: OnceKeys(bus).get("x")),
    ("lease:lake:lock", _take),
    ("lease:lake:token", _take),
]


@pytest.mark.parametrize(("name", "use"), USES)
def test_a_key_of_the_wrong_type_is_named(
    redis_url: str, key_prefix: str, name: str, use: Callable[[Bus], object]
) -> None:
    bus = Bus(redis_url, key_prefix)
    bus.redis.sadd(bus.key(name), "what another program left")
    with pytest.raises(BusError) as raised:
        use(bus)
    assert bus.key(name) in str(raised.value)
    assert "\n" not in str(raised.value)
    bus.close()
