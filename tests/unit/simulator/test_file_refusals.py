"""What a portfolio file may not say: one line names the place, and nothing is ignored."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.simulator.holdings import ACCOUNT
from tests.unit.simulator.in_memory import InMemoryTws
from tws_simulator.book.file import portfolio_of, read_portfolio
from tws_simulator.errors import PortfolioError


def refusal(entry: Mapping[str, Any], **top: Any) -> str:
    """Return the error of a file with one position."""
    file = {"accounts": [{"account": ACCOUNT, "positions": [dict(entry)]}], **top}
    with pytest.raises(PortfolioError) as raised:
        InMemoryTws(portfolio=portfolio_of(file, "portfolio 'p.json'"))
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"quantiy": 1}, ".quantiy: no field has this name"),
        ({"strike": 5}, ".strike: a STK has no such field"),
        ({"right": "C", "sec_type": "STK"}, ".right: a STK has no such field"),
        ({"expiry": "20261218", "sec_type": "STK"}, ".expiry: a STK has no such field"),
        ({"par": 1000}, ".par: a STK has no such field"),
        ({"reroute": {"con_id": 1, "exchange": "SMART"}}, ".reroute: a STK has no such field"),
        ({"sec_type": "STOCK"}, ".sec_type: must be one of STK, OPT, FUT, FOP, IND, CFD"),
        ({"sec_type": 7}, ".sec_type: must be one of"),
        ({"valid_exchanges": "SMART"}, ".valid_exchanges: must be a list"),
        ({"valid_exchanges": []}, ".valid_exchanges: must name at least one"),
        ({"valid_exchanges": ["SMART", 7]}, ".valid_exchanges: must be a list of names"),
        ({"valid_exchanges": ["smart"]}, ".valid_exchanges: must be a list of names"),
        ({"valid_exchanges": ["SMART,LSE"]}, ".valid_exchanges: must be a list of names"),
        ({"valid_exchanges": ["LSE", "LSE"]}, ".valid_exchanges: names one twice"),
        ({"valid_exchanges": ["LSE"], "exchange": "NYSE"}, ".valid_exchanges: must have NYSE"),
        ({"valid_exchanges": ["LSE"], "data_exchanges": ["SMART"]}, ".data_exchanges: SMART is"),
        ({"data_exchanges": ["SMART"]}, ".data_exchanges: needs valid_exchanges"),
        ({"valid_exchanges": ["LSE"], "details_exchanges": ["CME"]}, ".details_exchanges: CME is"),
        ({"price_magnifier": 0}, ".price_magnifier: must be 1 or more"),
        ({"price_magnifier": 1.5}, ".price_magnifier: must be a whole number"),
        ({"multiplier": 0}, ".multiplier: must be above 0"),
        ({"multiplier": "1e3"}, ".multiplier: must be a number"),
        ({"min_tick": 0}, ".min_tick: must be above 0"),
        ({"no_quote": -7}, ".no_quote: must be -1, 0 or -100"),
        ({"avg_cost": "unknown"}, ".avg_cost: must be a number"),
        ({"quote": {"bid": 2, "ask": 1}}, ".quote.bid: must not be above the ask"),
        ({"quote": {"mid": 2}}, ".quote.mid: no field has this name"),
        ({"quote": {"bid_size": 2}}, ".quote.bid_size: needs a bid"),
        ({"quote": {"bid": 1, "bid_size": 0}}, ".quote.bid_size: must be above 0"),
        ({"quote": 5}, ".quote must be an object"),
        ({"sec_type": "IND", "quote": {"bid": 5}}, ".quote.bid: an index has no such field"),
        ({"data": {"code": 7, "then": "live"}}, ".data.code: must be one of"),
        ({"data": {"code": 10091, "then": "never"}}, ".data.then: must be one of"),
        ({"data": {"code": 10168, "then": "live"}}, ".data.then: must be one of refused after"),
        ({"sec_type": "CFD", "reroute": {"con_id": 5}}, ".reroute.exchange: must be the name"),
        ({"sec_type": "CFD", "reroute": {"exchange": "LSE"}}, ".reroute.con_id: must be the id"),
        ({"details": {"zone": "MET"}}, ".details.zone: no field has this name"),
        ({"details": {"coupon": "1"}}, ".details.coupon: what is no bond has no such field"),
        ({"details": {"trading_hours": "9 to 5"}}, ".details.trading_hours: must be hours"),
        ({"details": {"last_trade": "soon"}}, ".details.last_trade: must be a date"),
        ({"details": {"under_con_id": 5}}, ".details.under_con_id: must be a text"),
        ({"details": {"under_con_id": "x"}}, ".details.under_con_id: must be an id"),
        ({"details": {"min_tick": "a cent"}}, ".details.min_tick: must be a number as TWS"),
        ({"known": "no"}, ".known: must be true or false"),
        ({"known": False, "quote": {"last": 5}}, ".quote: a STK that TWS does not know has no"),
        ({"sec_type": "SLB", "details": {}}, ".details: a SLB that TWS does not know has no"),
        ({"currency": "DOLLAR"}, ".currency: DOLLAR has no rate"),
        ({"currency": "TRY"}, ".exchange: a STK in TRY needs its exchange"),
        ({"symbol": "A\nB"}, ".symbol: must be a text of one line"),
        ({"row_exchange": "a b"}, ".row_exchange: must be a name in capital letters"),
    ],
)  # fmt: skip
def test_what_is_not_known_is_refused_with_its_place(
    changes: dict[str, Any], reported: str
) -> None:
    """One line each: the file, the position, the field, and what it may be."""
    text = json.dumps({"symbol": "XYZ", "quantity": 1} | changes)
    entry = json.loads(text, parse_float=Decimal)
    assert f"accounts[0].positions[0]{reported}" in refusal(entry)


@pytest.mark.parametrize(
    ("top", "reported"),
    [
        ({"account": []}, "the file.account: no field has this name"),
        ({"login_zone": "Mars/City"}, "the file.login_zone: must be a zone"),
        ({"base_currency": "XAU"}, "the file.base_currency: XAU needs the rate of USD"),
        ({"exchange_rates": {"EUR": 0}}, "the file.exchange_rates.EUR: must be above 0"),
        ({"exchange_rates": {"USD": 1}}, "must be the rate of another currency"),
        ({"contracts": [{"symbol": "A", "quantity": 1}]},
         "contracts[0].quantity: a STK that is not held has no such field"),
        ({"contracts": {}}, "the file.contracts: must be a list"),
    ],
)  # fmt: skip
def test_the_file_has_no_other_fields(top: dict[str, Any], reported: str) -> None:
    assert reported in refusal({"symbol": "XYZ", "quantity": 1}, **top)


@pytest.mark.parametrize("name", ["", "DU1,DU2", "DU 1", "D\u00dc1"])
def test_an_account_is_letters_and_digits(name: str) -> None:
    """Others would make two of one in the list of accounts."""
    with pytest.raises(PortfolioError, match="account: must be a"):
        portfolio_of({"accounts": [{"account": name, "positions": []}]}, "p")


def test_one_contract_is_described_in_one_way() -> None:
    """Two accounts that hold it may repeat its description, and not contradict it."""
    first = {"symbol": "GAW", "currency": "GBP", "quantity": 1, "price_magnifier": 100}
    second = {"symbol": "GAW", "currency": "GBP", "quantity": 2}

    def file(other: dict[str, Any]) -> dict[str, Any]:
        return {"accounts": [{"account": "U1", "positions": [first]},
                             {"account": "U2", "positions": [other]}]}  # fmt: skip

    tws = InMemoryTws(portfolio=portfolio_of(file(second), "p"))
    assert {p.contract.price_magnifier for p in tws.world.accounts.positions()} == {100}
    with pytest.raises(PortfolioError, match=r"positions\[0\].price_magnifier: .* another one"):
        InMemoryTws(portfolio=portfolio_of(file(second | {"price_magnifier": 1}), "p"))


def test_a_name_that_is_there_twice_in_one_object_is_refused(tmp_path: Path) -> None:
    """JSON would keep the last one alone, without a word."""
    path = tmp_path / "portfolio.json"
    path.write_text('{"accounts": [{"account": "U1", "account": "U2", "positions": []}]}')
    with pytest.raises(PortfolioError, match="'account' is there twice in one object"):
        read_portfolio(path)
