"""Contracts as TWS describes them: what the product makes of recorded details and position rows."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from slotwise.contract import PositionKey
from slotwise.contract_details import completed, request_contract
from slotwise.rules.trading_hours import EVER, read_hours
from tests.integration.recordings.played import played, read
from workers.gateway.wire_log import WireLog

ES, SPY_PUT, SPY, AAPL = 495512563, 711280079, 756733, 265598


def utc(hour: int, minute: int, day: int = 27) -> datetime:
    """Name a time of the recorded days."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_bonds_are_read_without_symbol_and_hours_and_with_a_coupon_in_parts() -> None:
    async def run() -> None:
        async with played("bond_details_without_symbol_and_hours") as p:
            treasury, company = await p.broker.details(520000111), await p.broker.details(520000333)
        assert (treasury.coupon, company.coupon) == (Decimal("0.25"), Decimal("4.125"))
        assert (treasury.contract.symbol, treasury.trading_hours) == ("", "")
        assert (treasury.maturity, treasury.contract.exchange) == ("20300930", "SMART")
        assert (treasury.contract.price_magnifier, company.valid_exchanges) == (1, ("SMART",))

    asyncio.run(run())


def test_an_option_is_asked_for_where_its_details_list_it() -> None:
    """Its position row names no exchange, and SMART would find nothing."""
    places = {495512572: "CME", 700000301: "EUREX", 700000302: "HKFE", 700000303: "OSE.JPN"}

    async def run() -> None:
        async with played("options_that_smart_does_not_route") as p:
            held = {one.contract.con_id: one.contract for one in await p.broker.positions()}
            assert {contract.exchange for contract in held.values()} == {""}
            for con_id, place in places.items():
                asked = request_contract(held[con_id], await p.broker.details(con_id))
                assert asked.exchange == place
                p.broker.open_line(asked, p.quotes)
                assert (await p.quotes.of(con_id, lambda q: q.ask)).bid == Decimal("50.25")

    asyncio.run(run())


def test_several_rows_of_one_contract_are_one_contract_at_its_market() -> None:
    async def run() -> None:
        async with played("es_has_a_row_for_each_place") as p:
            details = await p.broker.details(ES)
        assert (details.contract.exchange, details.contract.multiplier) == ("CME", Decimal(50))
        assert set(details.listed_at) == {"CME", "QBALGO"}
        assert details.valid_exchanges == ("CME", "QBALGO")

    asyncio.run(run())


@pytest.mark.parametrize("name", ["positions_without_exchange", "positions_with_exchange"])
def test_holdings_are_the_same_with_and_without_their_exchange(name: str) -> None:
    async def run() -> None:
        async with played(name) as p:
            positions = await p.broker.positions()
            details = {con_id: await p.broker.details(con_id) for con_id in (ES, SPY_PUT)}
        keys: list[PositionKey] = [one.key for one in positions]
        assert keys == [("DU0000001", con_id) for con_id in (ES, SPY_PUT, SPY)]
        held = {one.contract.con_id: one.contract for one in positions}
        asked = {one: request_contract(held[one], details[one]) for one in details}
        assert (asked[ES].exchange, asked[SPY_PUT].exchange) == ("CME", "SMART")
        assert {completed(held[one], details[one]).multiplier for one in details} == {50, 100}
        assert (held[SPY].exchange, held[SPY_PUT].strike) == ("ARCA", Decimal(560))

    asyncio.run(run())


def test_a_contract_expires_on_its_own_day_wherever_the_login_is() -> None:
    days = {
        880000101: ("20230623", "US/Central"),
        880000102: ("20231124", "US/Central"),
        880000103: ("20260320", "MET"),
        880000104: ("20260320", "US/Central"),
    }

    async def run() -> None:
        async with played("last_trade_in_the_zone_of_the_login") as p:
            for con_id, (day, zone) in days.items():
                details = await p.broker.details(con_id)
                assert (details.contract.expiry, details.time_zone) == (day, zone)

    asyncio.run(run())


def test_hours_are_read_in_zones_of_whatever_name() -> None:
    """Session of the 27th, UTC; without a zone nothing is known, so that it counts as open."""
    begins = {
        890000101: utc(1, 0),
        890000102: utc(23, 45, 26),
        890000103: utc(1, 15),
        890000104: utc(0, 10),
    }

    async def run() -> None:
        async with played("hours_in_zones_of_other_names") as p:
            for con_id, begin in begins.items():
                details = await p.broker.details(con_id)
                hours = read_hours(details.trading_hours, details.time_zone)
                liquid = read_hours(details.liquid_hours, details.time_zone)
                assert hours.sessions[0][0] == begin
                assert len(liquid.sessions) == 1
                assert hours.is_open(begin)
                assert hours.known_from == (begin if con_id == 890000104 else EVER)
            nowhere = await p.broker.details(890000105)
            hours = read_hours(nowhere.trading_hours, nowhere.time_zone)
            assert hours.is_open(utc(3, 0))

    asyncio.run(run())


def test_details_are_read_as_tws_writes_them() -> None:
    async def run() -> None:
        async with played("details_as_tws_writes_them") as p:
            share, put = await p.broker.details(AAPL), await p.broker.details(SPY_PUT)
            assert (share.contract.strike, share.contract.expiry) == (None, "")
            assert (share.contract.primary_exchange, share.long_name) == ("NASDAQ", "APPLE INC")
            assert (put.contract.strike, put.contract.expiry) == (Decimal(560), "20261218")
            assert put.under_con_id == SPY
            p.open(AAPL)
            quote = await p.quotes.of(AAPL, lambda q: q.ask)
            assert (quote.bid, quote.bid_size) == (Decimal("231.10"), Decimal("0.5"))

    asyncio.run(run())


def test_a_contract_is_asked_for_by_its_id_alone_whatever_its_symbol(tmp_path: Path) -> None:
    symbols = {72063691: "BRK B", 44652144: "7203", 75619082: "700"}
    places = {72063691: "SMART", 44652144: "TSEJ", 75619082: "SEHK"}

    async def run() -> None:
        log = WireLog(tmp_path / "wire.jsonl")
        async with played("symbols_that_are_no_names", tap=log.tap) as p:
            held = {one.contract.con_id: one.contract for one in await p.broker.positions()}
            assert {con_id: one.symbol for con_id, one in held.items()} == symbols
            for con_id in symbols:
                asked = request_contract(held[con_id], await p.broker.details(con_id))
                assert asked.exchange == places[con_id]
                p.broker.open_line(asked, p.quotes)
                await p.quotes.of(con_id)
        log.close()

    asyncio.run(run())
    sent = [one.fields for _, one in read(tmp_path / "wire.jsonl").frames() if one.kind in (1, 9)]
    asked_for = {int(fields[3]) for fields in sent if fields[0] == "1" and len(fields) > 15}
    looked_up = [fields[3:5] for fields in sent if fields[0] == "9" and len(fields) > 15]
    assert asked_for == set(symbols)
    assert looked_up == [(str(con_id), "") for con_id in symbols]
