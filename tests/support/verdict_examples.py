"""Facts for tests of the verdict: a healthy system, and one example of each state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from slotwise.health.verdict.facts import (
    Book,
    Facts,
    Landing,
    Leg,
    Lines,
    MarketData,
    Positions,
    Prices,
    Redis,
    StrategyLegs,
    Tws,
    Waiting,
    Workers,
)

NOW = datetime(2026, 6, 1, 14, 40, tzinfo=UTC)
SINCE = NOW - timedelta(minutes=9)


def ago(seconds: float) -> datetime:
    """Return the time so many seconds before now."""
    return NOW - timedelta(seconds=seconds)


def condor(*states: str, reason: str = "") -> StrategyLegs:
    """Build a strategy with one leg for each state; unseen ones are unseen since 14:31."""
    return StrategyLegs(
        name="condor-spy",
        legs=tuple(
            Leg(
                con_id=1001 + n,
                label=f"SPY 20261218 P {560 + n}",
                state=state,  # type: ignore[arg-type]  # a name of LegState
                since=None if state == "seen" else SINCE,
                reason=reason if state != "seen" else "",
            )
            for n, state in enumerate(states)
        ),
    )


#: Everything is as it should be.
WELL = Facts(
    now=NOW,
    gateway_at=ago(1),
    tws=Tws(address="127.0.0.1:7497", since=ago(3600)),
    positions=Positions(count=300, polled_at=ago(12)),
    strategies=(condor("seen", "seen", "seen", "seen", "seen"),),
    lines=Lines(held=5),
    prices=Prices(contracts=295, oldest_s=8.0, promised_s=10.0, rate=40.0, since=ago(3600)),
    landing=Landing(landed_at=ago(4)),
    workers=Workers(poll=2, lake=1, beat_silent_s=1.0),
    book=Book(status="matched", completed_at=ago(60), matched=300),
)


def with_facts(**changes: object) -> Facts:
    """Return healthy facts with some parts changed."""
    return msgspec.structs.replace(WELL, **changes)


def _prices(**changes: object) -> Facts:
    return with_facts(prices=msgspec.structs.replace(WELL.prices, **changes))


def _redis(trouble: str, text: str = "") -> Facts:
    return with_facts(redis=Redis(trouble=trouble, text=text, since=SINCE))  # type: ignore[arg-type]  # a name of RedisTrouble


def _tws(session: str, text: str = "") -> Facts:
    tws = Tws(session=session, since=SINCE, text=text, address="127.0.0.1:7497")  # type: ignore[arg-type]  # a name of Session
    return with_facts(tws=tws, strategies=(condor("unseen", "unseen"),))


def _waiting(**changes: object) -> Facts:
    return with_facts(waiting=Waiting(**changes))  # type: ignore[arg-type]  # fields of Waiting


#: State -> facts whose first cause it is.
EXAMPLES: Mapping[str, Facts] = {
    "redis_not_asked": with_facts(redis=Redis(trouble="not_asked")),
    "redis_away": _redis("away", "connection refused"),
    "redis_password": _redis("password", "WRONGPASS"),
    "redis_mismatch": _redis("mismatch", "the server does not answer in TLS"),
    "redis_loading": _redis("loading"),
    "redis_memory": _redis("memory"),
    "redis_replica": _redis("replica"),
    "redis_disk": _redis("disk"),
    "redis_key": _redis("wrong_key", "slotwise:quotes is a list"),
    "redis_eviction": _redis("eviction"),
    "clocks": with_facts(redis=Redis(clock_apart_s=7.0)),
    "no_system": with_facts(gateway_at=None, landing=Landing()),
    "gateway_away": with_facts(gateway_at=ago(90)),
    "tws_unreachable": _tws("unreachable", "connection refused"),
    "tws_refused": _tws("refused", "it closed the connection during the greeting"),
    "tws_port_moved": _tws("port_moved", "its new port is 7498"),
    "tws_not_logged_in": _tws("not_logged_in"),
    "tws_upstream_lost": _tws("upstream_lost", "1100"),
    "tws_connecting": _tws("connecting"),
    "positions_unknown": with_facts(
        positions=Positions(
            count=300,
            polled_at=ago(12),
            unknown={"DU***67": (SINCE, "Positions info is not available yet (2151)")},
        )
    ),
    "positions_late": with_facts(positions=Positions(count=300, polled_at=ago(300))),
    "competing_session": with_facts(
        data=MarketData(competing_since=SINCE),
        strategies=(condor("seen", "unseen", "unseen", "unseen", "unseen"),),
    ),
    "not_permitted": with_facts(data=MarketData(not_permitted=10, asked=12)),
    "farm_down": with_facts(
        data=MarketData(farms_down={"usopt": SINCE}),
        strategies=(condor("seen", "unseen", "unseen", "unseen", "unseen"),),
    ),
    "leg_unknown": with_facts(strategies=(condor("unknown", "seen"),)),
    "leg_expired": with_facts(strategies=(condor("expired", reason="expired on 2026-05-29"),)),
    "legs_without_line": with_facts(
        strategies=(condor("waiting", "seen"),), lines=Lines(held=100, limit=100)
    ),
    "legs_unseen": with_facts(strategies=(condor("seen", "unseen", "unseen", "unseen", "unseen"),)),
    "rotation_stopped": with_facts(
        lines=Lines(held=100, limit=100),
        prices=Prices(contracts=200, never=200, since=ago(3600)),
    ),
    "prices_missing": _prices(contracts=4880, never=2691, unanswered=40),
    "prices_silent": _prices(silent=3),
    "prices_late": _prices(oldest_s=540.0, promised_s=60.0),
    "lake_trouble": with_facts(
        landing=Landing(
            landed_at=ago(600), error="no lake at lake/live", error_since=SINCE, trouble="absent"
        )
    ),
    "lake_worker_away": with_facts(
        workers=Workers(poll=2, lake=0, beat_silent_s=1.0), landing=Landing(landed_at=ago(600))
    ),
    "beat_away": with_facts(
        workers=Workers(poll=2, lake=1, beat_silent_s=600.0), landing=Landing(landed_at=ago(600))
    ),
    "poll_workers_away": with_facts(workers=Workers(poll=0, lake=1, beat_silent_s=1.0)),
    "workers_unknown": with_facts(workers=None),
    "landing_late": with_facts(landing=Landing(landed_at=ago(600))),
    "rows_late": with_facts(landing=Landing(landed_at=ago(4), oldest_entry_s=90.0)),
    "breaks": with_facts(book=Book(status="broken", completed_at=ago(9), breaks=3, confirmed=2)),
    "book_stale": with_facts(
        book=Book(status="stale", completed_at=ago(9), reason="positions are not known")
    ),
    "book_unknown": with_facts(book=Book()),
    "book_late": with_facts(book=Book(status="matched", completed_at=ago(7200))),
    "tws_port_followed": with_facts(
        tws=Tws(
            since=SINCE,
            moved="TWS has moved the port of its API to 7498: set SLOTWISE_IB_PORT=7498",
        )
    ),
    "updates_lost": _waiting(updates_lost=12),
    "failed_items": _waiting(failed_items=4),
    "set_aside": _waiting(set_aside=1),
    "spool_filling": _waiting(spooled=700_000, spool_share=0.7),
    "spool_in_memory": _waiting(spool_error="database or disk is full"),
    "handler_hangs": _waiting(handlers_busy_s={"alarm": 600.0, "writer": 0.1}),
    "disk_low": _waiting(disk_free_share=0.02),
    "monitor_away": _waiting(monitor_silent_s=60.0),
    "receiver_fails": _waiting(receiver_error="webhook: the receiver answers 404"),
    "contracts_gone": _prices(gone=2),
    "rates_missing": with_facts(
        currencies_without_rate=("EUR", "JPY"), rates_trouble="TWS gave no exchange rates"
    ),
    "handler_errors": _waiting(handler_errors={"alarm": 3, "writer": 0}),
}
