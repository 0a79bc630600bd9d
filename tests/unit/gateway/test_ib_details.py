"""Details are read field by field: what cannot be read costs the contract nothing else."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.contract_details import ContractDetails
from slotwise.leg import Leg
from tests.support.values import NOON
from tests.unit.gateway.connected_broker import with_tws
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import DETAILS, Fields, ScriptedTws
from workers.gateway.ib.details import details_from, request_id
from workers.gateway.ib.ib_broker import IbBroker

#: Rows as TWS sends them, with the fields that tests change by name.
CONTRACT = {
    "id": "10", "req_id": "7", "symbol": "SPY", "sec_type": "OPT", "last_trade": "20261218",
    "strike": "560.5", "right": "P", "exchange": "SMART", "currency": "USD",
    "local_symbol": "", "market_name": "SPY", "trading_class": "SPY", "con_id": "5",
    "min_tick": "0.01", "multiplier": "100", "order_types": "ACTIVETIM",
    "valid_exchanges": "SMART,CBOE", "magnifier": "1", "under_con_id": "756733",
    "long_name": "SPDR S&P 500", "primary": "", "month": "202612", "industry": "", "category": "",
    "subcategory": "", "zone": "US/Eastern", "hours": "20261123:0930-20261123:1600",
    "liquid": "20261123:0930-20261123:1600", "ev_rule": "", "ev_multiplier": "0", "ids": "1",
    "tag": "ISIN", "value": "US78462F1030", "agg_group": "2", "under_symbol": "SPY",
    "under_sec_type": "STK", "rules": "32", "real": "20261218", "stock_type": "", "min_size": "1",
    "step": "1", "suggested": "1",
}  # fmt: skip
BOND = {
    "id": "18", "req_id": "7", "symbol": "", "sec_type": "BOND", "cusip": "91282CDA6",
    "coupon": "0.25", "maturity": "20300930", "issued": "20250930", "ratings": "AAA",
    "bond_type": "GOVT", "coupon_type": "FIXED", "convertible": "0", "callable": "0",
    "putable": "0", "description": "", "exchange": "SMART", "currency": "USD",
    "market_name": "US-T", "trading_class": "US-T", "con_id": "5", "min_tick": "0.0001",
    "order_types": "ACTIVETIM", "valid_exchanges": "SMART", "next_date": "", "next_type": "",
    "next_partial": "0", "notes": "", "long_name": "US TREASURY", "ev_rule": "",
    "ev_multiplier": "0", "ids": "0", "agg_group": "2147483647", "rules": "", "min_size": "1",
    "step": "1", "suggested": "1",
}  # fmt: skip
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


def row(known: dict[str, str], **changes: str) -> ContractDetails:
    """Read a row with changes."""
    return details_from(list((known | changes).values()), 178, NOON)


def test_contract_details_are_read() -> None:
    """Every field that is used, behind a pair of security ids."""
    read = row(CONTRACT, local_symbol="SPY   261218P00560500", long_name=r"Nestl\u00e9")
    contract = read.contract
    assert (contract.con_id, contract.strike, contract.right) == (5, Decimal("560.5"), "P")
    assert (contract.multiplier, contract.price_magnifier) == (Decimal(100), 1)
    assert (read.valid_exchanges, read.listed_at) == (("SMART", "CBOE"), ("SMART",))
    assert (read.under_con_id, read.min_tick) == (756733, Decimal("0.01"))
    assert (read.time_zone, read.long_name) == ("US/Eastern", "Nestlé")
    assert read.looked_up_at == NOON


@pytest.mark.parametrize("coupon", ["0.25", "4.125", "0", "5", "", "floating"])
def test_bond_details_are_read(coupon: str) -> None:
    """A coupon need not be a whole number; a bond is quoted in percent, without a magnifier."""
    read = row(BOND, coupon=coupon)
    assert read.coupon == (Decimal(coupon) if coupon not in ("", "floating") else None)
    assert (read.contract.con_id, read.contract.sec_type) == (5, "BOND")
    assert (read.contract.price_magnifier, read.maturity) == (1, "20300930")
    assert (read.valid_exchanges, read.trading_hours) == (("SMART",), "")


def test_zone_of_the_date_is_not_the_zone_of_the_exchange() -> None:
    """A login in Shanghai sees an American option expire a day later."""
    read = row(CONTRACT, last_trade="20261219 05:00:00 Asia/Shanghai", real="")
    assert (read.time_zone, read.contract.expiry) == ("US/Eastern", "20261218")
    real = row(CONTRACT, last_trade="20261217", real="20261218")
    assert real.contract.expiry == "20261218"


@pytest.mark.parametrize(
    ("text", "magnifier"), [("100", 100), ("", None), ("0", None), ("x", None)]
)
def test_unreadable_magnifier_is_unknown(text: str, magnifier: int | None) -> None:
    """So the contract's value is, too; the same where its multiplier cannot be read."""
    assert row(CONTRACT, magnifier=text).contract.price_magnifier == magnifier
    assert row(CONTRACT, multiplier="many").contract.price_magnifier is None
    assert row(CONTRACT, multiplier="").contract.price_magnifier == 1


@given(
    known=st.sampled_from([CONTRACT, BOND]),
    text=TEXTS,
    data=st.data(),
)
def test_unreadable_field_never_loses_the_contract(
    known: dict[str, str], text: str, data: st.DataObject
) -> None:
    """Whatever stands in any field but the three that say what the row is."""
    name = data.draw(st.sampled_from(sorted(known.keys() - {"id", "req_id", "con_id"})))
    assert row(known, **{name: text}).contract.con_id == 5


@given(known=st.sampled_from([CONTRACT, BOND]), length=st.integers(20, 45))
def test_short_row_is_a_contract(known: dict[str, str], length: int) -> None:
    """A message that ends early lacks its last fields, not the contract."""
    assert details_from(list(known.values())[:length], 178, NOON).contract.con_id == 5


def test_older_servers_send_two_fields_more() -> None:
    """Up to version 163: a version of the message, and an obsolete size multiplier."""
    for known in (CONTRACT, BOND):
        fields = list(known.values())
        place = list(known).index("min_tick") + 1
        old = [fields[0], "8", *fields[1:place], "100", *fields[place:]]
        assert request_id(old, 160) == request_id(fields, 178) == 7
        assert details_from(old, 160, NOON) == details_from(fields, 178, NOON)


@with_tws
async def test_each_contract_is_given_once(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """Of several rows, in any order, one value each, at the exchange that quotes it."""

    def answer(fields: Fields) -> None:
        for exchange, con_id in (("QBALGO", "6"), ("CME", "5"), ("CME", "6"), ("QBALGO", "5")):
            changes = {
                "req_id": fields[2], "sec_type": "FUT", "con_id": con_id, "exchange": exchange,
                "valid_exchanges": "CME,QBALGO",
            }  # fmt: skip
            tws.send(*(CONTRACT | changes).values())
        tws.send(52, 1, fields[2])

    tws.answers[DETAILS] = answer
    rows = await broker.details_like(Leg(symbol="ES", sec_type="FUT", expiry="202612"))
    found = [one.contract for one in rows]
    assert [(one.con_id, one.exchange) for one in found] == [(5, "CME"), (6, "CME")]
    details = await broker.details(6)
    assert (details.contract.exchange, details.listed_at) == ("CME", ("CME", "QBALGO"))


@with_tws
async def test_bond_is_looked_up_by_its_id(
    tws: ScriptedTws, broker: IbBroker, listener: Remembering
) -> None:
    """ib_async's decoder would raise on its coupon, and the look-up would never end."""

    def answer(fields: Fields) -> None:
        tws.send(*(BOND | {"req_id": fields[2]}).values())
        tws.send(52, 1, fields[2])

    tws.answers[DETAILS] = answer
    async with asyncio.timeout(5):
        details = await broker.details(5)
    assert details.coupon == Decimal("0.25")
