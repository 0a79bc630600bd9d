"""Parts of a running system that doctor lists beside the verdict, and what Redis reports of itself.

Pure: what was found out goes in, a row comes out. What is wrong is the verdict's business
(`slotwise.health.verdict`); rows here are `ok`, or `warn` where a setting could be better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from slotwise.bus.redis_facts import RedisFacts as RedisFacts
from slotwise.bus.status import GatewayStatus, QueueStatus
from slotwise.formatting import counted

Mark: TypeAlias = Literal["ok", "warn", "fail"]

#: Live files of a table beyond which maintenance has not kept up.
MANY_FILES = 200
POLL, LAKE = "poll", "lake"


class Check(msgspec.Struct, frozen=True):
    """One row: what was looked at, how it is, what was seen, and what to do."""

    name: str
    verdict: Mark
    seen: str
    advice: str = ""


def redis_checks(facts: RedisFacts | None) -> list[Check]:
    """Return rows on Redis, its clock beside ours, and its file."""
    if facts is None or facts.error:
        return []
    rows = [
        Check("redis", "ok", f"version {facts.version}"),
        Check("clock", "ok", f"{abs(facts.ahead_s) * 1000:.0f} ms from that of Redis"),
    ]
    if not facts.append_only:
        advice = "set appendonly yes: else a restart sends everything under way again"
        rows.append(Check("redis file", "warn", "nothing is kept on disk", advice))
    return rows


def gateway_checks(status: GatewayStatus | None) -> list[Check]:
    """Return rows on the gateway, its connection and its lines."""
    if status is None:
        return []
    rows = [Check("gateway", "ok", counted(status.positions, "position"))]
    if status.connected_at is None:
        return rows
    seen = f"connected since {status.connected_at:%Y-%m-%d %H:%M:%S} UTC"
    rows.append(Check("TWS", "ok", seen))
    lines = f"{len(status.lines)} of {status.limit} held, {len(status.waiting)} waiting"
    return [*rows, Check("lines", "ok", lines)]


def worker_checks(queues: Mapping[str, Sequence[str]]) -> list[Check]:
    """Return rows on the workers that answer: the queues of each, by its name."""
    rows = []
    for queue, what, most in ((POLL, "poll workers", None), (LAKE, "lake worker", 1)):
        names = sorted(name for name, of in queues.items() if queue in of)
        if most is not None and len(names) > most:
            advice = "one is enough: the others only take turns"
            rows.append(Check(what, "warn", ", ".join(names), advice))
        elif names:
            rows.append(Check(what, "ok", ", ".join(names)))
    return rows


def landing_checks(status: QueueStatus | None, now: datetime) -> list[Check]:
    """Return a row on the last landing."""
    if status is None:
        return []
    age_s = (now - status.at).total_seconds()
    waiting = counted(status.waiting, "item waits", "items wait")
    seen = f"{age_s:.0f} s ago, {status.commit_ms:.0f} ms; {waiting}"
    return [Check("landing", "ok", seen)]


def lake_checks(files: Mapping[str, int]) -> list[Check]:
    """Return a row on the live files of the lake's tables."""
    table, most = max(files.items(), key=lambda item: item[1], default=("", 0))
    if most > MANY_FILES:
        advice = "maintenance does not keep up: is a poll worker running?"
        return [Check("lake", "warn", f"{table} has {counted(most, 'file')}", advice)]
    return [
        Check("lake", "ok", f"{counted(len(files), 'table')}, at most {counted(most, 'file')} each")
    ]
