"""`watch`: a reconnection is followed by one reconciliation, and one only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, StatusBoard
from slotwise.rules.landing import Rows
from slotwise.rules.valuation import position_row
from tasks.context import Context
from tasks.reconcile_triggers import watch
from tests.support.landed import put
from tests.support.polled_gateway import gateway
from tests.support.values import position


def reports(shared: Context) -> int:
    entries = shared.landing.read(0, 100)
    return sum(entry.head == Rows("reconciliations") for entry in entries)


def connected(bus: Bus, at: datetime | None) -> None:
    StatusBoard(bus).put(
        GatewayStatus(
            at=datetime.now(UTC), session="ready", detail="", limit=100, lines={}, waiting=[],
            quotes_in_flight=0, positions=0, polled_at=None, connected_at=at, ticks=0,
            handler_errors={},
        )
    )  # fmt: skip


def test_nothing_is_reconciled_before_the_first_landing(shared: Context, bus: Bus) -> None:
    with gateway(bus, position(1)):
        connected(bus, datetime.now(UTC))
        watch()
        assert reports(shared) == 0
        put(shared.lake, "position_updates", [position_row(position(1), None, source="batch")])
        watch()
        assert reports(shared) == 1


def test_a_connection_is_reconciled_once(shared: Context, bus: Bus) -> None:
    at = datetime.now(UTC)
    put(shared.lake, "position_updates", [position_row(position(1), None, source="batch")])
    with gateway(bus, position(1)):
        watch()
        connected(bus, None)
        watch()
        assert reports(shared) == 0
        for seconds, made in ((0, 1), (0, 1), (5, 2)):
            connected(bus, at + timedelta(seconds=seconds))
            watch()
            assert reports(shared) == made
