"""Rules on Redis, clocks, the gateway's process and its session with TWS."""

from __future__ import annotations

import re
from collections.abc import Callable

from slotwise.health.verdict.facts import Facts, RedisTrouble, Session
from slotwise.health.verdict.finding import Finding
from slotwise.health.verdict.words import duration_words, since_words

#: Clocks further apart than this make leases and ages wrong, seconds.
CLOCKS_DIFFER_S = 2.0
#: The gateway publishes its status each second; without one for this long, seconds, it is missed.
GATEWAY_SILENT_S = 15.0

#: The system's number before its own words.
_ERRNO = re.compile(r"^\[Errno -?\d+\] ")

_REDIS: dict[RedisTrouble, tuple[str, str]] = {
    "away": (
        "Redis does not answer",
        "start Redis (slotwise up has its own), or set REDIS_URL to where it is",
    ),
    "password": ("Redis refuses the login", "correct the name and the password in REDIS_URL"),
    "mismatch": (
        "REDIS_URL does not fit what answers there",
        "correct REDIS_URL: redis:// without TLS, rediss:// with it, and the file of its CA",
    ),
    "memory": (
        "Redis is out of memory and takes no writes",
        "raise its maxmemory, or free memory: everything goes on by itself then",
    ),
    "replica": (
        "this Redis is a replica and takes no writes",
        "set REDIS_URL to the primary, or make this one the primary",
    ),
    "disk": (
        "Redis cannot save to its disk and takes no writes",
        "free its disk, or correct the rights of its folder",
    ),
    "not_asked": ("Redis has not been asked yet", "wait a second"),
    "loading": ("Redis is loading its data", "wait until it has loaded"),
    "eviction": (
        "Redis may delete what is on its way",
        "set its maxmemory-policy to noeviction",
    ),
    "wrong_key": (
        "a key of Slotwise in Redis has the wrong type",
        "delete the key that is named; it is made again",
    ),
}

_TWS: dict[Session, tuple[str, str]] = {
    "unreachable": (
        "TWS does not answer",
        "start TWS or IB Gateway, enable its API, check SLOTWISE_IB_HOST and SLOTWISE_IB_PORT",
    ),
    "refused": (
        "TWS refuses this client",
        "is the client id free, and does this TWS accept text clients? see docs/operations.md",
    ),
    "not_logged_in": ("TWS is not logged in yet", "log in to TWS"),
    "upstream_lost": (
        "TWS has no connection to IB",
        "wait, or check the network of the machine that TWS runs on",
    ),
    "connecting": ("connecting to TWS", "wait a few seconds"),
    "port_moved": ("TWS has moved to another port", "set SLOTWISE_IB_PORT to the port it names"),
}


def redis_rule(trouble: RedisTrouble) -> Callable[[Facts], Finding | None]:
    """Return the rule that finds one fault of Redis."""
    sentence, advice = _REDIS[trouble]

    def find(facts: Facts) -> Finding | None:
        if facts.redis.trouble != trouble:
            return None
        text = f": {facts.redis.text}" if facts.redis.text else ""
        return Finding(f"{sentence}{since_words(facts.redis.since, facts.now)}{text}", advice)

    return find


def find_clock(facts: Facts) -> Finding | None:
    """Find clocks that differ too much."""
    apart_s = abs(facts.redis.clock_apart_s)
    if apart_s <= CLOCKS_DIFFER_S:
        return None
    return Finding(
        f"the clocks of {facts.redis.clock_of} and of this machine are"
        f" {duration_words(apart_s)} apart",
        "set both clocks, for example with chrony",
    )


def find_no_system(facts: Facts) -> Finding | None:
    """Find that no system runs on this Redis."""
    if facts.gateway_at is not None or facts.landing.landed_at is not None:
        return None
    return Finding(
        "no Slotwise system is running here",
        "start one: slotwise up; or set REDIS_URL to the Redis of the one that runs",
    )


def find_gateway_away(facts: Facts) -> Finding | None:
    """Find that the gateway's process is away or hangs."""
    if facts.gateway_at is None:
        return Finding("the gateway is not running", "start it: slotwise gateway")
    silent_s = (facts.now - facts.gateway_at).total_seconds()
    if silent_s <= GATEWAY_SILENT_S:
        return None
    return Finding(
        f"the gateway has been silent for {duration_words(silent_s)}",
        "look at its log; a supervisor starts it again",
    )


def session_rule(session: Session) -> Callable[[Facts], Finding | None]:
    """Return the rule that finds one state of the session with TWS."""
    sentence, advice = _TWS[session]

    def find(facts: Facts) -> Finding | None:
        tws = facts.tws
        if tws.session != session:
            return None
        where = f" at {tws.address}" if tws.address and session == "unreachable" else ""
        # What TWS lacks before a login is in the sentence already.
        reason = "" if session == "not_logged_in" else _ERRNO.sub("", tws.text)
        text = f": {reason}" if reason else ""
        return Finding(f"{sentence}{where}{since_words(tws.since, facts.now)}{text}", advice)

    return find


def find_port_followed(facts: Facts) -> Finding | None:
    """Find that the connection is to a port that the settings do not name."""
    moved = facts.tws.moved
    if facts.tws.session != "ready" or not moved:
        return None
    what, _, advice = moved.partition(": ")
    return Finding(
        f"{what}; the gateway follows it until it is started again",
        advice or "set SLOTWISE_IB_PORT to the new port",
    )
