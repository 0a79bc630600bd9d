"""Lines, queue, landing and reconciliation as pages show them, from what their processes say. Pure.

Times go as times, not as ages: a page counts on by its clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import msgspec

from slotwise import formatting
from slotwise.bus.status import AGE_BOUNDS_S, GatewayStatus, QueueStatus, QuoteAges
from slotwise.printable import printable
from slotwise.reconciliation.report import Break
from workers.screen.facts import LakeFacts
from workers.screen.slots import slots_of
from workers.web.ages import epoch_ms

#: Breaks that are sent at most; all of them are in table `breaks`.
MOST_BREAKS = 200


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One active contract: who wants it, whether it has a line, and what is known of it."""

    con_id: int
    label: str
    strategies: str
    has_line: bool
    #: For whom its line is held, and which one it is of those that wait for one.
    holder: str
    place: int | None
    state: str
    since: int | None
    reason: str


class Ages(msgspec.Struct, frozen=True, kw_only=True):
    """Quotes of one kind in turn: how old they may become, and how old the oldest is, seconds."""

    contracts: int
    planned_s: float | None
    worst_s: float | None
    never_quoted: int


class LinesFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The account's lines: each use with its count, who has them, and quotes in turn."""

    at: int | None
    session: str
    detail: str
    limit: int
    #: Uses of slots by their names, in the order in which they are drawn.
    uses: dict[str, int]
    legs: tuple[Leg, ...]
    waiting: int
    quoted: int
    rate: float
    watched: Ages
    others: Ages


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    """One commit of rows."""

    at: int | None
    rows: int
    ms: int


class QueueFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What waits, by age, and what has landed, the newest first."""

    at: int | None
    waiting: int
    leased: int
    batches: int
    oldest_at: int | None
    entries: int
    spooled: int | None
    #: Upper bounds of ages, seconds, and the items of each; the last has no bound.
    bounds: tuple[int, ...]
    ages: tuple[int, ...]
    landings: tuple[Landing, ...]


class BreakFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between book and broker."""

    con_id: int
    account: str
    symbol: str
    kind: str
    cause: str
    state: str
    book: str
    broker: str
    evidence: str
    since: int | None


class BookFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The newest reconciliation, and the breaks that are open."""

    status: str
    matched: int
    breaks: int
    at: int | None
    reason: str
    open: tuple[BreakFacts, ...]
    #: How many are open in all.
    count: int
    error: str = ""


class System(msgspec.Struct, frozen=True, kw_only=True):
    """What pages show beside the portfolio; None is not known."""

    lines: LinesFacts | None = None
    queue: QueueFacts | None = None
    book: BookFacts | None = None


def system_of(
    gateway: GatewayStatus | None,
    queue: QueueStatus | None,
    lake: LakeFacts | None,
    mask: Callable[[str], str],
) -> System:
    """Return what pages show; `mask` hides accounts in texts."""

    def shown(text: str) -> str:
        return printable(mask(text))

    return System(
        lines=None if gateway is None else _lines(gateway, shown),
        queue=None if queue is None else _queue(queue, gateway),
        book=None if lake is None else _book(lake, shown),
    )


def _lines(status: GatewayStatus, shown: Callable[[str], str]) -> LinesFacts:
    places = {con_id: place for place, con_id in enumerate(status.waiting, 1)}
    return LinesFacts(
        at=epoch_ms(status.at),
        session=status.session,
        detail=shown(status.detail),
        limit=status.limit,
        uses=slots_of(status).uses(),
        legs=tuple(
            Leg(
                con_id=leg.con_id,
                label=shown(leg.label or str(leg.con_id)),
                strategies=shown(", ".join(leg.strategies)),
                has_line=leg.con_id in status.lines,
                holder=shown(status.lines.get(leg.con_id, ("", ""))[1]),
                place=places.get(leg.con_id),
                state=leg.state,
                since=epoch_ms(leg.since),
                reason=shown(leg.reason or status.refused.get(leg.con_id, "")),
            )
            for leg in status.legs
        ),
        waiting=len(status.waiting),
        quoted=status.rotation.contracts,
        rate=round(status.rotation.rate_achieved, 1),
        watched=_ages(status.rotation.watched),
        others=_ages(status.rotation.others),
    )


def _ages(ages: QuoteAges) -> Ages:
    def tenths(seconds: float | None) -> float | None:
        return None if seconds is None else round(seconds, 1)

    return Ages(
        contracts=ages.contracts,
        planned_s=tenths(ages.planned_s),
        worst_s=tenths(ages.worst_s),
        never_quoted=ages.never_quoted,
    )


def _queue(status: QueueStatus, gateway: GatewayStatus | None) -> QueueFacts:
    waits = status.waiting + status.leased
    oldest = status.at - timedelta(seconds=status.oldest_s) if waits else None
    return QueueFacts(
        at=epoch_ms(status.at),
        waiting=status.waiting,
        leased=status.leased,
        batches=status.batches,
        oldest_at=epoch_ms(oldest),
        entries=status.landing_entries,
        spooled=None if gateway is None else gateway.spooled,
        bounds=AGE_BOUNDS_S,
        ages=status.ages,
        landings=tuple(
            Landing(at=epoch_ms(one.at), rows=one.rows, ms=round(one.ms))
            for one in reversed(status.landings)
        ),
    )


def _book(facts: LakeFacts, shown: Callable[[str], str]) -> BookFacts:
    report = facts.report
    return BookFacts(
        status="none" if report is None else report.status,
        matched=0 if report is None else report.matched,
        breaks=0 if report is None else report.breaks,
        at=None if report is None else epoch_ms(report.completed_at),
        reason="" if report is None else shown(report.reason or ""),
        open=tuple(break_facts(one, shown) for one in facts.breaks[:MOST_BREAKS]),
        count=len(facts.breaks),
        error=shown(facts.error),
    )


def break_facts(found: Break, shown: Callable[[str], str]) -> BreakFacts:
    """Return a break with what differs: quantities, or costs where those are the same."""
    by_cost = found.kind == "avg_cost"
    return BreakFacts(
        con_id=found.con_id,
        account=shown(found.account),
        symbol=shown(found.symbol),
        kind=found.kind.replace("_", " "),
        cause=found.cause.replace("_", " "),
        state=found.state,
        book=_number(found.book_avg_cost if by_cost else found.book_quantity),
        broker=_number(found.broker_avg_cost if by_cost else found.broker_quantity),
        evidence=shown(found.evidence),
        since=epoch_ms(found.first_found_at),
    )


def _number(value: Decimal | None) -> str:
    return "-" if value is None else formatting.quantity(value)
