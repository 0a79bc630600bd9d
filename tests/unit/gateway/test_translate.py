"""ib_async's values arrive as ours, exactly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.contract import Contract as IbContract

from slotwise.leg import read_leg
from tests.support.values import NOON, contract, option
from workers.gateway.ib.quote_builder import QuoteBuilder
from workers.gateway.ib.translate import (
    UNSET,
    contract_by_leg,
    contract_from,
    decimal,
    position_of_row,
    request_contract,
)


def ib_option(**changes: Any) -> IbContract:
    put = IbContract(
        conId=7,
        symbol="SPY",
        secType="OPT",
        lastTradeDateOrContractMonth="20261218",
        strike=560.5,
        right="P",
        multiplier="100",
        currency="USD",
        localSymbol="SPY   261218P00560500",
        tradingClass="SPY",
    )
    return replace(put, **changes)


def test_an_option() -> None:
    """Strike and multiplier are exact, and the exchange stays empty as TWS sent it."""
    ours = contract_from(ib_option())
    assert (ours.strike, ours.multiplier, ours.right) == (Decimal("560.5"), Decimal(100), "P")
    assert (ours.expiry, ours.exchange, ours.con_id) == ("20261218", "", 7)


@pytest.mark.parametrize(
    ("theirs", "right"), [("C", "C"), ("CALL", "C"), ("PUT", "P"), ("?", ""), ("0", ""), ("", "")]
)
def test_rights(theirs: str, right: str) -> None:
    """However TWS spells the right, it is C, P or empty."""
    assert contract_from(ib_option(right=theirs)).right == right


@pytest.mark.parametrize("text", ["", "0", "1"])
def test_no_multiplier_is_one(text: str) -> None:
    """A stock is one unit of itself."""
    assert contract_from(ib_option(multiplier=text)).multiplier == Decimal(1)


@pytest.mark.parametrize("text", ["-5", "nan", "1.7976931348623157E308", "Infinity", "ten"])
def test_a_multiplier_that_is_none_is_unknown_not_one(text: str) -> None:
    """The row is read all the same, and the holding is worth what is not known."""
    odd = contract_from(ib_option(multiplier=text))
    assert not odd.multiplier_known
    assert contract_from(ib_option()).multiplier_known


def test_a_stock_has_no_strike() -> None:
    """Strike 0 or unset is none, and a time after the expiry is cut."""
    for strike in (0.0, UNSET):
        assert contract_from(ib_option(strike=strike)).strike is None
    later = ib_option(lastTradeDateOrContractMonth="20261218 14:30:00 Europe/Zurich")
    assert contract_from(later).expiry == "20261218"


@given(st.decimals(-(10**9), 10**9, places=4))
def test_decimals_are_what_tws_wrote(value: Decimal) -> None:
    """Up to 15 digits, the float in between changes nothing."""
    assert decimal(float(value)) == value


def test_times_are_utc() -> None:
    """A position carries the aware time at which it was received."""
    seen = position_of_row("DU1", contract(1), "0.1", "12.5", NOON)
    assert seen.observed_at.tzinfo is UTC
    assert (seen.quantity, seen.avg_cost) == (Decimal("0.1"), Decimal("12.5"))


@pytest.mark.parametrize("cost", ["", "NaN", "1.7976931348623157E308", "Infinity", "dear"])
def test_a_cost_that_tws_does_not_know_is_unknown_not_zero(cost: str) -> None:
    assert position_of_row("DU1", contract(1), "7", cost, NOON).avg_cost is None


def test_a_cost_of_zero_is_known() -> None:
    """Shares lent out, spin-offs: what cost nothing."""
    assert position_of_row("DU1", contract(1), "7", "0.0", NOON).avg_cost == 0


@pytest.mark.parametrize("quantity", ["", "NaN", "1.7976931348623157E308", "ten"])
def test_a_quantity_that_is_no_number_is_unreadable_not_zero(quantity: str) -> None:
    with pytest.raises((ValueError, ArithmeticError)):
        position_of_row("DU1", contract(1), quantity, "12.5", NOON)


def test_a_request_says_no_more_than_it_must() -> None:
    """TWS would compare our reading of multiplier and right with its own."""
    asked = request_contract(option(3, exchange="SMART"))
    assert (asked.conId, asked.multiplier, asked.right, asked.strike) == (3, "", "", 0.0)


def test_a_request_for_a_bond_names_no_symbol() -> None:
    """Details of bonds have none, and a position row may have another than TWS."""
    asked = request_contract(contract(3, symbol="T", sec_type="BOND", exchange="SMART"))
    assert (asked.conId, asked.symbol, asked.exchange) == (3, "", "SMART")


class TestQuotes:
    """Ticks become quotes."""

    def test_minus_one_is_no_price(self) -> None:
        """A bid of -1 takes the bid away; a bid of 0 is a price."""
        builder = QuoteBuilder(1, "stream")
        builder.price(1, "2.5")
        builder.price(2, "0.0")
        builder.price(1, "-1.0")
        quote = builder.quote(NOON)
        assert (quote.bid, quote.ask) == (None, Decimal(0))

    @pytest.mark.parametrize("none", ["-1.0", "0.0", "-100.0", "455.2"])
    @pytest.mark.parametrize(("bid", "ask"), [(1, 2), (66, 67)])
    def test_a_side_without_a_size_is_not_quoted(self, none: str, bid: int, ask: int) -> None:
        """Closed markets send 0 and 0, products in pence -100; the size of each is 0."""
        builder = QuoteBuilder(1, "stream")
        builder.price(bid, "455.0", "1")
        builder.price(ask, "455.4", "1")
        builder.price(bid, none, "0")
        builder.price(ask, none, "0")
        quote = builder.quote(NOON)
        assert (quote.bid, quote.ask) == (None, None)

    @pytest.mark.parametrize("price", ["-1.00", "-100.0", "-37.63", "0.0"])
    def test_a_price_with_a_size_is_a_price_whatever_its_number(self, price: str) -> None:
        """Oil traded at -37.63, power and spreads at -1.00; nothing stands for itself there."""
        builder = QuoteBuilder(1, "stream")
        for kind in (1, 2, 4):
            builder.price(kind, price, "3")
        quote = builder.quote(NOON)
        assert (quote.bid, quote.ask, quote.last) == (Decimal(price),) * 3

    @pytest.mark.parametrize("price", ["-1.0", "-100.0"])
    def test_a_number_for_none_is_a_price_of_what_trades_below_zero(self, price: str) -> None:
        """An index of breadth, and a previous close, have no sizes."""
        builder = QuoteBuilder(1, "stream")
        builder.price(4, price, "0")
        builder.price(9, price, "0")
        quote = builder.quote(NOON)
        assert (quote.last, quote.close) == (None, None)
        builder.price(1, "-1.50", "2")
        quote = builder.quote(NOON)
        assert (quote.last, quote.close) == (Decimal(price), Decimal(price))

    @pytest.mark.parametrize(("price_type", "size_type"), [(1, 0), (2, 3), (66, 69), (67, 70)])
    def test_a_size_that_goes_to_zero_by_itself_takes_the_side_away(
        self, price_type: int, size_type: int
    ) -> None:
        builder = QuoteBuilder(1, "stream")
        builder.price(price_type, "2.5", "4")

        def sides() -> tuple[Decimal | None, Decimal | None]:
            quote = builder.quote(NOON)
            return quote.bid, quote.ask

        there = sides()
        assert Decimal("2.5") in there
        assert not builder.size(size_type, "7")
        assert builder.size(size_type, "0")
        assert sides() == (None, None)
        assert not builder.size(size_type, "0")
        assert builder.size(size_type, "2")
        assert sides() == there

    def test_sizes_are_those_of_the_sides_that_are_there(self) -> None:
        """Also where a size changed by itself; one that is no number is unknown."""
        builder = QuoteBuilder(1, "stream")
        builder.price(1, "2.5", "4")
        builder.price(2, "2.6", "many")
        quote = builder.quote(NOON)
        assert (quote.bid_size, quote.ask_size) == (Decimal(4), None)
        builder.size(0, "7.5")
        assert builder.quote(NOON).bid_size == Decimal("7.5")
        builder.size(0, "0")
        assert builder.quote(NOON).bid_size is None

    def test_zero_is_no_trade(self) -> None:
        """Last and close of 0 are TWS's way to say that there is none."""
        builder = QuoteBuilder(1, "stream")
        builder.price(4, "0.0")
        builder.price(9, "0")
        assert builder.quote(NOON).is_empty()

    @pytest.mark.parametrize("size", ["", "NaN", "many", "1.7976931348623157E308"])
    def test_a_size_that_is_unknown_takes_no_price_away(self, size: str) -> None:
        builder = QuoteBuilder(1, "stream")
        builder.price(1, "2.5", size)
        assert builder.quote(NOON).bid == Decimal("2.5")

    @pytest.mark.parametrize("price", ["NaN", str(UNSET), "1.7976931348623157E308", "Infinity"])
    def test_no_number_is_no_price(self, price: str) -> None:
        """Whatever is not finite is none."""
        builder = QuoteBuilder(1, "stream")
        builder.price(4, price)
        assert builder.quote(NOON).is_empty()

    def test_delayed_ticks(self) -> None:
        """Delayed prices are prices, marked as such."""
        builder = QuoteBuilder(1, "snapshot")
        for tick_type, price in ((66, "1.0"), (67, "2"), (68, "1.5"), (75, "1.4")):
            builder.price(tick_type, price)
        quote = builder.quote(NOON)
        assert quote.delayed
        assert (quote.bid, quote.ask, quote.last, quote.close) == (
            Decimal(1),
            Decimal(2),
            Decimal("1.5"),
            Decimal("1.4"),
        )

    def test_only_the_models_greeks_count(self) -> None:
        """-1 and -2 and the largest double are none."""
        builder = QuoteBuilder(1, "stream")
        assert not builder.greeks(10, 0.9, 0.9, 0.9, 0.9, 0.9)
        assert builder.greeks(13, -1, -2, UNSET, 0.5, -0.25)
        quote = builder.quote(NOON)
        assert (quote.iv, quote.delta, quote.gamma) == (None, None, None)
        assert (quote.vega, quote.theta) == (0.5, -0.25)

    def test_other_ticks_say_nothing(self) -> None:
        """High, low and whatever TWS may invent next are no news."""
        assert not QuoteBuilder(1, "stream").price(6, "1.0")
        assert not QuoteBuilder(1, "stream").price(105, "1.0")


LEGS = [
    # leg                                symbol    type      exchange    currency
    ("SPY",                              ("SPY",    "STK",    "SMART",    "USD")),
    ("VIX",                              ("VIX",    "IND",    "CBOE",     "USD")),
    ("DAX IND",                          ("DAX",    "IND",    "",         "")),
    ("BRK B",                            ("BRK B",  "STK",    "SMART",    "USD")),
    ("7203 STK @TSEJ JPY",               ("7203",   "STK",    "TSEJ",     "JPY")),
    ("700 @SEHK",                        ("700",    "STK",    "SEHK",     "")),
    ("700 HKD",                          ("700",    "STK",    "SMART",    "HKD")),
    ("7203 STK",                         ("7203",   "STK",    "SMART",    "")),
    ("SAP EUR",                          ("SAP",    "STK",    "SMART",    "EUR")),
    ("EUR.USD CASH",                     ("EUR",    "CASH",   "IDEALPRO", "USD")),
    ("EUR CASH",                         ("EUR",    "CASH",   "IDEALPRO", "USD")),
    ("BTC CRYPTO",                       ("BTC",    "CRYPTO", "",         "USD")),
    ("XAUUSD CMDTY",                     ("XAUUSD", "CMDTY",  "SMART",    "USD")),
    ("IBDE40 CFD EUR",                   ("IBDE40", "CFD",    "SMART",    "EUR")),
    ("VTSAX FUND",                       ("VTSAX",  "FUND",   "FUNDSERV", "USD")),
    ("ES 202612",                        ("ES",     "FUT",    "",         "")),
    ("ES 20261218 P 5550 FOP @CME EW3",  ("ES",     "FOP",    "CME",      "")),
    ("SPX 20261218 P 5600 (SPXW)",       ("SPX",    "OPT",    "SMART",    "USD")),
    ("DAX WAR 20261218 C 20000 EUR",     ("DAX",    "WAR",    "",         "EUR")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "named"), LEGS)
def test_a_leg_is_named_to_tws_as_far_as_it_says(text: str, named: tuple[str, ...]) -> None:
    leg = read_leg(text)
    asked = contract_by_leg(leg)
    assert (asked.symbol, asked.secType, asked.exchange, asked.currency) == named
    assert asked.lastTradeDateOrContractMonth == leg.expiry
    assert (asked.right, asked.tradingClass) == (leg.right, leg.trading_class)
    assert asked.strike == float(leg.strike or 0)


def test_sizes_of_a_quote_are_read_once_for_all_quotes() -> None:
    """And a size that repeats that of its price is no news, nor undoes that a side is gone."""
    builder = QuoteBuilder(7, "stream")
    builder.price(1, "5.25", "300")
    assert not builder.size(0, "300")
    assert builder.quote(NOON).bid_size is builder.quote(NOON).bid_size
    assert builder.size(0, "0")
    assert not builder.size(0, "0")
    assert builder.quote(NOON).bid is None
