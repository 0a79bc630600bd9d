"""Fills of a day with their prices, as rows of positions imply them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from slotwise.contract import Contract
from slotwise.lake.store import Lake
from slotwise.report.day import Fill, Move
from slotwise.report.fills_of_day import Change, fill_of, fills_of_day
from slotwise.report.positions_of_day import positions_of_day
from slotwise.report.span import Span
from slotwise.rules.valuation import money, position_row
from tests.support.executed import execution
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at, contract, option, position, quote

#: Seconds before noon of the day before.
BEFORE = -86_400.0


def land(
    lake: Lake, held: Contract, quantity: int, cost: str, seconds: float, bid: str | None = None
) -> None:
    """Land one row of a contract; with a bid it has a price, half a unit above it."""
    row = position_row(
        position(
            held.con_id, quantity, contract=held, avg_cost=Decimal(cost), observed_at=at(seconds)
        ),
        None if bid is None else quote(
            held.con_id, bid=bid, ask=Decimal(bid) + 1, observed_at=at(seconds)
        ),
        source="batch",
    )  # fmt: skip
    put(lake, "position_updates", [row], at(seconds))


def fills(lake: Lake, span: Span) -> list[tuple[int, Decimal | None, str]]:
    found = fills_of_day(lake, span, positions_of_day(lake, span).moves)
    return [(int(fill.quantity), fill.price, fill.price_from) for fill in found]


def test_what_is_added_costs_what_the_average_costs_imply(lake: Lake, span: Span) -> None:
    put_ = option(2)
    land(lake, contract(1), 10, "100", BEFORE)
    land(lake, put_, -1, "250", BEFORE)
    land(lake, contract(1), 10, "100", 0)
    # 10 at 100 and 5 at 106 are 15 at 102; two puts of 100 shares at 2.50 and 2.00, sold.
    land(lake, contract(1), 15, "102", 10)
    land(lake, put_, -3, "216.666666666666666667", 20)
    found = fills(lake, span)
    assert found[0] == (5, Decimal(106), "cost")
    quantity, price, source = found[1]
    assert (quantity, source) == (-2, "cost")
    assert price is not None
    assert abs(price - 2) < Decimal("1e-9")


def test_what_is_opened_costs_its_average_cost_as_quoted(lake: Lake, span: Span) -> None:
    pence = contract(3, currency="GBP", price_magnifier=100)
    land(lake, contract(9), 1, "5", BEFORE)
    land(lake, pence, 10, "42.95", 10)
    assert fills(lake, span) == [(10, Decimal(4295), "cost")]


def test_what_is_sold_has_the_price_that_was_quoted_before(lake: Lake, span: Span) -> None:
    land(lake, contract(1), 10, "100", BEFORE, "120")
    land(lake, contract(1), 10, "100", 0, "130")
    land(lake, contract(1), 4, "100", 10)
    land(lake, contract(1), 0, "100", 20)
    assert fills(lake, span) == [(-6, Decimal("130.5"), "quote"), (-4, Decimal("130.5"), "quote")]


def test_without_cost_and_quote_a_price_is_not_known_and_what_expires_is_no_fill(
    lake: Lake, span: Span
) -> None:
    land(lake, contract(1), 10, "100", BEFORE)
    land(lake, contract(1), 4, "100", 10)
    assert fills(lake, span) == [(-6, None, "")]
    expired = Move(
        at=NOON, kind="expired", account=ACCOUNT, con_id=1, contract="S1",
        before=Decimal(4), after=Decimal(0),
    )  # fmt: skip
    assert fills_of_day(lake, span, [expired]) == ()


@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.sampled_from((1, -1)),
    st.decimals("0.01", "5000", places=2),
    st.decimals("0.01", "5000", places=2),
    st.sampled_from((contract(1), option(1), contract(1, price_magnifier=100))),
)
def test_a_price_that_was_paid_is_found_again(
    held: int, added: int, side: int, first: Decimal, paid: Decimal, what: Contract
) -> None:
    """Whatever kind, side and price: from the two average costs that it leads to."""
    before, after = side * Decimal(held), side * Decimal(held + added)
    unit = money(what, Decimal(1), Decimal(1))
    assert unit is not None
    cost_after = (held * first + added * paid) * unit / (held + added)
    fill: Fill = fill_of(
        Move(at=NOON, kind="changed", account=ACCOUNT, con_id=1, contract="", before=before,
             after=after),
        Change(ACCOUNT, 1, NOON, what.sec_type, what.multiplier, what.price_magnifier,
               first * unit, cost_after, None),
    )  # fmt: skip
    assert fill.price_from == "cost"
    assert fill.price is not None
    assert abs(fill.price - paid) < Decimal("1e-9")


def test_executions_are_the_fills_and_only_what_they_lack_is_inferred(
    lake: Lake, span: Span
) -> None:
    """Two executions of the first contract are all of its change, one of the second is a part."""
    for con_id in (1, 2):
        land(lake, contract(con_id), 10, "100", BEFORE, "120")
        land(lake, contract(con_id), 15, "102", 10)
    executions = [
        execution(1, 2, "106.1", 8), execution(1, 3, "106.2", 9), execution(2, 4, "107", 9),
        execution(1, 9, "1", BEFORE),
    ]  # fmt: skip
    put(lake, "executions", executions, at(11))
    assert fills(lake, span) == [
        (2, Decimal("106.1"), "execution"),
        (3, Decimal("106.2"), "execution"),
        (4, Decimal(107), "execution"),
        (1, Decimal("120.5"), "quote"),
    ]


def test_a_correction_counts_instead_of_what_it_corrects(lake: Lake, span: Span) -> None:
    land(lake, contract(1), 10, "100", BEFORE)
    land(lake, contract(1), 14, "100", 10)
    put(lake, "executions", [execution(1, 5, "106", 9, "a.01.01")], at(11))
    put(lake, "executions", [execution(1, 4, "105", 9, "a.01.02", commission=None)], at(12))
    assert fills(lake, span) == [(4, Decimal(105), "execution")]
