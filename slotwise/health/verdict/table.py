"""Every state of the system that is not well, in the order in which a person needs to know it.

Rules:
* Rows are looked at from the top; the first that is found is the cause, and gives the headline.
* A row `explains` subjects: what is found there follows from it, and is left out or, for
  legs, added to the headline as the consequence.
* `wrong` is known to be wrong, `unknown` cannot be known, `note` is worth a line and is well.
* `unready` makes a readiness probe fail. What a restart cannot help (a competing session, a missing
  permission, a closed market, a lake that is away) leaves a process ready.
* `alert` marks the states whose begin and end are sent.

The table in docs/operations.md is made from these rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from slotwise.health.verdict import rules_data as data
from slotwise.health.verdict import rules_landing as landing
from slotwise.health.verdict import rules_system as system
from slotwise.health.verdict.facts import Facts
from slotwise.health.verdict.finding import Finding, Level

#: What a state is about.
Subject: TypeAlias = Literal[
    "redis", "gateway", "tws", "positions", "data", "legs", "prices", "lake", "workers",
    "landing", "book", "person",
]  # fmt: skip
_ALL: tuple[Subject, ...] = (
    "gateway", "tws", "positions", "data", "legs", "prices", "lake", "workers", "landing",
    "book", "person",
)  # fmt: skip
_FROM_TWS: tuple[Subject, ...] = ("positions", "data", "legs", "prices")
_FROM_GATEWAY: tuple[Subject, ...] = ("tws", *_FROM_TWS)


class State(msgspec.Struct, frozen=True, kw_only=True):
    """One row: a state, how to find it, and what follows from it."""

    name: str
    subject: Subject
    #: What happened, for the table in the docs.
    cause: str
    find: Callable[[Facts], Finding | None]
    level: Level = "wrong"
    unready: bool = False
    alert: bool = True
    explains: tuple[Subject, ...] = ()


def _redis(
    name: str,
    cause: str,
    find: Callable[[Facts], Finding | None],
    *,
    level: Level = "wrong",
    unready: bool = True,
    alert: bool = True,
    explains: tuple[Subject, ...] = _ALL,
) -> State:
    return State(
        name=name,
        subject="redis",
        cause=cause,
        find=find,
        level=level,
        unready=unready,
        alert=alert,
        explains=explains,
    )


def _tws(name: str, cause: str, find: Callable[[Facts], Finding | None]) -> State:
    return State(name=name, subject="tws", cause=cause, find=find, unready=True, explains=_FROM_TWS)


STATES: tuple[State, ...] = (
    _redis(
        "redis_not_asked", "nothing has been read yet, at a start",
        system.redis_rule("not_asked"), level="unknown", alert=False,
    ),
    _redis("redis_away", "Redis cannot be reached", system.redis_rule("away"), level="unknown"),
    _redis(
        "redis_password", "Redis refuses the login", system.redis_rule("password"), level="unknown"
    ),
    _redis(
        "redis_mismatch", "TLS, CA or protocol do not fit", system.redis_rule("mismatch"),
        level="unknown",
    ),
    _redis(
        "redis_loading", "Redis loads its data", system.redis_rule("loading"), level="unknown"
    ),
    _redis("redis_memory", "Redis is out of memory", system.redis_rule("memory")),
    _redis("redis_replica", "Redis turned into a replica", system.redis_rule("replica")),
    _redis("redis_disk", "Redis cannot save", system.redis_rule("disk")),
    _redis("redis_key", "a key of Slotwise has a wrong type", system.redis_rule("wrong_key")),
    _redis(
        "redis_eviction", "Redis deletes keys when full", system.redis_rule("eviction"),
        unready=False, explains=(),
    ),
    State(
        name="clocks", subject="redis", cause="clocks differ by more than 2 s",
        find=system.find_clock,
    ),
    State(
        name="no_system", subject="gateway", cause="nothing runs on this Redis",
        find=system.find_no_system, level="unknown", unready=True, explains=_ALL,
    ),
    State(
        name="gateway_away", subject="gateway", cause="the gateway is away or hangs",
        find=system.find_gateway_away, unready=True, explains=_FROM_GATEWAY,
    ),
    _tws("tws_unreachable", "TWS is off or elsewhere", system.session_rule("unreachable")),
    _tws("tws_refused", "TWS refuses this client", system.session_rule("refused")),
    _tws("tws_port_moved", "TWS listens elsewhere (1300)", system.session_rule("port_moved")),
    _tws("tws_not_logged_in", "TWS is not logged in", system.session_rule("not_logged_in")),
    _tws("tws_upstream_lost", "TWS lost IB (1100, 2110)", system.session_rule("upstream_lost")),
    _tws("tws_connecting", "the connection is being made", system.session_rule("connecting")),
    State(
        name="positions_unknown", subject="positions",
        cause="TWS answers without positions (2151, 10275, 321, no rows)",
        find=data.find_positions_unknown,
    ),
    State(
        name="positions_late", subject="positions", cause="no complete answer for too long",
        find=data.find_positions_late,
    ),
    State(
        name="competing_session", subject="data", cause="another session has the data (10197)",
        find=data.find_competing, explains=("legs", "prices"),
    ),
    State(
        name="not_permitted", subject="data", cause="no permission (354, 10089, 10168, ...)",
        find=data.find_not_permitted,
    ),
    State(
        name="farm_down", subject="data", cause="a market data farm is down (2103)",
        find=data.find_farm_down, explains=("legs",),
    ),
    State(
        name="leg_unknown", subject="legs", cause="TWS does not know a leg (200)",
        find=data.find_unknown_legs,
    ),
    State(
        name="leg_expired", subject="legs", cause="a leg has expired", find=data.find_expired_legs
    ),
    State(
        name="legs_without_line", subject="legs", cause="fewer lines than active contracts",
        find=data.find_legs_without_line, explains=("prices",),
    ),
    State(
        name="legs_unseen", subject="legs", cause="active contracts without data",
        find=data.find_unseen_legs,
    ),
    State(
        name="rotation_stopped", subject="prices", cause="strategies hold every line",
        find=data.find_rotation_stopped, explains=("prices",),
    ),
    State(
        name="prices_missing", subject="prices", cause="contracts that never had a price",
        find=data.find_prices_missing, alert=False,
    ),
    State(
        name="prices_silent", subject="prices",
        cause="contracts that had a price and get none any more",
        find=data.find_prices_silent, alert=False,
    ),
    State(
        name="prices_late", subject="prices", cause="prices older than promised",
        find=data.find_prices_late, alert=False,
    ),
    State(
        name="lake_trouble", subject="lake",
        cause="the lake is away, full, read-only, another one, unreadable",
        find=landing.find_lake_trouble, explains=("landing", "book"),
    ),
    State(
        name="lake_worker_away", subject="workers", cause="no lake worker",
        find=landing.find_lake_worker_away, explains=("landing", "book"),
    ),
    State(
        name="beat_away", subject="workers", cause="no beat",
        find=landing.find_beat_away, explains=("landing", "book"),
    ),
    State(
        name="poll_workers_away", subject="workers", cause="no poll worker",
        find=landing.find_poll_workers_away, explains=("landing", "book"),
    ),
    State(
        name="workers_unknown", subject="workers", cause="workers cannot be asked",
        find=landing.find_workers_unknown, level="unknown", alert=False,
    ),
    State(
        name="landing_late", subject="landing", cause="rows land late or not at all",
        find=landing.find_landing_late,
    ),
    State(
        name="rows_late", subject="landing", cause="rows of the gateway do not reach the lake",
        find=landing.find_rows_late,
    ),
    State(
        name="breaks", subject="book", cause="breaks are open", find=landing.find_breaks,
        alert=False,
    ),
    State(
        name="book_stale", subject="book", cause="the last reconciliation verified nothing",
        find=landing.find_book_stale, level="unknown", alert=False,
    ),
    State(
        name="book_unknown", subject="book", cause="never reconciled, or not readable",
        find=landing.find_book_unknown, level="unknown", alert=False,
    ),
    State(
        name="book_late", subject="book", cause="not reconciled for three intervals",
        find=landing.find_book_late, level="unknown", alert=False,
    ),
    State(
        name="tws_port_followed", subject="person",
        cause="TWS listens elsewhere, and the gateway has followed it",
        find=system.find_port_followed,
    ),
    State(
        name="updates_lost", subject="person", cause="updates were given up",
        find=landing.find_updates_lost,
    ),
    State(
        name="failed_items", subject="person", cause="queue items failed",
        find=landing.find_failed_items,
    ),
    State(
        name="set_aside", subject="person", cause="entries could not land",
        find=landing.find_set_aside,
    ),
    State(
        name="spool_filling", subject="person", cause="the spool is half full",
        find=landing.find_spool_filling,
    ),
    State(
        name="spool_in_memory", subject="person", cause="the spool's disk is full or refused",
        find=landing.find_spool_in_memory,
    ),
    State(
        name="handler_hangs", subject="person", cause="a handler does not return",
        find=landing.find_handler_hangs,
    ),
    State(
        name="disk_low", subject="person", cause="the lake's disk is nearly full",
        find=landing.find_disk_low,
    ),
    State(
        name="monitor_away", subject="person",
        cause="a webhook or a command is set, and no monitor runs",
        find=landing.find_monitor_away, alert=False,
    ),
    State(
        name="receiver_fails", subject="person",
        cause="the webhook or the user's command takes no change",
        find=landing.find_receiver_fails, alert=False,
    ),
    State(
        name="contracts_gone", subject="prices", cause="held contracts that TWS does not know",
        find=data.find_contracts_gone, level="note", alert=False,
    ),
    State(
        name="rates_missing", subject="prices", cause="held currencies without an exchange rate",
        find=data.find_rates_missing, level="note", alert=False,
    ),
    State(
        name="handler_errors", subject="person", cause="a handler raises errors",
        find=landing.find_handler_errors, level="note", alert=False,
    ),
)  # fmt: skip
