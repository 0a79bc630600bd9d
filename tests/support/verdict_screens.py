"""For each state of the verdict what the processes publish then: a screen whose cause it is.

`verdict_examples` has the facts of each state; these are what the facts are made from, so that a
fact that no process publishes is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from slotwise.bus.redis_facts import RedisFacts
from slotwise.bus.status import (
    BeatStatus,
    GatewayStatus,
    LakeStatus,
    LegState,
    LegStatus,
    MarketDataStatus,
    RotationStatus,
)
from slotwise.condition import Condition, ConditionName
from slotwise.lake.reconciliation_queries import ReportLine
from slotwise.position import Unknown
from tests.support.values import NOON, at
from tests.unit.cli.scenes import ROTATING, WORKERS, bus_facts, gateway, lake, open_break, queue
from workers.screen.facts import BusFacts, Screen, WorkerFacts

SINCE = at(-540)
#: A Redis that is well.
REDIS = RedisFacts(version="8.0.2", append_only=True)


def healthy(**changes: Any) -> Screen:
    """Return a screen on which all is well, with another status of the gateway."""
    status = gateway(**{"rotation": ROTATING, **changes})
    bus = replace(bus_facts(status, queue()), redis=REDIS)
    return Screen(now=NOON, bus=bus, workers=WORKERS, lake=lake())


def _bus(**changes: Any) -> Screen:
    screen = healthy()
    assert screen.bus is not None
    return replace(screen, bus=replace(screen.bus, **changes))


def _lost(error: str, trouble: Any) -> Screen:
    screen = healthy()
    assert screen.bus is not None
    return replace(screen, bus=screen.bus.lost(error, SINCE, trouble))


def _refuses(trouble: Any, error: str) -> Screen:
    return _bus(redis=RedisFacts(error=error, trouble=trouble), away_since=SINCE)


def _tws(session: str, condition: ConditionName | None = None, detail: str = "") -> Screen:
    conditions = () if condition is None else (_condition(condition, detail),)
    held = gateway()
    legs = tuple(replace(leg, state="unseen", since=SINCE) for leg in held.legs)
    screen = healthy(
        session=session, detail=detail, connected_at=None, conditions=conditions, lines={},
        address="127.0.0.1:7497",
    )  # fmt: skip
    return _with_legs(screen, legs)


def _condition(name: ConditionName, text: str = "") -> Condition:
    return Condition(name=name, since=SINCE, text=text)


def _with_legs(screen: Screen, legs: tuple[LegStatus, ...]) -> Screen:
    assert screen.bus is not None
    assert screen.bus.gateway is not None
    status: GatewayStatus = replace(screen.bus.gateway, legs=legs)
    return replace(screen, bus=replace(screen.bus, gateway=status))


def _leg(state: LegState, reason: str = "", **changes: Any) -> Screen:
    screen = healthy(**changes)
    assert screen.bus is not None
    assert screen.bus.gateway is not None
    first, *others = screen.bus.gateway.legs
    changed = replace(first, state=state, since=SINCE, reason=reason)
    return _with_legs(screen, (changed, *others))


def _rotation(**changes: Any) -> Screen:
    rotation: RotationStatus = replace(ROTATING, **changes)
    return healthy(rotation=rotation)


def _lake(**changes: Any) -> Screen:
    return replace(healthy(), lake=replace(lake(), **changes))


def _workers(*names: str) -> Screen:
    queues = {name: of for name, of in WORKERS.queues.items() if of[0] in names}
    return replace(healthy(), workers=WorkerFacts(read_at=at(-4), queues=queues))


def _report(status: str, seconds: float) -> ReportLine:
    return ReportLine("r1", status, 200, 0, at(seconds), "positions are not known")


def _late() -> Screen:
    screen = healthy()
    assert screen.bus is not None
    return replace(screen, bus=replace(screen.bus, queue=queue(at=at(-600))))


#: State -> a screen whose first cause it is.
SCREENS: Mapping[str, Callable[[], Screen]] = {
    "redis_not_asked": lambda: Screen(now=NOON),
    "redis_away": lambda: _lost("Redis does not answer: nothing from 127.0.0.1:6379", "away"),
    "redis_password": lambda: _lost("Redis: WRONGPASS", "password"),
    "redis_mismatch": lambda: _lost("Redis: it does not answer in TLS", "mismatch"),
    "redis_loading": lambda: _lost("Redis: LOADING", "loading"),
    "redis_memory": lambda: _refuses("memory", "Redis: OOM"),
    "redis_replica": lambda: _refuses("replica", "Redis: READONLY"),
    "redis_disk": lambda: _refuses("disk", "Redis: MISCONF"),
    "redis_key": lambda: _lost("Redis: WRONGTYPE slotwise:quotes is a list", "wrong_key"),
    "redis_eviction": lambda: _bus(redis=replace(REDIS, eviction="allkeys-lru")),
    "clocks": lambda: _bus(clocks={"the gateway": 7.0}),
    "no_system": lambda: replace(healthy(), bus=BusFacts(read_at=NOON, redis=REDIS)),
    "gateway_away": lambda: healthy(at=at(-90)),
    "tws_unreachable": lambda: _tws("waiting to reconnect", detail="connection refused"),
    "tws_refused": lambda: _tws("connecting", "client_refused", "it closed the connection"),
    "tws_port_moved": lambda: _tws("connecting", "port_moved", "its new port is 7498"),
    "tws_not_logged_in": lambda: _tws("connecting", "not_logged_in", "no user is logged in"),
    "tws_upstream_lost": lambda: _tws("TWS has lost IB", "ib_lost", "1100"),
    "tws_connecting": lambda: _tws("connecting"),
    "positions_unknown": lambda: healthy(unknown={"DU1234567": Unknown(SINCE, "2151")}),
    "positions_late": lambda: healthy(polled_at=at(-300)),
    "competing_session": lambda: _leg(
        "refused", "10197", conditions=(_condition("competing_session"),)
    ),
    "not_permitted": lambda: healthy(data=MarketDataStatus(not_permitted=10, asked=12)),
    "farm_down": lambda: healthy(data=MarketDataStatus(farms_away={"usopt": SINCE})),
    "leg_unknown": lambda: _leg("unknown"),
    "leg_expired": lambda: _leg("expired", "expired on 2026-05-29"),
    "legs_without_line": lambda: _leg("waiting"),
    "legs_unseen": lambda: _leg("unseen"),
    "rotation_stopped": lambda: healthy(limit=20, allowed=20),
    "prices_missing": lambda: _rotation(unpriced=90, unanswered=4),
    "prices_silent": lambda: _rotation(silent=3),
    "prices_late": lambda: _rotation(others=replace(ROTATING.others, worst_s=500.0)),
    "lake_trouble": lambda: _bus(
        lake=LakeStatus(at=at(-2), error="no lake at lake/live", trouble="absent", since=SINCE)
    ),
    "lake_worker_away": lambda: _workers("poll"),
    "beat_away": lambda: _bus(beat=BeatStatus(at=at(-600))),
    "poll_workers_away": lambda: _workers("lake"),
    "workers_unknown": lambda: replace(
        healthy(), workers=WorkerFacts(read_at=at(-4), error="no answer")
    ),
    "landing_late": _late,
    "rows_late": lambda: healthy(spool_oldest_s=90.0),
    "breaks": lambda: replace(healthy(), lake=lake(open_break(1))),
    "book_stale": lambda: _lake(report=_report("stale", -9)),
    "book_unknown": lambda: _lake(report=None),
    "book_late": lambda: _lake(report=_report("matched", -7200)),
    "tws_port_followed": lambda: healthy(
        conditions=(_condition("port_moved", "TWS has moved: set SLOTWISE_IB_PORT=7498"),)
    ),
    "updates_lost": lambda: healthy(updates_lost=12),
    "failed_items": lambda: _lake(failed_items=4),
    "set_aside": lambda: _lake(set_aside=1),
    "spool_filling": lambda: healthy(spooled=700_000, spool_share=0.7),
    "spool_in_memory": lambda: healthy(spool_error="database or disk is full"),
    "handler_hangs": lambda: healthy(handlers_busy_s={"alarm": 600.0}),
    "disk_low": lambda: _lake(disk_free_share=0.02),
    "monitor_away": lambda: replace(healthy(), needs_monitor=True),
    "receiver_fails": lambda: _bus(receiver_error="webhook: the receiver answers 404"),
    "contracts_gone": lambda: _rotation(gone=2),
    "rates_missing": lambda: healthy(currencies_without_rate=("EUR",), rates_trouble="none came"),
    "handler_errors": lambda: healthy(handler_errors={"alarm": 3}),
}

#: More ways to a state, by what published it.
MORE_WAYS: Mapping[str, tuple[str, Callable[[], Screen]]] = {
    "the gateway's status is gone": (
        "gateway_away",
        lambda: replace(healthy(), bus=replace(bus_facts(None, queue()), redis=REDIS)),
    ),
    "another session without a line": (
        "competing_session", lambda: healthy(conditions=(_condition("competing_session"),)),
    ),
    "beat's status is gone": ("beat_away", lambda: _bus(beat=None)),
    "nothing has landed since the start": ("landing_late", lambda: _bus(queue=None)),
    "an item waits": (
        "landing_late", lambda: replace(
            healthy(), bus=replace(bus_facts(gateway(rotation=ROTATING), queue(oldest_s=90.0)))
        ),
    ),
    "the lake cannot be read": ("lake_trouble", lambda: _lake(error="there is none")),
    "the lake hangs": ("lake_trouble", lambda: _lake(read_at=at(-90))),
    "workers cannot be asked any more": (
        "workers_unknown", lambda: replace(healthy(), workers=replace(WORKERS, read_at=at(-90))),
    ),
    "the monitor hangs": (
        "monitor_away",
        lambda: replace(_bus(monitor_at=NOON - timedelta(seconds=30)), needs_monitor=True),
    ),
    "workers hang from the start": (
        "workers_unknown", lambda: replace(healthy(), began=at(-90), workers=None)
    ),
    "the lake hangs from the start": (
        "book_unknown", lambda: replace(healthy(), began=at(-90), lake=None)
    ),
}  # fmt: skip
