"""Checks: what is wrong with a running system, and what to do about it.

Pure: what was found out goes in, a verdict comes out. `ok` is fine, `warn` works but not as it
should, `fail` does not work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from slotwise.bus.status import GatewayStatus, QueueStatus

Verdict: TypeAlias = Literal["ok", "warn", "fail"]

#: Clocks further apart than this make leases and ages wrong, seconds.
CLOCKS_DIFFER_S = 2.0
#: A process that says something each second or each beat is missed after this, seconds.
SILENT_S = 15.0
#: A landing is late after so many beats.
LATE_BEATS = 4
#: Live files of a table beyond which maintenance has not kept up.
MANY_FILES = 200
POLL, LAKE = "poll", "lake"


class Check(msgspec.Struct, frozen=True):
    """Hold one verdict: on what, what was seen, and what to do."""

    name: str
    verdict: Verdict
    seen: str
    advice: str = ""


class RedisFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what Redis says of itself; `error` where it says nothing."""

    error: str = ""
    version: str = ""
    append_only: bool = False
    eviction: str = "noeviction"
    ahead_s: float = 0.0


def redis_checks(facts: RedisFacts) -> list[Check]:
    """Look at Redis, and at its clock beside ours."""
    if facts.error:
        return [Check("redis", "fail", facts.error, "start Redis, or set REDIS_URL to where it is")]
    checks = [Check("redis", "ok", f"version {facts.version}")]
    if not facts.append_only:
        advice = "set appendonly yes: else a restart sends everything under way again"
        checks.append(Check("redis file", "warn", "nothing is kept on disk", advice))
    if facts.eviction != "noeviction":
        advice = "set maxmemory-policy noeviction: other policies delete what is under way"
        checks.append(Check("redis memory", "fail", f"policy {facts.eviction}", advice))
    ahead = abs(facts.ahead_s)
    if ahead > CLOCKS_DIFFER_S:
        seen = f"Redis and this machine are {ahead:.1f} s apart"
        checks.append(Check("clock", "fail", seen, "set both clocks, for example with chrony"))
    else:
        checks.append(Check("clock", "ok", f"{ahead * 1000:.0f} ms from that of Redis"))
    return checks


def gateway_checks(status: GatewayStatus | None, now: datetime, poll_s: float) -> list[Check]:
    """Look at the gateway, its connection and its lines."""
    if status is None:
        advice = "start one: slotwise gateway, or slotwise up for everything"
        return [Check("gateway", "fail", "no gateway says anything", advice)]
    age_s = (now - status.at).total_seconds()
    if age_s > SILENT_S:
        return [Check("gateway", "fail", f"silent for {age_s:.0f} s", "look at its log")]
    checks = [Check("gateway", "ok", f"{status.positions} positions")]
    if status.connected_at is None:
        advice = "start TWS or IB Gateway, enable its API, check SLOTWISE_IB_HOST and _PORT"
        seen = f"{status.session} {status.detail}".strip()
        return [*checks, Check("TWS", "fail", seen, advice)]
    checks.append(Check("TWS", "ok", f"connected since {status.connected_at:%Y-%m-%d %H:%M:%S}"))
    if status.polled_at is None or (now - status.polled_at).total_seconds() > 2 * poll_s + SILENT_S:
        seen = "no whole snapshot" if status.polled_at is None else "the newest snapshot is old"
        checks.append(Check("positions", "fail", seen, "is TWS still loading? see the log"))
    lines = f"{len(status.lines)} of {status.limit} held, {len(status.waiting)} wait"
    if status.waiting or status.refused:
        advice = "slotwise why CONID says why; fewer active contracts, or more lines"
        checks.append(Check("lines", "warn", lines, advice))
    else:
        checks.append(Check("lines", "ok", lines))
    if status.updates_lost:
        advice = "Redis was away for longer than the spool holds; reconcile with --heal"
        checks.append(Check("spool", "fail", f"{status.updates_lost} updates were lost", advice))
    return checks


def worker_checks(queues: Mapping[str, Sequence[str]]) -> list[Check]:
    """Look at who works: the queues of each worker that answers, by its name."""
    checks = []
    for queue, what, most in ((POLL, "poll workers", None), (LAKE, "lake worker", 1)):
        names = sorted(name for name, of in queues.items() if queue in of)
        if not names:
            advice = f"start one: celery -A tasks.app worker -Q {queue}"
            checks.append(Check(what, "fail", "none answers", advice))
        elif most is not None and len(names) > most:
            advice = "one is enough: the others only take turns"
            checks.append(Check(what, "warn", ", ".join(names), advice))
        else:
            checks.append(Check(what, "ok", ", ".join(names)))
    return checks


def landing_checks(status: QueueStatus | None, now: datetime, beat_s: float) -> list[Check]:
    """Look at what beat and the lake worker did last."""
    advice = "is beat running, and the lake worker? see their logs"
    if status is None:
        return [Check("landing", "fail", "nothing has landed for a minute", advice)]
    age_s = (now - status.at).total_seconds()
    if age_s > LATE_BEATS * beat_s:
        return [Check("landing", "fail", f"the last one was {age_s:.0f} s ago", advice)]
    seen = f"{age_s:.0f} s ago, {status.commit_ms:.0f} ms; {status.waiting} items wait"
    if status.oldest_s > LATE_BEATS * beat_s:
        late = "add poll workers, or look for failing batches: slotwise queue"
        return [Check("landing", "warn", f"{seen}, one for {status.oldest_s:.0f} s", late)]
    return [Check("landing", "ok", seen)]


def lake_checks(error: str, files: Mapping[str, int]) -> list[Check]:
    """Look at the lake: whether it can be written, and the live files of its tables."""
    if error:
        return [Check("lake", "fail", error, "check SLOTWISE_LAKE, the disk and its rights")]
    table, most = max(files.items(), key=lambda item: item[1], default=("", 0))
    if most > MANY_FILES:
        advice = "maintenance does not keep up: is a poll worker running?"
        return [Check("lake", "warn", f"{table} has {most} files", advice)]
    return [Check("lake", "ok", f"{len(files)} tables, at most {most} files each")]
