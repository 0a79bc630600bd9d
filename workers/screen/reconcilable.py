"""What speaks against a reconciliation now, by the verdict's own rules, without waiting."""

from __future__ import annotations

from datetime import UTC, datetime

from slotwise.account import masked
from slotwise.health.verdict.finding import Named
from workers.screen.facts import BusFacts, Screen
from workers.screen.verdict import verdict_of

#: States with which no snapshot of the broker can be had, or no answer.
BLOCKING = frozenset(
    {
        "redis_memory", "redis_replica", "redis_disk", "no_system", "gateway_away",
        "tws_unreachable", "tws_refused", "tws_port_moved", "tws_not_logged_in",
        "tws_upstream_lost",
    }
)  # fmt: skip


def hindrance(bus: BusFacts, account: str | None, now: datetime | None = None) -> Named | None:
    """Return what keeps every position from being verified; None where some can be.

    `account` is the one that is asked for, None stands for all.
    """
    screen = Screen(now=now or datetime.now(UTC), bus=bus)
    for one in verdict_of(screen).findings:
        if one.state in BLOCKING:
            return one
        if one.state == "positions_unknown" and _concerns(bus, account):
            return one
    return None


def _concerns(bus: BusFacts, account: str | None) -> bool:
    unknown = {} if bus.gateway is None else bus.gateway.unknown
    # The account without a name stands for all.
    if "" in unknown:
        return True
    return account is not None and masked(account) in {masked(name) for name in unknown}
