"""The page: one day's facts as one HTML document that needs nothing but itself."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element

from slotwise.formatting import counted, exact_duration
from slotwise.report.blocks import section
from slotwise.report.book_sections import (
    landings_section,
    positions_section,
    reconciliations_section,
)
from slotwise.report.day import Day
from slotwise.report.market_sections import gaps_section, lines_section, quotes_section
from slotwise.report.markup import as_html, tag
from slotwise.report.portfolio_section import (
    fills_section,
    portfolio_numbers,
    portfolio_section,
    total_words,
)
from slotwise.report.style import STYLE
from slotwise.report.words import clock

#: The browser may load nothing and run nothing, whatever might stand in the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(day: Day, made_at: datetime) -> str:
    """Write the whole page."""
    span = day.span
    heading = f"Slotwise on {span.day:%A}, {span.day.day} {span.day:%B %Y}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", heading),
        tag("style", STYLE),
    )
    facts = (
        ""
        if span.is_over
        else f" The day is not over: this page ends at {clock(span, span.until)}."
    )
    if span.shown_from is not None and span.shown_to is not None:
        begin, end = (f"{span.local(at):%H:%M}" for at in span.axis)
        facts += f" Pictures show the sessions, {begin} to {end}."
    body = tag(
        "body",
        tag("h1", heading),
        tag(
            "p",
            f"All times are {span.zone}. Made at {_made_words(day, made_at)}.{facts}",
            class_="faint",
        ),
        portfolio_numbers(day),
        portfolio_section(day),
        fills_section(day),
        positions_section(day),
        reconciliations_section(day),
        gaps_section(day),
        quotes_section(day),
        lines_section(day),
        landings_section(day),
        section("Numbers of the system", _summary(day)),
    )
    return "<!doctype html>\n" + as_html(tag("html", head, body, lang="en")) + "\n"


def headline(day: Day) -> str:
    """Sum up a day in one line."""
    found = day.reconciliations
    value, profit = (total_words(day, name) for name in ("market_value", "day_pnl"))
    return ", ".join(
        (
            f"{day.span.day} ({day.span.zone}): value {value}, day P&L {profit}",
            counted(len(day.fills), "fill"),
            f"{_peak(day)} lines at most",
            f"{counted(len(day.lines.blind), 'contract')} not seen at times",
            f"{counted(day.quotes.quotes, 'quote')}",
            f"{counted(day.landings.rows, 'row')} landed",
            f"{counted(len(found.reports), 'reconciliation')}",
            f"{counted(len(found.breaks), 'break')}",
            f"{counted(len(day.positions.moves), 'move')}",
        )
    )


def _summary(day: Day) -> Element:
    found = day.reconciliations
    gaps_s = sum(one.seconds for one in day.lines.blind)
    facts = (
        ("lines held at most", _peak(day)),
        ("not seen, in sum", exact_duration(gaps_s) if day.lines.buckets else "no data"),
        ("quotes in turn", f"{day.quotes.quotes:,}" if day.quotes.quotes else "no data"),
        ("rows landed", f"{day.landings.rows:,}" if day.landings.rows else "no data"),
        ("reconciliations", f"{len(found.reports):,}" if found.reports else "no data"),
        ("breaks", f"{len(found.breaks):,}" if found.reports else "no data"),
        (
            "positions moved",
            f"{len(day.positions.moves):,}" if day.positions.holdings else "no data",
        ),
    )
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", words)) for name, words in facts))


def _peak(day: Day) -> str:
    if not day.lines.buckets:
        return "no data"
    peak = max(day.lines.buckets, key=lambda bucket: bucket.held)
    return f"{peak.held} of {peak.allowed}"


def _made_words(day: Day, made_at: datetime) -> str:
    return f"{day.span.local(made_at):%Y-%m-%d %H:%M:%S}"
