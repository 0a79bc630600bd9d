"""The sections on what was seen of the market: lines, what was not seen, and quotes."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from slotwise.formatting import counted, exact_duration
from slotwise.report.blocks import figure, folded, nothing, section, table
from slotwise.report.day import Day, ReportedGap
from slotwise.report.markup import tag
from slotwise.report.over_day import clock_of, curve
from slotwise.report.pictures import Bar, Colour, Lane, lanes_picture, steps_picture
from slotwise.report.scales import Ages, Linear
from slotwise.report.span import Span
from slotwise.report.words import clock, spoken

#: Contracts that are drawn for not having been seen: more lanes than this is no picture.
LANES = 12
_BLIND_COLOURS: dict[str, Colour] = {"waits": "doubt", "gave_way": "doubt", "opened": "first"}


def lines_section(day: Day) -> Element:
    """Draw the lines held against the lines allowed."""
    buckets = day.lines.buckets
    if not buckets:
        return section("Lines", nothing("No line events on this day, nor before it."))
    held = curve(day.span, [(b.begin, b.held) for b in buckets], "first", "area")
    allowed = curve(day.span, [(b.begin, b.allowed) for b in buckets], "second")
    picture = steps_picture(
        "Lines held and allowed over the day",
        clock_of(day.span),
        [held, allowed],
        Linear([*(float(b.held) for b in buckets), *(float(b.allowed) for b in buckets)]),
    )
    quiet = [] if day.lines.events else [nothing("No line events on this day: as it was before.")]
    return section(
        "Lines",
        tag("p", "Market data lines that active strategies held, and how many they might hold."),
        *quiet,
        figure(
            picture,
            "The most within each five minutes. A gateway that ends without a word leaves its last"
            " count standing.",
            ("first", "held"),
            ("second", "allowed"),
        ),
    )


def gaps_section(day: Day) -> Element:
    """Draw when contracts of active strategies were not seen."""
    heading, gaps, span = "Not seen", day.lines.blind, day.span
    if not gaps and not day.lines.buckets:
        return section(heading, nothing("No line events on this day, nor before it."))
    if not gaps:
        return section(heading, nothing("Every contract that was wanted was seen, all day."))
    lanes = [
        Lane(
            f"{one.symbol or one.con_id}, {exact_duration(one.seconds)}",
            tuple(
                Bar(
                    span.fraction(time.begin),
                    span.fraction(time.end),
                    _BLIND_COLOURS.get(time.event, "bad"),
                    _why(time),
                )
                for time in one.times
                if span.shows(time.begin, time.end)
            ),
        )
        for one in gaps[:LANES]
    ]
    times = sorted(
        ((one, time) for one in gaps for time in one.times), key=lambda pair: -pair[1].seconds
    )
    rows = [
        (one.symbol or str(one.con_id), str(one.con_id), *_from_to(time, span), _why(time))
        for one, time in times
    ]
    return section(
        heading,
        tag(
            "p",
            f"{counted(len(gaps), 'active contract')} had times without a tick,"
            f" {exact_duration(sum(one.seconds for one in gaps))} in all.",
        ),
        figure(
            lanes_picture("When contracts were not seen", clock_of(span), lanes),
            f"The {min(len(gaps), LANES)} that were not seen for longest, of {len(gaps)}. Short"
            " times are drawn longer than they were.",
            ("bad", "lost, silent or refused"),
            ("doubt", "waited for a line"),
            ("first", "opened, no tick yet"),
        ),
        folded(
            f"The longest of {counted(len(rows), 'time')}",
            table(("contract", "id", "from", "to", "lasted", "why"), rows, ("id", "lasted")),
        ),
    )


def quotes_section(day: Day) -> Element:
    """Draw how old the newest quotes were."""
    quotes, span = day.quotes, day.span
    heading = "Quote ages"
    if not quotes.ages:
        return section(heading, nothing("No quotes on this day: nothing was quoted in turn."))
    drawn: tuple[tuple[str, Colour], ...] = (
        ("oldest_s", "third"), ("p95_s", "second"), ("median_s", "first"),
    )  # fmt: skip
    curves = [
        curve(span, [(b.begin, getattr(b, name)) for b in quotes.ages], colour)
        for name, colour in drawn
    ]
    delayed = f" {quotes.delayed:,} of them were delayed data." if quotes.delayed else ""
    rows = [
        (gap.symbol, str(gap.con_id), clock(span, gap.begin), exact_duration(gap.seconds))
        for gap in quotes.gaps
    ]
    return section(
        heading,
        tag(
            "p",
            f"{counted(quotes.quotes, 'quote')} of {counted(quotes.contracts, 'contract')}"
            f" without a line of their own are on record.{delayed}",
        ),
        figure(
            steps_picture(
                "Age of the newest quotes over the day",
                clock_of(span),
                curves,
                Ages(b.oldest_s for b in quotes.ages),
            ),
            "Age of each contract's newest quote, from its first one of the day on. The lake keeps"
            " one a minute or so, and a contract that is not quoted any more goes on ageing.",
            ("first", "half are younger"),
            ("second", "19 of 20 are younger"),
            ("third", "oldest"),
        ),
        folded(
            "Longest without a new quote",
            table(("symbol", "id", "from", "lasted"), rows, ("id", "lasted")),
        ),
    )


def _from_to(time: ReportedGap, span: Span) -> tuple[str, str, str]:
    begin = "before the day" if time.began_before else clock(span, time.begin)
    end = "goes on" if time.goes_on else clock(span, time.end)
    return begin, end, exact_duration(time.seconds) if time.known else "not known"


def _why(time: ReportedGap) -> str:
    return f"{spoken(time.event)}: {time.reason}" if time.reason else spoken(time.event)
