"""IB's profit of an account beside ours: agreement, causes, and what is not compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from slotwise.rules.profit_witness import (
    AccountProfit,
    OurProfit,
    ProfitBook,
    findings_of,
)

NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)
SAID = AccountProfit(
    account="DU1", daily=Decimal(100), unrealized=Decimal(900), realized=Decimal(0), at=NOON
)
OURS = OurProfit(
    currency="USD", daily=Decimal(110), unrealized=Decimal(880), band=Decimal(30), held=Decimal(0)
)
money = st.decimals(-10_000, 10_000, places=2)


def causes(theirs: AccountProfit, ours: OurProfit) -> dict[str, str]:
    return {one.measure: one.cause for one in findings_of(theirs, ours)}


@given(day=money, open_=money, band=st.decimals(0, 1_000, places=2), share=st.floats(-1, 1))
def test_what_lies_within_the_summed_bands_agrees(
    day: Decimal, open_: Decimal, band: Decimal, share: float
) -> None:
    off = band * Decimal(share)
    theirs = replace(SAID, daily=day + off, unrealized=open_ - off)
    assert causes(theirs, replace(OURS, daily=day, unrealized=open_, band=band)) == {}


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        ({"daily": Decimal(300)}, {"daily": "close"}),
        ({"daily": Decimal(300), "realized": Decimal(190)}, {"daily": "trades"}),
        ({"unrealized": Decimal(-500)}, {"unrealized": "cost"}),
        (
            {"daily": Decimal(1110), "unrealized": Decimal(1870)},
            {"daily": "marks", "unrealized": "marks"},
        ),
        (
            {"daily": Decimal(1110), "unrealized": Decimal(-900)},
            {"daily": "unknown", "unrealized": "unknown"},
        ),
        ({"daily": Decimal(300), "unrealized": None}, {"daily": "unknown"}),
    ],
)
def test_a_difference_has_a_cause(theirs: dict[str, Decimal | None], found: dict[str, str]) -> None:
    assert causes(replace(SAID, **theirs), OURS) == found


def test_what_is_not_known_is_not_compared() -> None:
    nothing = replace(SAID, daily=None, unrealized=None)
    assert causes(nothing, OURS) == {}
    unknown = replace(OURS, daily=None, unrealized=None, lacking_daily=3)
    assert causes(replace(SAID, daily=Decimal(9**9)), unknown) == {}


def test_a_finding_counts_once_two_words_of_ib_agree_on_it() -> None:
    book, off = ProfitBook(), replace(SAID, daily=Decimal(300))
    later = replace(off, at=NOON + timedelta(minutes=1))
    assert book.take("DU1", findings_of(off, OURS)) == ()
    assert book.take("DU1", findings_of(off, OURS)) == (), "the same word twice is one"
    [counts] = book.take("DU1", findings_of(later, OURS))
    assert counts.cause == "close"
    assert book.take("DU1", findings_of(later, OURS)) == ()
    assert [one.cause for one in book.standing["DU1"]] == ["close"]
    again = replace(later, at=NOON + timedelta(minutes=2))
    assert book.take("DU1", findings_of(again, OURS)) == (), "it is told once"
    assert book.take("DU1", findings_of(replace(SAID, at=again.at), OURS)) == ()
    assert book.standing["DU1"] == ()
