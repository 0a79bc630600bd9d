"""The screen's facts as the verdict takes them, and the checks that screens draw."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from slotwise.account import masked
from slotwise.bus.status import GatewayStatus, LegStatus
from slotwise.health.checks import Check
from slotwise.health.verdict import Facts, Verdict, decide
from slotwise.health.verdict.facts import (
    Book,
    Landing,
    Leg,
    Lines,
    MarketData,
    Positions,
    Prices,
    Redis,
    RedisTrouble,
    StrategyLegs,
    Workers,
)
from slotwise.health.verdict.finding import Level
from slotwise.health.verdict.words import duration_words
from workers.screen.facts import BusFacts, LakeFacts, Pace, Screen, WorkerFacts
from workers.screen.verdict_tws import data_of, tws_of
from workers.screen.verdict_waiting import waiting_of

POLL, LAKE = "poll", "lake"
#: A poll is late after this many intervals and this many seconds: TWS may take its time to answer.
LATE_POLLS, LATE_POLL_S = 2.0, 15.0
#: A landing and a queue item are late after this many beats.
LATE_BEATS = 4.0
#: An entry of the gateway's spool is late after this many: it waits for a beat, and the next.
LATE_ENTRY_BEATS = 12.0
#: Workers and lake are asked each 10 s; a reading older than this, seconds, counts for nothing.
READING_OLD_S = 60.0
#: A report is late after this many intervals: it waits for workers and landings, and begins anew.
LATE_INTERVALS = 3.0

_MARKS: dict[Level, str] = {"wrong": "fail", "unknown": "fail", "note": "warn"}


def verdict_of(screen: Screen) -> Verdict:
    """Return the verdict on what the screen has read."""
    return decide(facts_of(screen))


#: Names in the names of states, as they are written.
_NAMES = {"tws": "TWS", "redis": "Redis"}


def title_of(state: str) -> str:
    """Return the name of a state in words."""
    return " ".join(_NAMES.get(word, word) for word in state.split("_"))


def checks_of(screen: Screen, *, with_cause: bool = True) -> list[Check]:
    """Return what is not right, in the verdict's order, as rows to draw.

    Without the cause the state that gives the verdict its sentence is left out. What was not asked
    yet is no row: nothing of it is known, so nothing is wrong either.
    """
    facts = facts_of(screen)
    verdict = decide(facts)
    left_out = set() if with_cause else {verdict.state}
    left_out |= set() if facts.workers_asked else {"workers_unknown"}
    left_out |= set() if facts.lake_asked else {"book_unknown"}
    found = [one for one in verdict.findings if one.state not in left_out]
    return [
        Check(title_of(one.state), _MARKS[one.level], one.sentence, one.advice)  # type: ignore[arg-type]  # a name of Verdict
        for one in found
    ]


def facts_of(screen: Screen) -> Facts:
    """Return the verdict's facts; what could not be read stays unknown."""
    bus = screen.bus
    if bus is None:
        return Facts(now=screen.now, redis=Redis(trouble="not_asked"))
    if bus.error:
        return Facts(now=screen.now, redis=_redis(bus))
    gateway = bus.gateway
    facts = Facts(
        now=screen.now,
        redis=_redis(bus),
        gateway_at=None if gateway is None else gateway.at,
        landing=_landing(bus, screen.pace),
        lake_error=_lake_error(screen.lake, screen.now),
        workers=_workers(screen.workers, bus, screen),
        book=_book(screen.lake, screen.pace, screen.now),
        workers_asked=_was_asked(screen.workers, screen),
        lake_asked=_was_asked(screen.lake, screen),
        waiting=waiting_of(screen, bus),
    )
    return facts if gateway is None else _with_gateway(facts, gateway, screen.pace)


def _with_gateway(facts: Facts, gateway: GatewayStatus, pace: Pace) -> Facts:
    return msgspec.structs.replace(
        facts,
        tws=tws_of(gateway),
        positions=Positions(
            count=gateway.positions,
            polled_at=gateway.polled_at,
            late_after_s=LATE_POLLS * pace.poll_s + LATE_POLL_S,
            unknown={
                masked(account) if account else "": (one.since, one.reason)
                for account, one in gateway.unknown.items()
            },
        ),
        data=data_of(gateway) if gateway.connected_at is not None else MarketData(),
        strategies=strategies_of(gateway.legs),
        lines=Lines(
            held=len(gateway.lines),
            limit=gateway.limit,
            allowed=gateway.limit if gateway.allowed is None else gateway.allowed,
            kept_for_quotes=gateway.kept_for_quotes,
        ),
        prices=_prices(gateway),
        closed_since=_closing_words(gateway),
        currencies_without_rate=gateway.currencies_without_rate,
        rates_trouble=gateway.rates_trouble,
    )


def strategies_of(legs: tuple[LegStatus, ...]) -> tuple[StrategyLegs, ...]:
    """Return the legs by strategy; a leg of two strategies is in both."""
    by_name: dict[str, list[Leg]] = {}
    for one in legs:
        leg = Leg(
            con_id=one.con_id,
            label=one.label,
            state=one.state,
            since=one.since,
            reason=one.reason,
        )
        for name in one.strategies:
            by_name.setdefault(name, []).append(leg)
    return tuple(StrategyLegs(name=name, legs=tuple(found)) for name, found in by_name.items())


def _redis(bus: BusFacts) -> Redis:
    report = bus.redis
    trouble: RedisTrouble = ""
    if report is not None and report.trouble is not None:
        trouble = "away" if report.trouble == "other" else report.trouble
    elif bus.error:
        trouble = "away"
    elif report is not None and report.eviction != "noeviction":
        trouble = "eviction"
    clocks = {"Redis": 0.0 if report is None else report.ahead_s, **bus.clocks}
    furthest = max(clocks, key=lambda name: abs(clocks[name]))
    return Redis(
        trouble=trouble,
        text=_reason(bus.error or (report.error if report is not None else ""))
        if trouble in ("away", "mismatch", "wrong_key")
        else "",
        since=bus.away_since,
        clock_apart_s=clocks[furthest],
        clock_of=furthest,
    )


def _reason(error: str) -> str:
    """Return the text of an error of Redis without what the verdict says already."""
    return error.removeprefix("Redis: ").removeprefix("Redis does not answer: ")


def _prices(gateway: GatewayStatus) -> Prices:
    rotation = gateway.rotation
    groups = (rotation.watched, rotation.others)
    late = [
        (one.worst_s / one.planned_s, one)
        for one in groups
        if one.worst_s is not None and one.planned_s
    ]
    worst = max(late, key=lambda pair: pair[0])[1] if late else None
    return Prices(
        contracts=rotation.wanted - rotation.gone,
        never=rotation.unpriced,
        unanswered=rotation.unanswered,
        silent=rotation.silent,
        closed=rotation.closed,
        gone=rotation.gone,
        oldest_s=None if worst is None else worst.worst_s,
        promised_s=None if worst is None else worst.planned_s,
        rate=rotation.rate_achieved or rotation.rate_planned,
        since=_can_ask_since(gateway),
        off=rotation.wanted == 0,
    )


def _can_ask_since(gateway: GatewayStatus) -> datetime | None:
    """Return since when quotes can be asked for: the connection, or the end of another session."""
    connected_at, back_at = gateway.connected_at, gateway.data.back_at
    if connected_at is None or back_at is None:
        return connected_at
    return max(connected_at, back_at)


def _closing_words(gateway: GatewayStatus) -> str:
    """Return since when every held market is closed; empty where one is open."""
    rotation = gateway.rotation
    quoted = rotation.wanted - rotation.gone
    if any(leg.state != "closed" for leg in gateway.legs) or rotation.closed < quoted:
        return ""
    if not quoted and not gateway.legs:
        return ""
    since = rotation.closed_since
    if since is None:
        return "the last session"
    # A weekday alone would be another week's.
    day = "%A" if gateway.at - since < timedelta(days=6) else "%Y-%m-%d"
    return f"{since.astimezone(UTC):{day} %H:%M} UTC"


def _landing(bus: BusFacts, pace: Pace) -> Landing:
    queue, lake = bus.queue, bus.lake
    return Landing(
        landed_at=None if queue is None else queue.at,
        late_after_s=LATE_BEATS * pace.beat_s,
        oldest_item_s=0.0 if queue is None else queue.oldest_s,
        oldest_entry_s=0.0 if bus.gateway is None else bus.gateway.spool_oldest_s,
        entry_late_after_s=LATE_ENTRY_BEATS * pace.beat_s,
        error="" if lake is None else lake.error,
        error_since=None if lake is None else lake.since,
        trouble="" if lake is None else lake.trouble,
    )


def _workers(facts: WorkerFacts | None, bus: BusFacts, screen: Screen) -> Workers | None:
    if facts is None or facts.error or _is_old(facts.read_at, screen.now):
        return None
    queues = [queue for of in facts.queues.values() for queue in of]
    silent_s = None if bus.beat is None else (screen.now - bus.beat.at).total_seconds()
    return Workers(
        poll=queues.count(POLL),
        lake=queues.count(LAKE),
        # A status that is gone has not been renewed for a minute.
        beat_silent_s=60.0 if silent_s is None else silent_s,
        beat_s=screen.pace.beat_s,
    )


def _lake_error(facts: LakeFacts | None, now: datetime) -> str:
    if facts is None:
        return ""
    if facts.error or not _is_old(facts.read_at, now):
        return facts.error
    return f"no answer for {duration_words((now - facts.read_at).total_seconds())}"


def _was_asked(facts: WorkerFacts | LakeFacts | None, screen: Screen) -> bool:
    """Return False at a start, while a first answer may still come."""
    if facts is not None:
        return True
    return screen.began is None or _is_old(screen.began, screen.now)


def _is_old(read_at: datetime, now: datetime) -> bool:
    """Return True for a reading that should have been replaced: the next one hangs."""
    return (now - read_at).total_seconds() > READING_OLD_S


def _book(facts: LakeFacts | None, pace: Pace, now: datetime) -> Book | None:
    if facts is None or facts.error:
        return None
    report, breaks = facts.report, facts.breaks
    late_s = LATE_INTERVALS * pace.reconcile_s
    if report is None:
        return Book(late_after_s=late_s)
    known = facts.verified
    if known is not None and (now - known.completed_at).total_seconds() <= late_s:
        # What was verified lately stays verified while a later report could not be made.
        report = known
    return Book(
        status=report.status,  # type: ignore[arg-type]  # matched, broken or stale
        reason=report.reason or "",
        completed_at=report.completed_at,
        late_after_s=late_s,
        breaks=len(breaks),
        confirmed=sum(one.state == "confirmed" for one in breaks),
        matched=report.matched,
    )
