"""The section on the portfolio: value and P&L by strategy and underlying, and what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from slotwise.formatting import money, short_duration
from slotwise.portfolio.sums import Amount
from slotwise.report.blocks import folded, nothing, section, table
from slotwise.report.day import Day, PortfolioLine
from slotwise.report.markup import Piece, tag
from slotwise.report.words import clock, many

#: Contracts named in a sentence; more are counted.
NAMED = 12
HEADINGS = (
    "currency", "holdings", "priced", "oldest price", "value", "day P&L", "open P&L", "$ delta",
)  # fmt: skip
NUMBERS = HEADINGS[1:]


def portfolio_section(day: Day) -> Element:
    """Show what was held and worth, in groups with their sums, and what the sums lack."""
    found = day.portfolio
    if found.at is None or not found.totals:
        return section("Portfolio", nothing("No holding is known of this day."))
    pieces: list[Piece] = [
        tag("p", f"As of {clock(day.span, found.at)}, with prices from before it."),
        _table("all", found.totals),
        _table("strategy", found.strategies),
        _table("underlying", found.underlyings),
    ]
    for what, contracts in (
        ("without a price", found.unpriced),
        ("priced late", found.late),
        ("expiring within 7 days", found.expiring),
    ):
        if contracts:
            pieces.append(_named(what, contracts))
    if found.closed_today:
        closed = many(found.closed_today, "holding")
        pieces.append(
            tag("p", f"{closed} closed since the day began: what they gained is in no sum.")
        )
    if any(line.day_pnl.without or line.market_value.without for line in found.totals):
        pieces.append(
            tag("p", "? behind a sum: it lacks holdings whose number is unknown.", class_="faint")
        )
    return section("Portfolio", *pieces)


def _table(name: str, lines: Sequence[PortfolioLine]) -> Element:
    rows = [
        (
            line.name,
            line.currency,
            f"{line.holdings:,}",
            f"{line.priced:,} of {line.holdings:,}",
            "unknown" if line.oldest_s is None else short_duration(line.oldest_s),
            *(
                _amount(amount, line.holdings)
                for amount in (
                    line.market_value, line.day_pnl, line.unrealized_pnl, line.dollar_delta,
                )
            ),
        )
        for line in lines
    ]  # fmt: skip
    return table((name, *HEADINGS), rows, numbers=NUMBERS)


def _amount(amount: Amount, holdings: int) -> str:
    if amount.without >= holdings:
        return "?"
    return money(amount.total) + ("?" if amount.without else "")


def _named(what: str, contracts: Sequence[str]) -> Element:
    said = f"{many(len(contracts), 'holding')} {what}"
    if len(contracts) <= NAMED:
        return tag("p", f"{said}: {', '.join(contracts)}.")
    return folded(said, tag("p", ", ".join(contracts)))
