"""What a position is worth: signs, magnifiers, multipliers, par, and what is not known."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.contract import Contract
from slotwise.contract_details import completed
from slotwise.lake.arrow import to_batch
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.quote import Quote
from slotwise.rules.valuation import position_row
from tests.support.values import at, contract, details, option, position, quote

#: The columns of money of a position's row.
VALUES = pa.schema([POSITION_UPDATES.sent.field(n) for n in ("market_value", "unrealized_pnl")])
amounts = st.decimals(-10_000, 10_000, places=4)
prices = st.decimals(0, 10_000, places=4)


def test_a_long_stock_is_worth_quantity_times_price() -> None:
    row = position_row(
        position(1, 10, avg_cost=Decimal(90)), quote(1, bid=99, ask=101), source="batch"
    )
    assert (row.market_value, row.unrealized_pnl) == (Decimal(1000), Decimal(100))
    assert (row.price, row.price_source) == (Decimal(100), "mid")


@pytest.mark.parametrize(("of_details", "value"), [(Decimal(1), None), (Decimal(50), Decimal(500))])
def test_a_multiplier_that_the_row_has_wrong_is_that_of_the_details_or_unknown(
    of_details: Decimal, value: Decimal | None
) -> None:
    """Details that have none give none; what is completed twice stays as it is."""
    sent = contract(1, price_magnifier=None, multiplier_known=False)
    known = details(contract(1, multiplier=of_details, price_magnifier=1))
    held = completed(sent, known)
    assert completed(held, known) == held
    row = position_row(position(1, 1, contract=held), quote(1, last=10), source="batch")
    assert (row.price, row.market_value) == (Decimal(10), value)
    assert (row.multiplier, row.multiplier_exact) == ((None, None) if value is None else (50, 50))


def test_a_short_option_is_worth_less_than_nothing_and_gains_when_it_falls() -> None:
    """IB's average cost of an option includes its multiplier: 2.00 a share is 200."""
    short = position(1, -3, contract=option(1), avg_cost=Decimal(200))
    row = position_row(short, quote(1, last="1.50"), source="batch")
    assert (row.market_value, row.unrealized_pnl) == (Decimal(-450), Decimal(150))


@given(amounts, prices, prices)
def test_the_value_of_a_short_is_minus_that_of_the_long(
    quantity: Decimal, price: Decimal, cost: Decimal
) -> None:
    def value(held: Decimal) -> tuple[Decimal | None, Decimal | None]:
        row = position_row(
            position(1, contract=option(1), quantity=held, avg_cost=cost),
            quote(1, last=price),
            source="batch",
        )
        return row.market_value, row.unrealized_pnl

    long, short = value(quantity), value(-quantity)
    assert all(
        one is not None and other is not None and one == -other
        for one, other in zip(long, short, strict=True)
    )


@given(amounts.filter(bool), prices)
def test_a_position_at_its_cost_has_neither_gained_nor_lost(
    quantity: Decimal, price: Decimal
) -> None:
    held = position(1, contract=option(1), quantity=quantity, avg_cost=price * 100)
    assert position_row(held, quote(1, last=price), source="batch").unrealized_pnl == 0


@pytest.mark.parametrize("seen", [None, quote(1)], ids=["never quoted", "quoted without a price"])
def test_without_a_price_the_value_is_unknown_not_zero(seen: Quote | None) -> None:
    row = position_row(position(1), seen, source="batch")
    assert (row.price, row.market_value, row.unrealized_pnl) == (None, None, None)
    assert row.price_source == "none"


def test_a_closed_position_is_worth_zero_also_without_a_price() -> None:
    row = position_row(position(1, 0), None, source="stream")
    assert (row.market_value, row.unrealized_pnl) == (Decimal(0), Decimal(0))


def test_the_age_of_a_quote_is_counted_to_the_observation() -> None:
    seen = quote(1, last=1, observed_at=at(-30))
    assert position_row(position(1), seen, source="batch").quote_age_s == 30.0
    later = position_row(position(1), seen, source="stream", observed_at=at(5))
    assert (later.quote_age_s, later.observed_at) == (35.0, at(5))


def test_a_quote_from_after_the_row_gives_it_no_price() -> None:
    """A row of noon does not know what was quoted two seconds later."""
    later = quote(1, last=1, observed_at=at(2))
    row = position_row(position(1), later, source="batch")
    assert (row.price, row.price_source, row.market_value) == (None, "none", None)
    assert (row.quote_age_s, row.delayed) == (None, None)
    moved = position_row(position(1), later, source="stream", observed_at=at(2))
    assert (moved.price, moved.quote_age_s) == (Decimal(1), 0.0)


@given(st.integers(-100, 100))
def test_the_age_of_a_quote_is_never_negative(seconds: int) -> None:
    row = position_row(position(1), quote(1, last=1, observed_at=at(seconds)), source="batch")
    assert row.quote_age_s is None or row.quote_age_s >= 0
    assert (row.price is None) == (seconds > 0)


def test_the_row_says_what_the_contract_is_and_where_it_came_from() -> None:
    held = position(7, 1, contract=option(7))
    row = position_row(held, None, source="batch", batch_id="b", item_id="i")
    got = (row.con_id, row.symbol, row.sec_type, row.expiry, row.strike, row.right, row.multiplier)
    assert got == (7, "SPY", "OPT", "20261218", Decimal(560), "P", Decimal(100))
    assert (row.source, row.strategy, row.batch_id, row.item_id) == ("batch", None, "b", "i")


#: Kind, quantity, price, magnifier, multiplier, cost; value and gain, worked out by hand.
BY_HAND = {
    "US share": ("STK", "10", "110.1", 1, "1", "100", "1101", "101"),
    "London share in pence": ("STK", "10", "4295", 100, "1", "41.5", "429.50", "14.50"),
    "Tokyo share": ("STK", "100", "2800.5", 1, "1", "2500", "280050", "30050"),
    "fraction of a share": ("STK", "57.6836", "13.05", 1, "1", "12.5", "752.77098", "31.72598"),
    "US option, short": ("OPT", "-3", "1.50", 1, "100", "200", "-450", "150"),
    "adjusted option": ("OPT", "1", "2.1", 1, "150", "300", "315", "15"),
    "index option in Frankfurt": ("OPT", "3", "80.5", 1, "10", "900", "2415", "-285"),
    "London option in pence": ("OPT", "2", "12.5", 100, "1000", "100", "250", "50"),
    "corn future in cents": ("FUT", "1", "450.25", 100, "5000", "22500", "22512.50", "12.50"),
    "oil future below zero": ("FUT", "1", "-1.25", 1, "1000", "20000", "-1250", "-21250"),
    "micro bitcoin future": ("FUT", "1", "61002.5", 1, "0.1", "6000", "6100.25", "100.25"),
    "option on a future, short": ("FOP", "-1", "12.25", 1, "50", "500", "-612.50", "-112.50"),
    "option on corn in cents": ("FOP", "2", "10.125", 100, "5000", "500", "1012.50", "12.50"),
    "index": ("IND", "1", "5500.5", 1, "1", "5000", "5500.5", "500.5"),
    "CFD": ("CFD", "2", "6100.5", 1, "1", "6000", "12201", "201"),
    "CFD in pence": ("CFD", "100", "431.5", 100, "1", "4", "431.5", "31.5"),
    "euros in dollars": ("CASH", "20000", "1.13005", 1, "1", "1.12", "22601", "201"),
    "bitcoin": ("CRYPTO", "0.12345678", "61005", 1, "1", "60000",
                "7531.4808639", "124.0740639"),
    "bond of 1,000": ("BOND", "5", "98.42", 1, "1", "984.35", "4921", "-0.75"),
    "bond of 100": ("BOND", "5", "98.42", 1, "100", "98", "492.10", "2.10"),
    "bill": ("BILL", "10", "99.15", 1, "1", "990", "9915", "15"),
    "warrant": ("WAR", "100", "0.45", 1, "1", "0.5", "45", "-5"),
    "warrant on a hundredth": ("WAR", "500", "1.2", 1, "0.01", "0.01", "6", "1"),
    "structured product": ("IOPT", "1000", "3", 1, "0.00004", "0.0001", "0.12", "0.02"),
    "fund": ("FUND", "12.345", "481.2", 1, "1", "480.11", "5940.414", "13.45605"),
    "gold": ("CMDTY", "3", "4100.25", 1, "1", "4000", "12300.75", "300.75"),
    "combination": ("BAG", "2", "-1.00", 1, "100", "-150", "-200", "100"),
    "shares on loan": ("SLB", "-100", "0.02", 1, "1", "0", "-2", "-2"),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_HAND)
def test_every_kind_of_contract_is_worth_what_a_person_works_out(case: str) -> None:
    kind, quantity, price, magnifier, multiplier, cost, value, gain = BY_HAND[case]
    held = contract(1, sec_type=kind, multiplier=Decimal(multiplier), price_magnifier=magnifier)
    row = position_row(
        position(1, quantity, contract=held, avg_cost=Decimal(cost)),
        quote(1, last=price),
        source="batch",
    )
    assert (row.market_value, row.unrealized_pnl) == (Decimal(value), Decimal(gain))


numbers = st.decimals(-(10**9), 10**9, places=10)
contracts = st.builds(
    contract,
    sec_type=st.sampled_from(sorted({case[0] for case in BY_HAND.values()})),
    multiplier=st.decimals(0, 10**6, places=12),
    price_magnifier=st.none() | st.integers(1, 10_000),
)
quotes = st.builds(
    quote,
    bid=st.none() | numbers,
    ask=st.none() | numbers,
    last=st.none() | numbers,
    close=st.none() | numbers,
)


@given(contracts, numbers, st.none() | numbers, quotes)
def test_the_value_in_the_lake_is_the_exact_one_rounded_once(
    held: Contract, quantity: Decimal, cost: Decimal | None, seen: Quote
) -> None:
    """Worked out again with fractions; what depends on an unknown number is null."""
    row = position_row(position(1, quantity, contract=held, avg_cost=cost), seen, source="batch")
    price, _ = seen.price()
    worth = gain = None
    if quantity == 0:
        worth = Fraction(0)
    elif price is not None and held.price_magnifier is not None:
        units, per = Fraction(held.multiplier), Fraction(held.price_magnifier)
        if held.sec_type in ("BOND", "BILL"):
            units, per = units if units not in (0, 1) else Fraction(1000), per * 100
        worth = Fraction(quantity) * Fraction(price) * units / per
    if worth is not None and cost is not None:
        gain = worth - Fraction(quantity) * Fraction(cost)
    limit = 10**18 - 1
    if any(number is not None and abs(number) > limit for number in (worth, gain)):
        return  # A number too large for its column fails its row.
    [stored] = to_batch([row], VALUES).to_pylist()
    assert stored == {"market_value": _cents(worth), "unrealized_pnl": _cents(gain)}


def _cents(exact: Fraction | None) -> Decimal | None:
    """Round to 8 decimals, half to even, as `round` does it to fractions."""
    return None if exact is None else Decimal(round(exact * 10**8)).scaleb(-8)


def test_without_the_contracts_details_the_value_is_unknown() -> None:
    """A share quoted in pence would be worth 100 times too much."""
    held = position(1, contract=contract(1, price_magnifier=None))
    row = position_row(held, quote(1, last=4295), source="batch")
    assert (row.price, row.market_value, row.unrealized_pnl) == (Decimal(4295), None, None)
    closed = position_row(position(1, 0, contract=held.contract), None, source="batch")
    assert (closed.market_value, closed.unrealized_pnl) == (Decimal(0), Decimal(0))


def test_without_a_cost_the_gain_is_unknown_and_the_value_known() -> None:
    row = position_row(position(1, 7, avg_cost=None), quote(1, last=10), source="batch")
    assert (row.avg_cost, row.market_value, row.unrealized_pnl) == (None, Decimal(70), None)
