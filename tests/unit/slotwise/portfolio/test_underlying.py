"""Dollar delta and gamma of options whose underlying is in another unit, currency or feed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.contract import Contract
from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.grouping import portfolio
from slotwise.portfolio.price import price_of
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.selection import is_short_near
from slotwise.portfolio.underlying import Quotation
from slotwise.portfolio.words import notes
from slotwise.quote import Quote
from tests.support.values import ACCOUNT, NOON, at, option, position, quote

OPTION, SHARE = 1, 9
PENCE = Quotation("GBP", 100)
#: A call on a share in pence that is quoted in pounds.
IN_POUNDS = option(
    OPTION, symbol="GAW", currency="GBP", multiplier=Decimal(1000), strike=Decimal("0.7"), right="C"
)
WARRANT = option(OPTION, sec_type="IOPT", currency="EUR", multiplier=Decimal("0.1"))
prices = st.decimals("0.5", "5000", places=2)


def rates(**values: str) -> Rates:
    return Rates(
        ExchangeRate(
            account=ACCOUNT, currency=name, base_currency="USD", rate=Decimal(value),
            observed_at=NOON,
        )
        for name, value in {"USD": "1", **values}.items()
    )  # fmt: skip


def computed(under: str | Decimal | None, delta: float = 0.5, gamma: float = 0.25) -> Quote:
    return quote(
        OPTION, bid="0.05", ask="0.06", delta=delta, gamma=gamma, vega=0.1, theta=-0.1,
        underlying_price=None if under is None else Decimal(under),
    )  # fmt: skip


def share(price: str | Decimal, **changes: Any) -> Quote:
    return quote(SHARE, bid=price, ask=price, **changes)


def row(
    held: Contract,
    seen: Quote,
    underlying: Quote,
    quotation: Quotation | None,
    known: Rates | None = None,
    quantity: int = 1,
) -> PortfolioRow:
    [made] = portfolio_rows(
        [position(OPTION, quantity, contract=held)],
        {OPTION: price_of(seen), SHARE: price_of(underlying)},
        at=at(1),
        underlying_of=lambda con_id: SHARE,
        quotation_of=lambda con_id: quotation,
        rates=known,
    )
    return made


def test_dollar_delta_of_an_option_in_pounds_on_a_share_in_pence_is_money() -> None:
    found = row(IN_POUNDS, computed("0.70"), share("72.1"), PENCE)
    assert found.underlying_price == Decimal("0.721")
    assert found.dollar_delta == Decimal("360.5")
    assert found.gamma == Decimal("0.25") * Decimal("0.721") ** 2 * 10


def test_an_index_in_points_is_not_divided_by_the_magnifier_of_its_option() -> None:
    """Options on the FTSE have a magnifier of 100 and are quoted in points, as the index is."""
    held = option(OPTION, currency="GBP", multiplier=Decimal(1000), price_magnifier=100)
    found = row(held, computed("9010"), share("9000"), Quotation("GBP", 1))
    assert found.dollar_delta == Decimal(45_000)


@given(price=prices, unit=st.sampled_from((Decimal(100), Decimal("0.01"))))
def test_the_unit_in_which_an_underlying_is_quoted_changes_no_greek(
    price: Decimal, unit: Decimal
) -> None:
    seen = computed(price)
    same = row(IN_POUNDS, seen, share(price), Quotation("GBP", 1))
    other = row(IN_POUNDS, seen, share(price * unit), PENCE)
    assert (same.dollar_delta, same.gamma) == (other.dollar_delta, other.gamma)
    assert same.underlying_price == other.underlying_price


@pytest.mark.parametrize("under", ["250", "9", "0"])
def test_dollar_delta_is_unknown_where_the_greeks_were_made_with_something_else(under: str) -> None:
    found = row(IN_POUNDS, computed(under), share("72.1"), PENCE)
    assert (found.dollar_delta, found.gamma, found.underlying_price) == (None, None, None)
    assert found.vega == 100


@pytest.mark.parametrize(("magnifier", "delta"), [(1, 36_050), (None, 36_050), (100, None)])
def test_without_the_price_of_a_computation_the_magnifiers_say_whether_units_agree(
    magnifier: int | None, delta: int | None
) -> None:
    found = row(IN_POUNDS, computed(None), share("72.1"), Quotation("GBP", magnifier))
    assert found.dollar_delta == delta


def test_a_short_strike_in_pounds_is_near_its_share_in_pence() -> None:
    near = row(IN_POUNDS, computed("0.70"), share("70.5"), PENCE, quantity=-1)
    far = row(IN_POUNDS, computed("0.80"), share("80"), PENCE, quantity=-1)
    assert is_short_near(near, Decimal(2))
    assert not is_short_near(far, Decimal(2))


@pytest.mark.parametrize("under", ["400", None])
def test_dollar_delta_of_a_warrant_is_in_its_own_currency(under: str | None) -> None:
    """100 pieces of 0.1 x 0.8 x 400.10 dollars are 3,200.80 dollars, at 1.10 for a euro."""
    seen, known = computed(under, delta=0.8), rates(EUR="1.10")
    found = row(WARRANT, seen, share("400.10"), Quotation("USD", 1), known, 100)
    assert found.dollar_delta is not None
    assert found.dollar_delta.quantize(Decimal("0.01")) == Decimal("2909.82")
    [base] = portfolio([found], known, NOON).total.bases
    assert base.dollar_delta.total == Decimal("3200.80")
    assert found.gamma is not None
    assert float(found.gamma) == pytest.approx(10 * 0.25 * 400.10**2 / 100 / 1.1)


@pytest.mark.parametrize("quotation", [Quotation("USD", 1), None])
def test_dollar_delta_is_unknown_without_a_rate_or_the_underlyings_currency(
    quotation: Quotation | None,
) -> None:
    known = rates(EUR="1.10") if quotation is None else None
    found = row(WARRANT, computed("400"), share("400"), quotation, known)
    assert (found.dollar_delta, found.gamma) == (None, None)
    assert found.underlying_price == 400


def test_a_listed_option_is_in_its_underlyings_currency_until_details_say_otherwise() -> None:
    assert row(option(OPTION), computed("400"), share("400"), None).dollar_delta == 20_000


def test_a_rate_near_a_hundred_is_no_unit() -> None:
    """A share at 4 dollars and a warrant whose computation says 440 yen."""
    warrant = option(OPTION, sec_type="IOPT", currency="JPY")
    found = row(warrant, computed("440"), share("4"), Quotation("USD", 1), rates(JPY="0.0091"))
    assert found.dollar_delta is None


@given(
    euro=st.decimals("0.5", "2", places=4), share_price=prices,
    currency=st.sampled_from(("USD", "EUR")),
)  # fmt: skip
def test_the_currency_of_a_warrant_changes_no_dollar_delta_in_the_base_currency(
    euro: Decimal, share_price: Decimal, currency: str
) -> None:
    known = rates(EUR=str(euro))
    warrant = option(OPTION, sec_type="WAR", currency=currency)
    found = row(warrant, computed(None), share(share_price), Quotation("USD", 1), known)
    [base] = portfolio([found], known, NOON).total.bases
    assert base.dollar_delta.total == 50 * share_price


def test_dollar_delta_by_a_delayed_underlying_says_so() -> None:
    late = row(option(OPTION), computed("400"), share("400", delayed=True), None)
    live = row(option(OPTION), computed("400"), share("400"), None)
    assert late.dollar_delta == live.dollar_delta == 20_000
    assert (late.delayed, late.underlying_delayed) == (False, True)
    assert (late.source_words, live.source_words) == ("mid, spot delayed", "mid")
    assert not live.underlying_delayed
    total = portfolio([late, live], Rates(), NOON).total
    lines = notes(total, NOON, positions_at=None, unknown={}, closed_today=0)
    assert "$ delta of 1 option by a delayed price of the underlying" in lines
