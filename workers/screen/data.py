"""The screen's facts as JSON prints them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from slotwise.bus.status import AGE_BOUNDS_S, GatewayStatus, QueueStatus
from slotwise.quote import Quote
from workers.screen.facts import LakeFacts, Screen, WorkerFacts
from workers.screen.slots import slots_of
from workers.screen.verdict import checks_of, verdict_of


def as_data(screen: Screen) -> dict[str, object]:
    """Return every fact under its name; null is what is unknown."""
    bus = screen.bus
    gateway = bus.gateway if bus is not None and not bus.error else None
    queue = bus.queue if bus is not None and not bus.error else None
    quotes = bus.quotes if bus is not None else {}
    verdict = verdict_of(screen)
    return {
        "status": verdict.standing,
        "at": screen.now,
        "verdict": {
            "state": verdict.state,
            "sentence": verdict.sentence,
            "advice": verdict.advice,
        },
        "checks": checks_of(screen),
        **_gateway(gateway, quotes, screen.now),
        **_queue(queue, gateway),
        "workers": _workers(screen.workers),
        "reconciliation": _book(screen.lake),
    }


def _gateway(
    status: GatewayStatus | None, quotes: Mapping[int, Quote], now: datetime
) -> dict[str, object]:
    if status is None:
        return dict.fromkeys(("connection", "lines", "contracts", "waiting", "rotation"))
    return {
        "connection": {
            "session": status.session,
            "detail": status.detail,
            "connected_at": status.connected_at,
            "polled_at": status.polled_at,
            "positions": status.positions,
            "history": status.sessions,
        },
        "lines": {
            **slots_of(status).uses(),
            "waiting": len(status.waiting),
            "limit": status.limit,
            "refused_as_full": status.full_refusals,
        },
        "contracts": [
            {"con_id": con_id, "label": label, "strategy": strategy, **_quote(quotes, con_id, now)}
            for con_id, (label, strategy) in status.lines.items()
        ],
        "waiting": [
            {
                "con_id": con_id,
                "label": status.waiting_labels.get(con_id, ""),
                "refused": status.refused.get(con_id),
            }
            for con_id in status.waiting
        ],
        "rotation": status.rotation,
    }


def _quote(quotes: Mapping[int, Quote], con_id: int, now: datetime) -> dict[str, object]:
    quote = quotes.get(con_id)
    if quote is None:
        return dict.fromkeys(("bid", "ask", "price", "price_source", "delayed", "quote_age_s"))
    price, source = quote.price()
    return {
        "bid": quote.bid,
        "ask": quote.ask,
        "price": price,
        "price_source": source,
        "delayed": quote.delayed,
        "quote_age_s": round(max((now - quote.observed_at).total_seconds(), 0.0), 3),
    }


def _queue(status: QueueStatus | None, gateway: GatewayStatus | None) -> dict[str, object]:
    if status is None:
        return {"queue": None, "landings": None}
    return {
        "queue": {
            "waiting": status.waiting,
            "leased": status.leased,
            "batches": status.batches,
            "oldest_s": status.oldest_s,
            "entries_to_land": status.landing_entries,
            "spooled": None if gateway is None else gateway.spooled,
            "ages": [
                {"up_to_s": bound, "items": count}
                # A lake worker of an older version has no ages.
                for bound, count in zip((*AGE_BOUNDS_S, None), status.ages, strict=False)
            ],
        },
        "landings": {"checked_at": status.at, "newest_first": status.landings[::-1]},
    }


def _workers(facts: WorkerFacts | None) -> Mapping[str, tuple[str, ...]] | None:
    return None if facts is None or facts.error else facts.queues


def _book(facts: LakeFacts | None) -> dict[str, object] | None:
    if facts is None or facts.error:
        return None
    return {"report": facts.report, "open_breaks": facts.breaks}
