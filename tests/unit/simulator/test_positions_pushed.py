"""Positions: the whole portfolio, its end, and changes until the client cancels."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.simulator.in_memory import InMemoryTws

ACCOUNT = "DU1234567"


def test_all_positions_come_then_their_end() -> None:
    """61 for each, then one 62."""
    tws = InMemoryTws(positions=20)
    frames = tws.client().ask(61, 1)
    assert [f[0] for f in frames] == ["61"] * 20 + ["62"]
    assert all(len(f) == 16 for f in frames[:-1])


def test_rows_carry_exchange_and_cost_as_tws_does() -> None:
    """A stock its primary exchange and no multiplier; an option and a future no exchange."""
    tws = InMemoryTws(positions=20)
    rows = {f[5]: f for f in tws.client().ask(61, 1)[:-1]}
    stock, option, future = rows["STK"], rows["OPT"], rows["FUT"]
    assert stock[10] in ("NASDAQ", "NYSE", "ARCA")
    assert (stock[9], stock[7]) == ("", "0.0")
    assert option[9:11] == ["100", ""]
    assert future[9:11] == ["50", ""]
    assert future[4] == "ES"
    assert 200_000 < float(future[15]) < 600_000, "money per contract, not a price"


@pytest.mark.parametrize("quantity", ["7", "-2.5", "0"])
def test_a_change_is_pushed_without_an_end_until_the_client_cancels(quantity: str) -> None:
    """A closed position is pushed with quantity 0, and gone from the next answer."""
    tws = InMemoryTws()
    client, other = tws.client(1), tws.client(2)
    client.ask(61, 1)
    option = tws.held("OPT")
    tws.world.accounts.set_position(ACCOUNT, option, Decimal(quantity), tws.now)
    (pushed,) = client.read()
    assert (pushed[0], pushed[3], pushed[14]) == ("61", str(option.con_id), quantity)
    assert other.read() == []
    held = {f[3]: f[14] for f in client.ask(61, 1) if f[0] == "61"}
    assert held.get(str(option.con_id), "0") == quantity
    client.send(64, 1)
    tws.world.accounts.set_position(ACCOUNT, option, Decimal(3), tws.now)
    assert client.read() == []


def test_a_new_position_is_pushed_and_keeps_its_cost() -> None:
    """Opened with a cost, changed without one."""
    tws = InMemoryTws()
    client = tws.client()
    client.ask(61, 1)
    spy = tws.spot("SPY")
    tws.world.accounts.set_position(ACCOUNT, spy, Decimal(100), tws.now, avg_cost=600.5)
    tws.world.accounts.set_position(ACCOUNT, spy, Decimal(200), tws.now)
    assert [(f[14], f[15]) for f in client.read(61)] == [("100", "600.5"), ("200", "600.5")]


def test_an_end_can_be_withheld() -> None:
    """The rows come, 62 does not, and the next answer is whole again."""
    tws = InMemoryTws()
    client = tws.client()
    tws.world.positions.ends_to_withhold = 1
    assert client.ask(61, 1)[-1][0] == "61"
    assert client.ask(61, 1)[-1][0] == "62"


def test_positions_of_one_account_carry_the_request_id() -> None:
    """71 for each, then 72."""
    tws = InMemoryTws(positions=5)
    frames = tws.client().ask(74, 1, 8, ACCOUNT, "")
    assert [f[0] for f in frames] == ["71"] * 5 + ["72"]
    assert all(len(f) == 18 and f[2] == "8" for f in frames[:-1])


def test_account_updates_give_values_portfolio_time_and_end() -> None:
    """6 and 7 for each, 8, 54; then a change gives 7 and 8, and three minutes give all again."""
    tws = InMemoryTws(positions=5)
    client = tws.client()
    frames = client.ask(6, 2, 1, ACCOUNT)
    kinds = [f[0] for f in frames]
    assert kinds == ["6"] * kinds.count("6") + ["7"] * 5 + ["8", "54"]
    assert all(len(f) == 20 for f in frames if f[0] == "7")
    assert frames[-1] == ["54", "1", ACCOUNT]
    tws.world.accounts.set_position(ACCOUNT, tws.held("OPT"), Decimal(1), tws.now)
    assert [f[0] for f in client.read()] == ["7", "8"]
    tws.wait(180)
    assert len(client.read(7)) == 5
    client.send(6, 2, 0, ACCOUNT)
    tws.wait(400)
    assert client.read() == []


def test_account_values_by_request_id_end_with_74() -> None:
    """For the account that was asked for; an unknown one gets 321."""
    client = InMemoryTws().client()
    frames = client.ask(76, 1, 5, ACCOUNT, "", 0)
    assert {f[0] for f in frames[:-1]} == {"73"}
    assert frames[-1] == ["74", "1", "5"]
    client.send(76, 1, 6, "U0", "", 0)
    assert client.errors() == [(6, 321)]


def test_an_account_summary_gives_the_tags_asked_for_and_a_third_gets_322() -> None:
    """TWS keeps two; cancelling one makes room."""
    client = InMemoryTws().client()
    frames = client.ask(62, 1, 1, "All", "NetLiquidation,BuyingPower")
    assert [(f[0], f[4]) for f in frames[:-1]] == [
        ("63", "NetLiquidation"), ("63", "BuyingPower"),
    ]  # fmt: skip
    assert frames[-1] == ["64", "1", "1"]
    client.ask(62, 1, 2, "All", "NetLiquidation")
    client.send(62, 1, 3, "All", "NetLiquidation")
    assert client.errors() == [(3, 322)]
    client.send(63, 1, 2)
    client.send(62, 1, 3, "All", "NetLiquidation")
    assert client.errors() == []


def test_profit_of_a_position_is_sent_about_once_a_second() -> None:
    """94 for a contract; an unknown account gets 321."""
    tws = InMemoryTws()
    client = tws.client()
    client.send(94, 3, ACCOUNT, "", tws.held("FUT").con_id)
    tws.wait(10)
    reported = client.read(95)
    assert 3 <= len(reported) <= 11
    assert all(len(f) == 7 for f in reported)
    client.send(95, 3)
    client.read()
    tws.wait(10)
    assert client.read() == []
    client.send(92, 4, "U0", "")
    assert client.errors() == [(4, 321)]


def test_profit_of_an_account_is_sent() -> None:
    """92 gives 94."""
    (reported,) = InMemoryTws().client().ask(92, 4, ACCOUNT, "")
    assert reported[:2] == ["94", "4"]
    assert len(reported) == 5
