"""The section on the portfolio: value and P&L by strategy and underlying, and what is unknown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal
from xml.etree.ElementTree import Element

from slotwise.formatting import counted, exact_duration, price, short_duration
from slotwise.portfolio.words import UNKNOWN, amount_words
from slotwise.report.blocks import folded, nothing, section, table
from slotwise.report.day import Day, Fill, PortfolioLine
from slotwise.report.markup import Piece, tag
from slotwise.report.words import amount, clock

#: What a line in the base currency of accounts is named with.
BASE = "in "
#: Contracts named in a sentence; more are counted.
NAMED = 12
HEADINGS = (
    "currency", "holdings", "priced", "oldest price", "value", "day P&L", "open P&L", "$ delta",
)  # fmt: skip
NUMBERS = HEADINGS[1:]


def portfolio_section(day: Day) -> Element:
    """Show holdings and their values, in groups with sums, and what the sums lack."""
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
            pieces.append(_names_element(what, contracts))
    if found.closed_today:
        closed = counted(found.closed_today, "holding")
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
                amount_words(amount, line.holdings) or UNKNOWN
                for amount in (
                    line.market_value, line.day_pnl, line.unrealized_pnl, line.dollar_delta,
                )
            ),
        )
        for line in lines
    ]  # fmt: skip
    return table((name, *HEADINGS), rows, numbers=NUMBERS)


def _names_element(what: str, contracts: Sequence[str]) -> Element:
    words = f"{counted(len(contracts), 'holding')} {what}"
    if len(contracts) <= NAMED:
        return tag("p", f"{words}: {', '.join(contracts)}.")
    return folded(words, tag("p", ", ".join(contracts)))


def portfolio_numbers(day: Day) -> Element:
    """Show what the day came to, in a few numbers."""
    found = day.portfolio
    blind_s = sum(one.seconds for one in day.lines.blind)
    has_book = found.at is not None and bool(found.totals)
    numbers = (
        ("value", total_words(day, "market_value")),
        ("P&L of the day", total_words(day, "day_pnl")),
        ("fills", f"{len(day.fills):,}"),
        ("expired", f"{sum(move.kind == 'expired' for move in day.positions.moves):,}"),
        (
            "breaks",
            f"{len(day.reconciliations.breaks):,}" if day.reconciliations.reports else "no data",
        ),
        ("not seen, in sum", exact_duration(blind_s) if day.lines.buckets else "no data"),
        ("without a price", f"{len(found.unpriced):,}" if has_book else "no data"),
        ("priced late", f"{len(found.late):,}" if has_book else "no data"),
    )
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", words)) for name, words in numbers))


def total_words(day: Day, measure: Literal["market_value", "day_pnl"]) -> str:
    """Write a sum of everything: of each base currency, else of each currency."""
    totals = day.portfolio.totals
    bases = [line for line in totals if line.currency.startswith(BASE)]
    words = [
        f"{amount_words(getattr(line, measure), line.holdings) or UNKNOWN}"
        f" {line.currency.removeprefix(BASE)}"
        for line in bases or totals
    ]
    return " and ".join(words) or "no data"


def fills_section(day: Day) -> Element:
    """List the day's fills with their prices, and say which of them are inferred."""
    if not day.fills:
        words = "Nothing was bought or sold on this day, as far as the record shows."
        return section("Fills", nothing(words))
    rows = [
        (
            clock(day.span, fill.at),
            "bought" if fill.quantity > 0 else "sold",
            amount(abs(fill.quantity)),
            fill.contract,
            "?" if fill.price is None else price(fill.price),
            fill.price_from,
            _commission(fill),
            fill.account,
        )
        for fill in day.fills
    ]
    inferred = sum(fill.is_inferred for fill in day.fills)
    words = f", {inferred:,} of them inferred" if inferred else ""
    pieces: list[Piece] = [
        tag("p", f"{counted(len(rows), 'fill')}{words}."),
        table(
            ("at", "what", "quantity", "contract", "price", "by", "commission", "account"),
            rows,
            ("quantity", "price", "commission"),
        ),
    ]
    if inferred:
        words = (
            "By execution: as TWS gave it. Others are inferred from quantities, at the time when"
            " positions were read. By cost: the average cost before and after, commission included."
            " By quote: the last price that was quoted before."
        )
        pieces.append(tag("p", words, class_="faint"))
    return section("Fills", *pieces)


def _commission(fill: Fill) -> str:
    if fill.is_inferred:
        return ""
    if fill.commission is None:
        return "?"
    return f"{price(fill.commission)} {fill.commission_currency}".strip()
