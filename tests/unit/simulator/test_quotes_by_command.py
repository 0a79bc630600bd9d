"""Quotes that a command sets, and contracts that TWS drops while they are held."""

from __future__ import annotations

from tests.unit.simulator.holdings import holding
from tests.unit.simulator.in_memory import InMemoryTws, by_id, market_data_fields
from tests.unit.simulator.test_simulator_commands import give

SPY = 756733


def newest(frames: list[list[str]]) -> dict[str, str]:
    """Return the newest price by tick type."""
    return {f[3]: f[4] for f in frames if f[0] == "1"}


def test_a_quote_stands_still_until_it_is_given_back() -> None:
    """An open line sees it, with the prices that are missing left out; then the market moves."""
    tws = InMemoryTws()
    client = tws.client()
    client.send(*market_data_fields(1, by_id(SPY, "SMART")))
    tws.wait(1)
    before = newest(client.read())
    assert give(tws, do="quote", con_id=SPY, bid=500, ask=501)["ok"]
    tws.wait(30)
    after = newest(client.read())
    assert (after["1"], after["2"]) == ("500.0", "501.0")
    assert "4" not in after
    assert tws.world.market.mark(tws.spot("SPY"), tws.now) == 500.5
    assert give(tws, do="quote", con_id=SPY)["ok"]
    tws.wait(5)
    again = newest(client.read())
    assert abs(float(again["1"]) - float(before["1"])) < 20
    assert float(again["4"]) > 600


def test_a_side_goes_and_comes_back() -> None:
    """No ask: -1 with size 0, then a price again, below zero too."""
    tws = InMemoryTws()
    client = tws.client()
    client.send(*market_data_fields(1, by_id(SPY, "SMART")))
    give(tws, do="quote", con_id=SPY, bid=-1, ask=None)
    tws.wait(1)
    sides = {f[3]: (f[4], int(f[5]) > 0) for f in client.read(1)}
    assert sides == {"1": ("-1.0", True), "2": ("-1.0", False)}
    give(tws, do="quote", con_id=SPY, bid=None, ask=-1)
    tws.wait(1)
    sides = {f[3]: (f[4], int(f[5]) > 0) for f in client.read(1)}
    assert sides == {"1": ("-1.0", False), "2": ("-1.0", True)}


def test_a_quote_that_makes_no_sense_is_refused() -> None:
    tws = InMemoryTws()
    for wrong in ({"bid": 2, "ask": 1}, {"mid": 1}, {"bid": "high"}, {"con_id": 42}):
        assert give(tws, **{"do": "quote", "con_id": SPY} | wrong)["ok"] is False


def test_a_delisted_contract_is_held_and_not_found() -> None:
    """Its row stays, its line falls silent, and details and data get 200."""
    tws = holding([{"symbol": "SPY", "quantity": 5, "avg_cost": 1}])
    client = tws.client()
    client.send(*market_data_fields(1, by_id(SPY, "SMART")))
    tws.wait(1)
    assert give(tws, do="delist", con_id=SPY)["ok"]
    tws.wait(0.5)
    client.read()
    tws.wait(30)
    assert client.read() == []
    client.send(9, 8, 3, *by_id(SPY), 0, "", "", "")
    client.send(*market_data_fields(4, by_id(SPY, "SMART")))
    assert client.errors() == [(3, 200), (4, 200)]
    row, _ = client.ask(61, 1)
    assert (row[3], row[14]) == (str(SPY), "5")
    assert give(tws, do="delist", con_id=SPY)["ok"] is False


def test_a_contract_of_any_kind_is_opened_by_command() -> None:
    """With whatever a file can say of it; what it cannot say is refused."""
    tws = InMemoryTws()
    corn = {"symbol": "ZC", "sec_type": "FUT", "expiry": "20270312", "multiplier": 5000,
            "price_magnifier": 100, "exchange": "CBOT", "quantity": 1, "avg_cost": 22000,
            "quote": {"bid": 450, "ask": 451}}  # fmt: skip
    con_id = give(tws, do="open", **corn)["con_id"]
    [row] = [f for f in tws.client().ask(61, 1)[:-1] if f[3] == str(con_id)]
    assert row[4:10] == ["ZC", "FUT", "20270312", "0.0", "", "5000"]
    answer = give(tws, do="open", **corn | {"symbol": "ZW", "colour": "yellow"})
    assert answer == {"ok": False, "error": "the command: open.colour: no field has this name"}
