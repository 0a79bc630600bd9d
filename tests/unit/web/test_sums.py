"""Lines of sums: one for a currency, the base currency where there are several, and their gaps."""

from __future__ import annotations

from decimal import Decimal

from slotwise.portfolio.grouping import portfolio
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import MEASURES
from tests.support.values import NOON
from tests.unit.web.rows import RATES, row
from workers.web.sums import all_sums, group_sums, key_of

VALUE = MEASURES.index("market_value")


def money(con_id: int, currency: str, value: str | None, strategy: str = "a") -> PortfolioRow:
    return row(
        con_id,
        currency=currency,
        market_value=None if value is None else Decimal(value),
        strategy=strategy,
    )


def lines(*rows: PortfolioRow) -> list[tuple[str, bool, str | None]]:
    total = portfolio(rows, RATES, NOON, ("strategy",)).total
    return [(one.currency, one.is_base, one.amounts[VALUE]) for one in all_sums(total)]


def test_one_currency_that_is_the_base_has_one_line() -> None:
    assert lines(money(1, "USD", "5"), money(2, "USD", "6")) == [("USD", False, "11.00")]


def test_several_currencies_have_the_base_first() -> None:
    assert lines(money(1, "USD", "5"), money(2, "GBP", "4")) == [
        ("USD", True, "10.00"), ("GBP", False, "4.00"), ("USD", False, "5.00"),
    ]  # fmt: skip


def test_sum_that_lacks_holdings_has_a_question_mark_and_one_that_lacks_all_is_unknown() -> None:
    assert lines(money(1, "USD", "5"), money(2, "USD", None)) == [("USD", False, "5.00?")]
    assert lines(money(1, "USD", None)) == [("USD", False, None)]


def test_group_of_several_currencies_is_in_the_base_currency() -> None:
    rows = [money(1, "USD", "5"), money(2, "GBP", "4"), money(3, "GBP", "2", "b")]
    sums = group_sums(portfolio(rows, RATES, NOON, ("strategy",)).total)
    found = {key: [(one.currency, one.amounts[VALUE]) for one in of] for key, of in sums.items()}
    assert found == {'["a"]': [("USD", "10.00")], '["b"]': [("GBP", "2.00")]}


def test_key_of_a_group_is_json_of_what_a_page_shows() -> None:
    assert key_of(("a/b", 'quote"d', "two\nlines")) == '["a/b","quote\\"d","two lines"]'
