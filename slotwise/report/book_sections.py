"""The sections on the book: what landed, whether the broker agrees, and what moved."""

from __future__ import annotations

from collections import Counter
from xml.etree.ElementTree import Element

from slotwise.formatting import counted, exact_duration
from slotwise.reconciliation.report import Break
from slotwise.report.blocks import figure, nothing, section, table
from slotwise.report.day import Day, Landings
from slotwise.report.markup import tag
from slotwise.report.over_day import clock_of, curve
from slotwise.report.pictures import Bar, Colour, Lane, lanes_picture, steps_picture
from slotwise.report.scales import Linear
from slotwise.report.span import Span
from slotwise.report.words import amount, clock, spoken

#: Height of a picture that stands below another, pixels.
LOW = 70
NO_LANDING = "No rows of positions landed on this day."
#: Colours of reports by how grave they are: the gravest is drawn above the others.
_COLOURS: dict[str, Colour] = {"matched": "good", "stale": "doubt", "broken": "bad"}
_GRAVE = tuple(_COLOURS)


def landings_section(day: Day) -> Element:
    """Draw what landed in the lake, and what became of the queue."""
    landings, span, queue = day.landings, day.span, day.landings.queue
    pieces = _landing_elements(landings, span) if landings.rows else [nothing(NO_LANDING)]
    if queue.commits:
        words = (
            f"The queue: {counted(queue.inserted, 'item')} inserted, {queue.succeeded:,} landed,"
            f" {queue.failed:,} failed for good, in {counted(queue.commits, 'commit')}."
        )
        pieces.append(tag("p", words))
    else:
        pieces.append(nothing("Nothing of the queue landed on this day."))
    return section("Landings", *pieces)


def reconciliations_section(day: Day) -> Element:
    """Draw the day's reconciliations, and list their breaks."""
    heading, span, found = "Reconciliations", day.span, day.reconciliations
    if not found.reports and not found.breaks:
        return section(heading, nothing("No reconciliation on this day."))
    counts = Counter(one.status for one in found.reports)
    words = ", ".join(f"{counts[status]} {status}" for status in _GRAVE if counts[status])
    bars = [
        Bar(
            at := span.fraction(one.completed_at),
            at,
            _COLOURS.get(one.status, "doubt"),
            f"{clock(span, one.completed_at)} {one.status}",
        )
        for one in sorted(found.reports, key=lambda one: _gravity(one.status))
        if span.shows(one.completed_at, one.completed_at)
    ]
    pieces = [
        tag("p", f"{counted(len(found.reports), 'reconciliation')}: {words}."),
        figure(
            lanes_picture(
                "Reconciliations over the day", clock_of(span), [Lane("reports", tuple(bars))]
            ),
            "Each report when it was done.",
            ("good", "matched"),
            ("bad", "broken"),
            ("doubt", "stale"),
        ),
    ]
    stale = [
        (clock(span, one.completed_at), one.account or "all", one.reason or "no reason given")
        for one in found.reports
        if one.status == "stale"
    ]
    if stale:
        pieces += [tag("h3", "Stale"), table(("at", "account", "why"), stale)]
    return section(heading, *pieces, tag("h3", "Breaks"), *_breaks(found.breaks, span))


def positions_section(day: Day) -> Element:
    """List the positions that moved."""
    heading, span, positions = "Positions", day.span, day.positions
    if not day.landings.rows and not positions.holdings and not positions.moves:
        return section(heading, nothing("No word on any position on this day."))
    counts = Counter(move.kind for move in positions.moves)
    words = ", ".join(
        f"{counts[kind]} {kind}" for kind in ("opened", "closed", "changed", "expired")
    )
    pieces = [tag("p", f"{counted(positions.holdings, 'holding')} with rows; {words}.")]
    if positions.first_seen:
        pieces.append(
            tag(
                "p",
                f"{counted(positions.first_seen, 'holding')} of accounts that were new to the lake:"
                " whether they were opened on this day is not known.",
                class_="faint",
            )
        )
    if not positions.moves:
        return section(heading, *pieces, nothing("No position moved on this day."))
    rows = [
        (
            clock(span, move.at),
            move.kind,
            move.contract,
            move.account,
            amount(move.before),
            amount(move.after),
            spoken(move.cause or ""),
        )
        for move in positions.moves
    ]
    headings = ("at", "what", "contract", "account", "from", "to", "cause")
    return section(heading, *pieces, table(headings, rows, ("from", "to")))


def _landing_elements(landings: Landings, span: Span) -> list[Element]:
    rows = [(b.begin, b.rows) for b in landings.buckets]
    commits = [(b.begin, b.commits) for b in landings.buckets]
    total = (
        f"{counted(landings.rows, 'row')} of positions in {counted(landings.commits, 'commit')}."
    )
    return [
        tag("p", total, _behind(landings.behind_median_s, landings.behind_worst_s)),
        figure(
            steps_picture(
                "Rows landed over the day",
                clock_of(span),
                [curve(span, rows, "first", "area")],
                Linear(float(count) for _, count in rows),
            ),
            "Rows of positions within each five minutes.",
        ),
        figure(
            steps_picture(
                "Commits over the day",
                clock_of(span),
                [curve(span, commits, "second", "area")],
                Linear(float(count) for _, count in commits),
                LOW,
            ),
            "Commits that brought rows within each five minutes.",
        ),
        table(
            ("source", "rows"),
            [(source, f"{count:,}") for source, count in landings.by_source.items()],
            ("rows",),
        ),
    ]


def _breaks(breaks: tuple[Break, ...], span: Span) -> list[Element]:
    if not breaks:
        return [nothing("No breaks on this day.")]
    causes = Counter(one.cause for one in breaks).most_common()
    words = ", ".join(f"{count} {spoken(cause)}" for cause, count in causes)
    rows = [
        (
            one.symbol or str(one.con_id),
            one.account,
            spoken(one.kind),
            spoken(one.cause),
            one.evidence,
            amount(one.book_quantity),
            amount(one.broker_quantity),
            clock(span, one.first_found_at),
            one.state if one.lived_s is None else f"healed after {exact_duration(one.lived_s)}",
        )
        for one in breaks
    ]
    headings = (
        "contract", "account", "break", "cause", "seen from", "book", "broker", "first found",
        "at last",
    )  # fmt: skip
    return [
        tag("p", f"{counted(len(breaks), 'break')}, by cause: {words}."),
        table(headings, rows, ("book", "broker")),
    ]


def _gravity(status: str) -> int:
    return _GRAVE.index(status) if status in _GRAVE else 0


def _behind(median_s: float | None, worst_s: float | None) -> str:
    """Show how long after the broker's message rows landed."""
    if median_s is None or worst_s is None:
        return ""
    half, all_ = exact_duration(median_s), exact_duration(worst_s)
    return f" From the broker's word to the commit: half within {half}, all within {all_}."
