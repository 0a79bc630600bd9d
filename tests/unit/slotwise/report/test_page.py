"""The page: whole, closed to the outside, and proof against what is in the data."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slotwise.formatting import exact_duration
from slotwise.report.day import (
    AgeBucket,
    ContractGaps,
    Day,
    LandingBucket,
    Landings,
    LineBucket,
    Lines,
    Move,
    Positions,
    QuoteGap,
    Quotes,
    Reconciliations,
    ReportedGap,
    ReportOfDay,
)
from slotwise.report.markup import clean
from slotwise.report.page import headline, page
from slotwise.report.span import Span, day_span
from slotwise.report.words import amount, clock
from tests.support.day_rows import broken
from tests.support.values import NOON, at

SPAN = day_span(NOON.date(), "UTC", at(86_400))
SECTIONS = [
    "Portfolio", "Fills", "Positions", "Reconciliations", "Not seen", "Quote ages", "Lines",
    "Landings", "Numbers of the system",
]  # fmt: skip
#: Texts that would do harm if they were taken for markup.
HOSTILE = st.sampled_from(
    ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "</style><b>", "<!--", "]]>",
     "&lt;", "</svg></title>", "' onload='x", "\x00\ud800", "<svg/onload=alert(1)>"]
)  # fmt: skip
texts = st.text(min_size=1) | HOSTILE


class Reader(HTMLParser):
    """Read a page as a browser would: its elements, their attributes, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.comments = 0
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments += 1

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.attributes}


def day_with(text: str, span: Span = SPAN) -> Day:
    """A day with something in every place, and a text wherever data has one.

    The event of a line is a word of ours, by which a colour is chosen.
    """
    time = ReportedGap(
        begin=at(0), end=at(60), began_before=False, goes_on=False, known=True,
        event="lost", reason=text,
    )  # fmt: skip
    some: dict[str, Any] = {"kind": text, "cause": text, "state": text}
    report = ReportOfDay(at(5), "stale", text, text, 3, 1, 0, 0)
    return Day(
        span,
        Lines(3, (LineBucket(NOON, 20, 100),), (ContractGaps(7, text, (time,)),)),
        Quotes(1, 1, 1, (AgeBucket(NOON, 1, 9.0, 9.0, 9.0),), (QuoteGap(7, text, NOON, 60.0),)),
        Landings(5, 2, {text: 5}, 1.0, 2.0, (LandingBucket(NOON, 5, 2),)),
        Reconciliations(
            (report,), (broken(7, at(5), symbol=text, account=text, evidence=text, **some),)
        ),
        Positions(
            1,
            0,
            (
                Move(
                    at=at(9), kind="opened", account=text, con_id=7, contract=text,
                    before=Decimal(0), after=Decimal(5), cause=text,
                ),
            ),
        ),
    )  # fmt: skip


#: What the page is made of where its texts are harmless.
PLAIN = Reader(page(day_with("plain"), NOON))


@given(texts)
def test_nothing_in_the_data_becomes_markup(text: str) -> None:
    """The page has the same elements and attributes whatever the texts say, and says them."""
    found = Reader(page(day_with(text), NOON))
    assert found.elements == PLAIN.elements
    assert found.attributes == PLAIN.attributes
    assert found.comments == 0
    assert any(clean(text) in one for one in found.texts)


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    assert not PLAIN.elements & {"script", "link", "img", "iframe", "object", "embed", "base", "a"}
    assert not PLAIN.names & {"src", "href", "srcset", "style", "action"}
    assert not [name for name in PLAIN.names if name.startswith("on")]
    text = page(day_with("plain"), NOON)
    assert not re.search(r"https?:|url\(|@import", text)
    assert "default-src 'none'" in text


def test_every_section_has_its_heading_and_its_picture() -> None:
    text = page(day_with("plain"), NOON)
    assert re.findall(r"<h2>(.*?)</h2>", text) == SECTIONS
    assert len(re.findall(r'<svg role="img"', text)) == 6, "landings have two, positions none"
    assert "prefers-color-scheme: dark" in text
    assert 'name="viewport"' in text


def test_what_has_no_data_says_so() -> None:
    text = page(Day(SPAN), NOON)
    assert re.findall(r"<h2>(.*?)</h2>", text) == SECTIONS
    assert "<svg" not in text
    for section in text.split("<section>")[1:]:
        if "<h2>Numbers" not in section:
            assert 'class="nothing">No' in section
    # Seven numbers of the system, and of the portfolio six: without fills there are none.
    assert text.count("<dd>no data</dd>") == 7 + 6
    assert "no data" in headline(Day(SPAN))


def test_a_day_on_which_all_was_seen_says_so() -> None:
    day = Day(SPAN, Lines(0, (LineBucket(NOON, 20, 100),)))
    text = page(day, NOON)
    assert "Every contract that was wanted was seen" in text
    assert "No line events on this day: as it was before." in text


def test_all_times_are_of_the_zone_that_is_named() -> None:
    span = day_span(NOON.date(), "America/New_York", at(86_400))
    text = page(day_with("plain", span), NOON)
    assert "All times are America/New_York" in text
    assert "08:00:09" in text
    assert "12:00:09" not in text
    assert "08:00:09" not in page(day_with("plain"), NOON)


def test_a_day_that_goes_on_says_until_when_it_is_reported() -> None:
    assert "this page ends at 12:00:30" in page(Day(day_span(None, "UTC", at(30))), at(30))
    assert "this page ends" not in page(Day(SPAN), NOON)


def test_a_long_table_says_how_much_it_leaves_out() -> None:
    day = day_with("plain")
    [move] = day.positions.moves
    text = page(Day(SPAN, positions=Positions(1, 0, (move,) * 130)), NOON)
    assert "30 more rows" in text


def test_words() -> None:
    durations = [exact_duration(s) for s in (0.0704, 3.21, 9.96, 59.4, 60, 3599.6, 7384)]
    assert durations == ["70 ms", "3.2 s", "10 s", "59 s", "1 min 0 s", "1 h 0 min", "2 h 3 min"]
    amounts = (Decimal("-1200.50000000"), Decimal("100"), Decimal("0E-8"), None)
    assert [amount(one) for one in amounts] == ["-1,200.5", "100", "0", ""]
    assert clock(SPAN, NOON) == "12:00:00"
    assert clock(SPAN, NOON - timedelta(days=1)) == "2026-05-31 12:00:00"
