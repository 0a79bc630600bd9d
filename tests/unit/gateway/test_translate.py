"""ib_async's values arrive as ours, exactly."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ib_async.contract import Contract as IbContract

from slotwise.contract import Contract
from tests.support.values import NOON, contract, option
from workers.gateway.contracts import routed
from workers.gateway.ib.quote_builder import QuoteBuilder
from workers.gateway.ib.translate import (
    UNSET,
    ContractReader,
    contract_from,
    decimal,
    position_from,
    request_contract,
)


def ib_option(**changes: object) -> IbContract:
    values: dict[str, object] = {
        "conId": 7,
        "symbol": "SPY",
        "secType": "OPT",
        "lastTradeDateOrContractMonth": "20261218",
        "strike": 560.5,
        "right": "P",
        "multiplier": "100",
        "currency": "USD",
        "localSymbol": "SPY   261218P00560500",
        "tradingClass": "SPY",
    }
    return IbContract(**(values | changes))


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
    """A position carries the aware time it was heard."""
    seen = position_from("DU1", contract(1), 0.1, UNSET, NOON)
    assert seen.observed_at.tzinfo is UTC
    assert (seen.quantity, seen.avg_cost) == (Decimal("0.1"), 0)


def test_contracts_are_translated_once() -> None:
    """The same text is the same value; changed text is read again."""
    reader = ContractReader()
    first = reader.read(ib_option())
    assert reader.read(ib_option()) is first
    assert reader.read(ib_option(multiplier="10")).multiplier == Decimal(10)


@given(
    sec_type=st.sampled_from(["STK", "OPT", "FOP", "FUT", "IND", "BOND"]),
    exchange=st.sampled_from(["", "NASDAQ", "SMART", "CME"]),
)
def test_every_request_names_an_exchange_or_is_looked_up(sec_type: str, exchange: str) -> None:
    """What SMART routes is asked for at SMART; of the others only TWS's details know."""
    ready = routed(contract(1, sec_type=sec_type, exchange=exchange))
    if sec_type in ("STK", "OPT", "FOP"):
        assert ready is not None
        assert request_contract(ready).exchange == "SMART"
    else:
        assert ready is None


def test_a_stock_keeps_its_primary_exchange() -> None:
    """The exchange on a stock's position says which of the stocks of that symbol it is."""
    ready = routed(contract(1, exchange="NASDAQ"))
    assert ready is not None
    assert request_contract(ready).primaryExchange == "NASDAQ"


def test_a_request_says_no_more_than_it_must() -> None:
    """TWS would compare our reading of multiplier and right with its own."""
    asked = request_contract(routed(option(3)) or Contract(con_id=0, symbol="", sec_type=""))
    assert (asked.conId, asked.multiplier, asked.right, asked.strike) == (3, "", "", 0.0)


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

    def test_zero_is_no_trade(self) -> None:
        """Last and close of 0 are TWS's way to say that there is none."""
        builder = QuoteBuilder(1, "stream")
        builder.price(4, "0.0")
        builder.price(9, "0")
        assert builder.quote(NOON).is_empty()

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
        assert (quote.bid, quote.ask, quote.last, quote.close) == (1, 2, 1.5, Decimal("1.4"))

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
