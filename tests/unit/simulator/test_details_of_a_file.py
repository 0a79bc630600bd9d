"""Details of contracts as a portfolio file gives them: zones, hours, last trades, names."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from slotwise.rules.trading_hours import read_hours
from tests.unit.simulator.holdings import details, holding, only
from tests.unit.simulator.in_memory import TUESDAY, InMemoryTws


@pytest.mark.parametrize(
    ("listing", "at", "text"),
    [
        ({"time_zone": "MET"}, 25, "MET"),
        ({"time_zone": ""}, 25, ""),
        ({"time_zone": "HongKong"}, 25, "HongKong"),
        ({"trading_hours": ";20261130:0900-20261130:1730"}, 26, ";20261130:0900-20261130:1730"),
        ({"liquid_hours": ""}, 27, ""),
        ({"isin": "GB00BFPTG862"}, 32, "GB00BFPTG862"),
        ({"long_name": "B\u00d6RSE"}, 19, "B\\xd6RSE"),
        ({"under_con_id": "11004968"}, 18, "11004968"),
        ({"min_size": "0.5"}, 39, "0.5"),
    ],
)  # fmt: skip
def test_details_say_what_the_file_says(listing: dict[str, str], at: int, text: str) -> None:
    """Zones with other names or none, an empty first session, names in ASCII."""
    tws = holding([{"symbol": "GAW", "currency": "GBP", "quantity": 1, "details": listing}])
    [row] = details(tws, only(tws))
    assert row[at] == text


def test_trading_hours_differ_from_liquid_hours() -> None:
    """A session of each weekday is written, from yesterday on; nights begin the day before."""
    hours = {"trading_hours": "1900-0745,0830-1320", "liquid_hours": "0830-1320"}
    tws = holding([{"symbol": "ZC", "expiry": "20270312", "quantity": 1, "details": hours}])
    [row] = details(tws, only(tws))
    assert row[26].startswith("20261108:1900-20261109:0745;20261109:0830-20261109:1320;")
    assert row[27].startswith("20261109:0830-20261109:1320;")
    assert row[27].endswith(";20261114:CLOSED;20261115:CLOSED")


@pytest.mark.parametrize("hour", range(0, 48, 3))
def test_what_the_default_book_holds_trades_at_every_hour(hour: int) -> None:
    """By the hours of its details, also where the day of UTC is not that of the exchange."""
    now = TUESDAY + 3600 * hour
    tws = InMemoryTws(now=now, positions=60)
    for position in tws.world.accounts.positions():
        for row in details(tws, position.contract.con_id):
            hours = read_hours(row[26], row[25])
            assert hours.is_open(datetime.fromtimestamp(now, UTC)), (hour, row[25], row[26])


@pytest.mark.parametrize(
    ("zone", "reported"),
    [("Europe/Zurich", "20261218 15:30:00 Europe/Zurich"),
     ("US/Pacific", "20261218 06:30:00 US/Pacific"),
     ("Pacific/Auckland", "20261219 03:30:00 Pacific/Auckland")],
)  # fmt: skip
def test_a_last_trade_is_in_the_zone_of_the_login(zone: str, reported: str) -> None:
    """So that its day can be another one than the expiry; the exchange's zone stays beside it."""
    details_of_file = {"time_zone": "US/Central"}
    entry = {"symbol": "ES", "expiry": "20261218", "quantity": 1, "details": details_of_file}
    tws = holding([entry], file={"login_zone": zone})
    [row] = details(tws, only(tws))
    assert (row[4], row[25]) == (reported, "US/Central")
    assert row[-6:-3] == ["67", "20261218", ""]


def test_a_last_trade_can_be_given() -> None:
    """As TWS wrote it."""
    tws = holding([{"symbol": "ES", "expiry": "20261218", "quantity": 1,
                    "details": {"last_trade": "20261218 08:30 US/Central"}}])  # fmt: skip
    [row] = details(tws, only(tws))
    assert row[4] == "20261218 08:30 US/Central"


def test_a_step_of_prices_is_money() -> None:
    """A quarter of a cent for corn, whose quotes move by 0.25 (recorded)."""
    tws = holding([{"symbol": "ZC", "expiry": "20270312", "quantity": 1, "price_magnifier": 100,
                    "min_tick": Decimal("0.25"), "price": 445}])  # fmt: skip
    con_id = only(tws)
    [row] = details(tws, con_id)
    assert row[13] == "0.0025"
    corn = tws.world.universe.get(con_id)
    assert corn is not None
    quote = tws.world.market.quote(corn, tws.now)
    assert quote.bid is not None
    assert quote.bid * 4 == int(quote.bid * 4)
