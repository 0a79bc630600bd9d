"""What a gateway publishes, for tests of pages: holdings of two strategies with their quotes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import (
    GatewayStatus,
    LandingLine,
    LegStatus,
    QueueStatus,
    StatusBoard,
    VerdictStatus,
)
from tests.support.values import contract, option, position, quote, snapshot

ACCOUNT = "DU1234567"
SPY = contract(1, symbol="SPY")
PUT = option(2)
QQQ = contract(3, symbol="QQQ")
STRATEGIES = {1: "spy-put", 2: "spy-put", 3: "qqq"}


def publish(bus: Bus) -> None:
    """Publish positions, a status and quotes of now."""
    now = datetime.now(UTC)
    held = [
        position(1, 100, contract=SPY, account=ACCOUNT, observed_at=now),
        position(2, -2, contract=PUT, account=ACCOUNT, observed_at=now),
        position(3, 10, contract=QQQ, account=ACCOUNT, observed_at=now),
    ]
    SnapshotBoard(bus).put(snapshot("s", *held, when=now))
    publish_status(bus)
    for con_id, price in ((1, 700), (2, 5), (3, 600)):
        tick(bus, con_id, price)


def publish_status(bus: Bus, sentence: str = "all well: 3 positions") -> None:
    """Publish the gateway's status and a verdict of now."""
    now = datetime.now(UTC)
    legs = tuple(
        LegStatus(con_id=con_id, strategies=(name,)) for con_id, name in STRATEGIES.items()
    )
    StatusBoard(bus).put(
        GatewayStatus(
            at=now, session="ready", detail="", limit=10, lines={1: ("SPY", "spy-put")}, waiting=[],
            quotes_in_flight=0, positions=3, polled_at=now, connected_at=now, ticks=0,
            handler_errors={}, legs=legs,
        )
    )  # fmt: skip
    StatusBoard(bus).put(VerdictStatus(at=now, standing="well", state="well", sentence=sentence))
    StatusBoard(bus).put(
        QueueStatus(
            at=now, waiting=150, leased=50, batches=1, oldest_s=7, landed_rows=0,
            landing_entries=4, commit_ms=0, ages=(120, 80, 0, 0, 0, 0),
            landings=(LandingLine(at=now, rows=1234, ms=56),),
        )
    )  # fmt: skip


def tick(bus: Bus, con_id: int, price: int, age_s: float = 0.0) -> datetime:
    """Publish a quote whose middle is one above a price, observed so long ago; return when."""
    at = datetime.now(UTC) - timedelta(seconds=age_s)
    made = quote(con_id, bid=price, ask=price + 2, close=price, observed_at=at)
    QuoteBoard(bus).put([made])
    return at
