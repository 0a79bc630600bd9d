"""What the facts come to: each thing that is not right, and how the whole stands.

Rules:
* While Redis does not answer nothing is known, whatever was told before.
* What is known to be wrong goes before what is not known.
* A warning is shown, and leaves the whole well.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from slotwise.health.book_checks import book_checks
from slotwise.health.checks import Check, gateway_checks, landing_checks, worker_checks
from workers.screen.facts import Screen

Standing: TypeAlias = Literal["well", "wrong", "unknown"]

#: Exit status of `slotwise status`.
EXIT: dict[Standing, int] = {"well": 0, "wrong": 1, "unknown": 2}
#: Checks that fail where something could not be asked.
NOT_KNOWN = frozenset(("redis", "workers", "lake"))


def checks_of(screen: Screen) -> list[Check]:
    """Check everything that is known."""
    return [*_live(screen), *_workers(screen), *_lake(screen)]


def standing_of(screen: Screen) -> Standing:
    """Tell how the whole stands."""
    if screen.bus is None or screen.bus.error:
        return "unknown"
    failed = {check.name for check in checks_of(screen) if check.verdict == "fail"}
    if failed - NOT_KNOWN:
        return "wrong"
    if failed or screen.workers is None or screen.lake is None:
        return "unknown"
    return "well"


def _live(screen: Screen) -> list[Check]:
    bus = screen.bus
    if bus is None:
        return []
    if bus.error:
        advice = "start Redis, or set REDIS_URL to where it is"
        return [Check("redis", "fail", bus.error.removeprefix("Redis: "), advice)]
    found = gateway_checks(bus.gateway, screen.now, screen.pace.poll_s)
    errors = {} if bus.gateway is None else bus.gateway.handler_errors
    # Every handler is named there, also one that has met none.
    if any(errors.values()):
        seen = ", ".join(f"{name} {count}" for name, count in errors.items() if count)
        found.append(Check("errors of handlers", "warn", seen, "the gateway's log has each"))
    return [*found, *landing_checks(bus.queue, screen.now, screen.pace.beat_s)]


def _workers(screen: Screen) -> list[Check]:
    facts = screen.workers
    if facts is None or (screen.bus is not None and screen.bus.error):
        return []
    if facts.error:
        return [Check("workers", "fail", facts.error, "is Redis there?")]
    return worker_checks(facts.queues)


def _lake(screen: Screen) -> list[Check]:
    facts = screen.lake
    if facts is None:
        return []
    if facts.error:
        return [Check("lake", "fail", facts.error, "check SLOTWISE_LAKE, the disk and its rights")]
    return book_checks(facts.report, facts.breaks, screen.now, screen.pace.reconcile_s)
