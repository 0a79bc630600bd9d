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
from functools import partial
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


class State(msgspec.Struct, frozen=True):
    """One row: a state, how to find it, and what follows from it."""

    name: str
    #: What happened, for the table in the docs.
    cause: str
    find: Callable[[Facts], Finding | None]
    subject: Subject
    level: Level = "wrong"
    unready: bool = False
    alert: bool = True
    explains: tuple[Subject, ...] = ()


_redis = partial(State, subject="redis", unready=True, explains=_ALL)
_tws = partial(State, subject="tws", unready=True, explains=_FROM_TWS)

STATES: tuple[State, ...] = (
    _redis(
        "redis_not_asked", "nothing has been read yet, at a start", system.redis_rule("not_asked"),
        level="unknown", alert=False,
    ),
    _redis("redis_away", "Redis cannot be reached", system.redis_rule("away"), level="unknown"),
    _redis(
        "redis_password", "Redis refuses the login", system.redis_rule("password"), level="unknown",
    ),
    _redis(
        "redis_mismatch", "TLS, CA or protocol do not fit", system.redis_rule("mismatch"),
        level="unknown",
    ),
    _redis("redis_loading", "Redis loads its data", system.redis_rule("loading"), level="unknown"),
    _redis("redis_memory", "Redis is out of memory", system.redis_rule("memory")),
    _redis("redis_replica", "Redis turned into a replica", system.redis_rule("replica")),
    _redis("redis_disk", "Redis cannot save", system.redis_rule("disk")),
    _redis("redis_key", "a key of Slotwise has a wrong type", system.redis_rule("wrong_key")),
    _redis(
        "redis_eviction", "Redis deletes keys when full", system.redis_rule("eviction"),
        unready=False, explains=(),
    ),
    State("clocks", "clocks differ by more than 2 s", system.find_clock, "redis"),
    State(
        "no_system", "nothing runs on this Redis", system.find_no_system, "gateway",
        level="unknown", unready=True, explains=_ALL,
    ),
    State(
        "gateway_away", "the gateway is away or hangs", system.find_gateway_away, "gateway",
        unready=True, explains=_FROM_GATEWAY,
    ),
    _tws("tws_unreachable", "TWS is off or elsewhere", system.session_rule("unreachable")),
    _tws("tws_refused", "TWS refuses this client", system.session_rule("refused")),
    _tws("tws_port_moved", "TWS listens elsewhere (1300)", system.session_rule("port_moved")),
    _tws("tws_not_logged_in", "TWS is not logged in", system.session_rule("not_logged_in")),
    _tws("tws_upstream_lost", "TWS lost IB (1100, 2110)", system.session_rule("upstream_lost")),
    _tws("tws_connecting", "the connection is being made", system.session_rule("connecting")),
    State(
        "positions_unknown", "TWS answers without positions (2151, 10275, 321, no rows)",
        data.find_positions_unknown, "positions",
    ),
    State(
        "positions_late", "no complete answer for too long", data.find_positions_late, "positions",
    ),
    State(
        "competing_session", "another session has the data (10197)", data.find_competing, "data",
        explains=("legs", "prices"),
    ),
    State(
        "not_permitted", "no permission (354, 10089, 10168, ...)", data.find_not_permitted, "data",
    ),
    State(
        "farm_down", "a market data farm is down (2103)", data.find_farm_down, "data",
        explains=("legs",),
    ),
    State("leg_unknown", "TWS does not know a leg (200)", data.find_unknown_legs, "legs"),
    State("leg_expired", "a leg has expired", data.find_expired_legs, "legs"),
    State(
        "legs_without_line", "fewer lines than active contracts", data.find_legs_without_line,
        "legs", explains=("prices",),
    ),
    State("legs_unseen", "active contracts without data", data.find_unseen_legs, "legs"),
    State(
        "rotation_stopped", "strategies hold every line", data.find_rotation_stopped, "prices",
        explains=("prices",),
    ),
    State(
        "prices_missing", "contracts that never had a price", data.find_prices_missing, "prices",
        alert=False,
    ),
    State(
        "prices_silent", "contracts that had a price and get none any more",
        data.find_prices_silent, "prices", alert=False,
    ),
    State(
        "prices_late", "prices older than promised", data.find_prices_late, "prices", alert=False,
    ),
    State(
        "lake_trouble", "the lake is away, full, read-only, another one, unreadable",
        landing.find_lake_trouble, "lake", explains=("landing", "book"),
    ),
    State(
        "lake_worker_away", "no lake worker", landing.find_lake_worker_away, "workers",
        explains=("landing", "book"),
    ),
    State("beat_away", "no beat", landing.find_beat_away, "workers", explains=("landing", "book")),
    State(
        "poll_workers_away", "no poll worker", landing.find_poll_workers_away, "workers",
        explains=("landing", "book"),
    ),
    State(
        "workers_unknown", "workers cannot be asked", landing.find_workers_unknown, "workers",
        level="unknown", alert=False,
    ),
    State("landing_late", "rows land late or not at all", landing.find_landing_late, "landing"),
    State(
        "rows_late", "rows of the gateway do not reach the lake", landing.find_rows_late, "landing",
    ),
    State("breaks", "breaks are open", landing.find_breaks, "book", alert=False),
    State(
        "book_stale", "the last reconciliation verified nothing", landing.find_book_stale, "book",
        level="unknown", alert=False,
    ),
    State(
        "book_unknown", "never reconciled, or not readable", landing.find_book_unknown, "book",
        level="unknown", alert=False,
    ),
    State(
        "book_late", "not reconciled for three intervals", landing.find_book_late, "book",
        level="unknown", alert=False,
    ),
    State(
        "tws_port_followed", "TWS listens elsewhere, and the gateway has followed it",
        system.find_port_followed, "person",
    ),
    State("updates_lost", "updates were given up", landing.find_updates_lost, "person"),
    State("failed_items", "queue items failed", landing.find_failed_items, "person"),
    State("set_aside", "entries could not land", landing.find_set_aside, "person"),
    State("spool_filling", "the spool is half full", landing.find_spool_filling, "person"),
    State(
        "spool_in_memory", "the spool's disk is full or refused", landing.find_spool_in_memory,
        "person",
    ),
    State("handler_hangs", "a handler does not return", landing.find_handler_hangs, "person"),
    State("disk_low", "the lake's disk is nearly full", landing.find_disk_low, "person"),
    State(
        "monitor_away", "a webhook or a command is set, and no monitor runs",
        landing.find_monitor_away, "person", alert=False,
    ),
    State(
        "receiver_fails", "the webhook or the user's command takes no change",
        landing.find_receiver_fails, "person", alert=False,
    ),
    State(
        "contracts_gone", "held contracts that TWS does not know", data.find_contracts_gone,
        "prices", level="note", alert=False,
    ),
    State(
        "rates_missing", "held currencies without an exchange rate", data.find_rates_missing,
        "prices", level="note", alert=False,
    ),
    State(
        "handler_errors", "a handler raises errors", landing.find_handler_errors, "person",
        level="note", alert=False,
    ),
)  # fmt: skip
