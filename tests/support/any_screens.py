"""Any facts a screen may be made of, sensible or not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from slotwise.bus.status import (
    GatewayStatus,
    LandingLine,
    QueueStatus,
    QuoteAges,
    RotationStatus,
    SessionChange,
)
from slotwise.lake.reconciliation_queries import ReportLine
from slotwise.quote import Quote
from slotwise.reconciliation.report import Break
from tests.support.values import NOON
from workers.screen.facts import BusFacts, LakeFacts, Screen, WorkerFacts

#: Text as others may have named things: wide characters, controls, nothing, and far too much.
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ("", "SPY 20261127 P 560", "東京電力 株式会社", "a\x1b[2J\nb\tc", "e\u0301" * 9)
    ),
    st.integers(8, 30).map(lambda length: "words too many " * length),
)
COUNTS = st.integers(0, 10**7)
CON_IDS = st.integers(1, 2**31 - 1)
SECONDS = st.floats(0, 1e9)
TIMES = st.floats(-1e7, 1e3).map(lambda seconds: NOON + timedelta(seconds=seconds))
PRICES = st.none() | st.decimals(-(10**12), 10**12, places=8, allow_nan=False)


def _optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def _tuples(values: st.SearchStrategy[Any], most: int = 8) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=most).map(tuple)


_ages = st.builds(
    QuoteAges, contracts=COUNTS, planned_s=_optional(SECONDS), worst_s=_optional(SECONDS)
)
_gateways = st.builds(
    GatewayStatus,
    at=TIMES,
    session=TEXTS,
    detail=TEXTS,
    limit=st.integers(0, 5000),
    lines=st.dictionaries(CON_IDS, st.tuples(TEXTS, TEXTS), max_size=40),
    waiting=st.lists(CON_IDS, max_size=30),
    quotes_in_flight=st.integers(0, 200),
    positions=COUNTS,
    polled_at=_optional(TIMES),
    connected_at=_optional(TIMES),
    ticks=COUNTS,
    handler_errors=st.dictionaries(TEXTS, COUNTS, max_size=3),
    updates_lost=COUNTS,
    full_refusals=COUNTS,
    spooled=COUNTS,
    refused=st.dictionaries(CON_IDS, TEXTS, max_size=5),
    rotation=st.builds(
        RotationStatus,
        contracts=COUNTS,
        rate_planned=SECONDS,
        rate_achieved=SECONDS,
        watched=_ages,
        others=_ages,
    ),
    reserve=st.integers(0, 200),
    allowed=_optional(st.integers(0, 5000)),
    waiting_labels=st.dictionaries(CON_IDS, TEXTS, max_size=5),
    sessions=_tuples(
        st.builds(SessionChange, at=TIMES, state=TEXTS, reason=TEXTS, times=COUNTS), 12
    ),
)
_queues = st.builds(
    QueueStatus,
    at=TIMES,
    waiting=COUNTS,
    leased=COUNTS,
    batches=COUNTS,
    oldest_s=SECONDS,
    landed_rows=COUNTS,
    landing_entries=COUNTS,
    commit_ms=SECONDS,
    ages=st.just(()) | st.tuples(*[COUNTS] * 6),
    landings=_tuples(st.builds(LandingLine, at=TIMES, rows=COUNTS, ms=SECONDS), 20),
)
_quotes = st.builds(
    Quote,
    con_id=CON_IDS,
    observed_at=TIMES,
    source=st.sampled_from(("stream", "snapshot", "bar")),
    bid=PRICES,
    ask=PRICES,
    last=PRICES,
    delayed=st.booleans(),
)
_breaks = st.builds(
    Break,
    break_id=st.just("b"),
    report_id=st.just("r"),
    life_id=st.just("b"),
    state=st.sampled_from(("new", "confirmed")),
    account=TEXTS,
    con_id=CON_IDS,
    symbol=TEXTS,
    kind=st.sampled_from(("quantity", "missing_in_book")),
    cause=st.sampled_from(("unknown", "manual_trade")),
    evidence=TEXTS,
    book_quantity=st.just(Decimal(1)),
    broker_quantity=st.none(),
    book_avg_cost=st.none(),
    broker_avg_cost=st.none(),
    book_observed_at=st.none(),
    broker_observed_at=st.none(),
    found_at=TIMES,
    first_found_at=TIMES,
    runs=COUNTS,
    lived_s=st.none(),
)
_reports = st.builds(
    ReportLine,
    report_id=st.just("r"),
    status=st.sampled_from(("matched", "broken", "stale")),
    matched=COUNTS,
    breaks=COUNTS,
    completed_at=TIMES,
)


@st.composite
def _buses(draw: st.DrawFn) -> BusFacts:
    gateway = draw(_optional(_gateways))
    ids = list(gateway.lines) if gateway is not None else []
    quoted = draw(st.lists(_quotes, max_size=len(ids)))
    error = draw(st.just("") | TEXTS)
    return BusFacts(
        read_at=draw(_optional(TIMES)),
        gateway=gateway,
        queue=draw(_optional(_queues)),
        quotes=dict(zip(ids, quoted, strict=False)),
        error=error,
        away_since=draw(TIMES) if error else None,
    )


SCREENS = st.builds(
    Screen,
    now=st.just(NOON),
    bus=_optional(_buses()),
    workers=_optional(
        st.builds(
            WorkerFacts,
            read_at=TIMES,
            queues=st.dictionaries(TEXTS, _tuples(TEXTS, 3), max_size=12),
            error=st.just("") | TEXTS,
        )
    ),
    lake=_optional(
        st.builds(
            LakeFacts,
            read_at=TIMES,
            report=_optional(_reports),
            breaks=_tuples(_breaks),
            error=st.just("") | TEXTS,
        )
    ),
)
