"""What a client sees of one holding of every security type: its row, details, quote and value."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.simulator.holdings import ACCOUNT, HOLDINGS, holding
from tests.unit.simulator.in_memory import InMemoryTws, by_id, market_data_fields
from tws_simulator.instruments.kinds import SEC_TYPES

KINDS = tuple(HOLDINGS)
#: Types whose details come as message 18, and types without a definition.
BONDS, UNKNOWN = ("BOND", "BILL"), ("SLB",)
DEFINED = tuple(kind for kind in KINDS if kind not in UNKNOWN)


def held(kind: str) -> tuple[InMemoryTws, int]:
    """Hold one contract of a type; return its id too."""
    tws = holding([HOLDINGS[kind].entry])
    [position] = tws.world.accounts.positions()
    return tws, position.contract.con_id


def prices(frames: list[list[str]]) -> dict[str, tuple[str, str]]:
    """Return the newest price and size by tick type."""
    return {f[3]: (f[4], f[5]) for f in frames if f[0] == "1"}


def test_every_security_type_is_tried() -> None:
    assert set(KINDS) == set(SEC_TYPES)


@pytest.mark.parametrize("kind", KINDS)
def test_a_position_row_describes_the_contract(kind: str) -> None:
    """Expiry, strike, right, multiplier, exchange and currency, as TWS spells them."""
    tws, con_id = held(kind)
    row, end = tws.client().ask(61, 1)
    assert end == ["62", "1"]
    assert row[:6] == ["61", "3", ACCOUNT, str(con_id), HOLDINGS[kind].entry["symbol"], kind]
    assert tuple(row[6:12]) == HOLDINGS[kind].row
    assert Decimal(row[14]) == Decimal(HOLDINGS[kind].entry["quantity"])


@pytest.mark.parametrize("kind", DEFINED)
def test_details_say_where_it_is_quoted_and_in_what(kind: str) -> None:
    """Message 10, or 18 for bonds and bills, in the row of the exchange that has its data."""
    tws, con_id = held(kind)
    row, end = tws.client().ask(9, 8, 3, *by_id(con_id), 0, "", "", "")
    assert end == ["52", "1", "3"]
    if kind in BONDS:
        assert (row[0], row[2], row[3]) == ("18", "", kind)
        assert (row[15], row[19]) == (HOLDINGS[kind].asked, str(con_id))
        assert HOLDINGS[kind].asked in row[22].split(",")
        return
    assert (row[0], row[3], row[12]) == ("10", kind, str(con_id))
    assert row[7] == HOLDINGS[kind].asked
    assert row[7] in row[16].split(",")
    assert row[17] == str(HOLDINGS[kind].entry.get("price_magnifier", 1))
    assert row[14] == HOLDINGS[kind].row[3]


@pytest.mark.parametrize("kind", DEFINED)
def test_a_quote_comes_from_its_exchange_and_stands_still(kind: str) -> None:
    """The prices of the file, each once in the end, and no others."""
    tws, con_id = held(kind)
    client, expected = tws.client(), HOLDINGS[kind]
    client.send(*market_data_fields(1, by_id(con_id, expected.asked)))
    tws.wait(30)
    seen = prices(client.read())
    names = {"1": "bid", "2": "ask", "4": "last", "9": "close"}
    given = {name: price for name, price in expected.entry["quote"].items() if "_" not in name}
    quoted = {names[kind]: float(price) for kind, (price, size) in seen.items() if size != "0"}
    quoted |= {"close": float(seen["9"][0])} if "9" in seen else {}
    assert quoted == {name: float(price) for name, price in given.items()}


@pytest.mark.parametrize("kind", DEFINED)
def test_its_value_is_money(kind: str) -> None:
    """Price over magnifier, or percent of par, times multiplier and quantity."""
    tws, _ = held(kind)
    [row] = [f for f in tws.client().ask(6, 2, 1, ACCOUNT) if f[0] == "7"]
    assert HOLDINGS[kind].value is not None
    assert Decimal(row[15]) == Decimal(str(HOLDINGS[kind].value))


@pytest.mark.parametrize("kind", UNKNOWN)
def test_what_tws_does_not_know_is_held_and_not_found(kind: str) -> None:
    """Details and market data get 200; the row stays."""
    tws, con_id = held(kind)
    client = tws.client()
    client.send(9, 8, 3, *by_id(con_id), 0, "", "", "")
    client.send(*market_data_fields(4, by_id(con_id, HOLDINGS[kind].asked)))
    assert client.errors() == [(3, 200), (4, 200)]
    assert len(client.ask(61, 1)) == 2


@pytest.mark.parametrize("kind", [kind for kind in DEFINED if kind != "STK"])
def test_elsewhere_it_is_not_found(kind: str) -> None:
    """An exchange that is not among the valid ones: 200 for details and for data."""
    tws, con_id = held(kind)
    client = tws.client()
    client.send(9, 8, 3, *by_id(con_id, "ISE2"), 0, "", "", "")
    client.send(*market_data_fields(4, by_id(con_id, "ISE2")))
    assert client.errors() == [(3, 200), (4, 200)]


@pytest.mark.parametrize("kind", ["OPT", "FUT", "FOP", "CASH", "CRYPTO"])
def test_smart_does_not_give_what_only_its_exchange_gives(kind: str) -> None:
    """Error 200, as for options on futures and at EUREX (recorded)."""
    tws, con_id = held(kind)
    client = tws.client()
    client.send(*market_data_fields(4, by_id(con_id, "SMART")))
    assert client.errors() == [(4, 200)]
