"""Screens of days that come: a normal one, and those on which something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from slotwise.bus.status import (
    BeatStatus,
    GatewayStatus,
    LandingLine,
    LegStatus,
    QueueStatus,
    QuoteAges,
    RotationStatus,
    SessionChange,
)
from slotwise.lake.reconciliation_queries import ReportLine
from slotwise.quote import Quote
from slotwise.reconciliation.report import Break
from tests.support.values import NOON, at, quote
from workers.screen.facts import BusFacts, LakeFacts, Screen, WorkerFacts

#: A contract of a condor: its right, and its strike as a distance from the market.
LEGS = (("P", -30), ("P", -10), ("C", 10), ("C", 30))
#: Underlyings with the price they stand at.
MARKETS = (("SPY", 560), ("QQQ", 480), ("IWM", 210), ("DIA", 420), ("GLD", 240))


def condors(count: int) -> dict[int, tuple[str, str]]:
    """Name contracts of condors, each with its strategy, by contract id."""
    found = {}
    for number in range(count):
        strategy, leg = divmod(number, len(LEGS))
        round_, market = divmod(strategy, len(MARKETS))
        symbol, price = MARKETS[market]
        right, distance = LEGS[leg]
        label = f"{symbol} 2026{11 + round_ % 2}27 {right} {price + distance * (1 + round_)}"
        found[756700 + number] = (label, f"condor-{symbol.lower()}-{1 + round_}")
    return found


def quotes(con_ids: Iterable[int]) -> dict[int, Quote]:
    """Quote contracts, most of them seconds ago."""
    found = {}
    for number, con_id in enumerate(con_ids):
        bid = Decimal(105 + 37 * number % 900) / 100
        found[con_id] = quote(
            con_id,
            bid=bid,
            ask=bid + Decimal("0.05"),
            source="stream",
            observed_at=at(-(number % 7)),
        )
    return found


def gateway(held: int = 20, waiting: int = 0, **changes: Any) -> GatewayStatus:
    """Make a gateway's status with lines held."""
    named = condors(held + waiting)
    names = list(named)
    values: dict[str, Any] = {
        "at": at(-0.4),
        "session": "ready",
        "detail": "",
        "limit": 100,
        "lines": {con_id: named[con_id] for con_id in names[:held]},
        "waiting": names[held:],
        "quotes_in_flight": 0,
        "positions": 200,
        "polled_at": at(-6),
        "connected_at": at(-13_620),
        "ticks": 18_980,
        "handler_errors": {},
        "allowed": 100,
        "waiting_labels": {con_id: named[con_id][0] for con_id in names[held:]},
        "sessions": (
            SessionChange(at=at(-43_000), state="ready"),
            SessionChange(
                at=at(-13_642), state="waiting to reconnect", reason="TWS closed it", times=7
            ),
            SessionChange(at=at(-13_620), state="ready"),
        ),
    }
    status = GatewayStatus(**(values | changes))
    return msgspec.structs.replace(status, legs=legs(status))


ROTATING = RotationStatus(
    contracts=180,
    wanted=180,
    rate_planned=42.6,
    rate_achieved=42.5,
    quote_takes_s=0.25,
    watched=QuoteAges(contracts=4, planned_s=15.2, worst_s=13.1),
    others=QuoteAges(contracts=176, planned_s=4.3, worst_s=4.1),
)


def queue(**changes: Any) -> QueueStatus:
    """Make a queue that is worked off."""
    values: dict[str, Any] = {
        "at": at(-2),
        "waiting": 130,
        "leased": 50,
        "batches": 1,
        "oldest_s": 7.0,
        "landed_rows": 204,
        "landing_entries": 3,
        "commit_ms": 31.0,
        "ages": (120, 60, 0, 0, 0, 0),
        "landings": tuple(
            LandingLine(at=at(-2 - 5 * number), rows=204 - 6 * number, ms=31.0 + number)
            for number in reversed(range(12))
        ),
    }
    return QueueStatus(**(values | changes))


WORKERS = WorkerFacts(
    read_at=at(-4),
    queues={"poll1@desk": ("poll",), "poll2@desk": ("poll",), "lake@desk": ("lake",)},
)


def lake(*breaks: Break) -> LakeFacts:
    """Make what the lake says after a reconciliation that has found these breaks."""
    status = "broken" if breaks else "matched"
    report = ReportLine("r1", status, 200 - len(breaks), len(breaks), at(-42))
    return LakeFacts(read_at=at(-3), report=report, breaks=breaks)


def open_break(number: int, **changes: Any) -> Break:
    """Make a break that has been open for a while."""
    values: dict[str, Any] = {
        "break_id": f"b{number}",
        "report_id": "r1",
        "life_id": f"b{number}",
        "state": "confirmed",
        "account": "DU1234567",
        "con_id": number,
        "symbol": f"SPY 20261127 P {500 + 5 * number}",
        "kind": "quantity",
        "cause": "manual_trade",
        "evidence": "an execution by hand",
        "book_quantity": Decimal(10),
        "broker_quantity": Decimal(12),
        "book_avg_cost": None,
        "broker_avg_cost": None,
        "book_observed_at": None,
        "broker_observed_at": None,
        "found_at": at(-42),
        "first_found_at": at(-42 - 180 * number),
        "runs": 1 + number,
        "lived_s": None,
    }
    return Break(**(values | changes))


def bus_facts(status: GatewayStatus | None, waits: QueueStatus | None) -> BusFacts:
    """Make what Redis says just now."""
    known = quotes(status.lines) if status else {}
    return BusFacts(
        read_at=at(-0.2),
        gateway=status,
        queue=waits,
        quotes=known,
        beat=None if waits is None else BeatStatus(at=at(-0.5)),
    )


def legs(status: GatewayStatus) -> tuple[LegStatus, ...]:
    """Build the state of each active contract from the lines held, waiting and refused."""
    held = (
        LegStatus(con_id=con_id, label=label, strategies=(strategy,))
        for con_id, (label, strategy) in status.lines.items()
    )
    waiting = (
        LegStatus(
            con_id=con_id,
            label=status.waiting_labels.get(con_id, ""),
            strategies=("condor-glw-9",),
            state="refused" if con_id in status.refused else "waiting",
            since=at(-95),
            reason=status.refused.get(con_id, "no line is free"),
        )
        for con_id in status.waiting
    )
    return (*held, *waiting)


def normal_day() -> Screen:
    """Twenty lines of a hundred, the others lent to quotes, everything landed."""
    status = gateway(quotes_in_flight=13, rotation=ROTATING, limit=90, allowed=90, reserve=10)
    return Screen(now=NOON, bus=bus_facts(status, queue()), workers=WORKERS, lake=lake())


def full_lines() -> Screen:
    """More active contracts than TWS grants lines; delayed data, and breaks."""
    status = gateway(
        held=96, waiting=14, limit=96, full_refusals=3, rotation=RotationStatus(contracts=90)
    )
    refused = dict.fromkeys(status.waiting[-2:], "TWS error 354: not subscribed")
    status = msgspec.structs.replace(status, refused=refused)
    status = msgspec.structs.replace(status, legs=legs(status))
    bus = bus_facts(status, queue(oldest_s=94.0, ages=(80, 20, 4, 0, 12, 0)))
    slow = {
        con_id: msgspec.structs.replace(one, observed_at=at(-95), delayed=True)
        for con_id, one in list(bus.quotes.items())[:2]
    }
    unquoted = list(bus.quotes)[5]
    known = {con_id: one for con_id, one in {**bus.quotes, **slow}.items() if con_id != unquoted}
    return Screen(
        now=NOON,
        bus=msgspec.structs.replace(bus, quotes=known),
        workers=WORKERS,
        lake=lake(*(open_break(number) for number in range(1, 5))),
    )


def nothing_connected() -> Screen:
    """The gateway runs without a TWS; no worker, and so no landing."""
    status = gateway(
        held=0,
        session="waiting to reconnect",
        detail="127.0.0.1:7497: connection refused",
        positions=0,
        polled_at=None,
        connected_at=None,
        ticks=0,
        sessions=(
            SessionChange(
                at=at(-340),
                state="waiting to reconnect",
                reason="127.0.0.1:7497: connection refused",
                times=112,
            ),
        ),
    )
    no_workers = WorkerFacts(read_at=at(-4))
    never = LakeFacts(read_at=at(-3))
    return Screen(now=NOON, bus=bus_facts(status, None), workers=no_workers, lake=never)


def redis_away() -> Screen:
    """A normal day whose Redis has been gone for a while."""
    day = normal_day()
    assert day.bus is not None
    away = day.bus.lost("Redis: Error 111 connecting to 127.0.0.1:6379. Connection refused.", NOON)
    return msgspec.structs.replace(
        day,
        now=at(35),
        bus=away,
        workers=WorkerFacts(read_at=at(32), error="cannot be asked without Redis"),
    )


def empty_system() -> Screen:
    """A Redis and a lake, and nothing else yet."""
    return Screen(
        now=NOON,
        bus=BusFacts(read_at=NOON),
        workers=WorkerFacts(read_at=NOON),
        lake=LakeFacts(read_at=NOON),
    )


SCENES = {
    scene.__name__: scene
    for scene in (normal_day, full_lines, nothing_connected, redis_away, empty_system)
}
