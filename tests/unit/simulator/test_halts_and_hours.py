"""What a line says of a contract that does not trade: halted, before the open, after the close."""

from __future__ import annotations

from tests.unit.simulator.in_memory import SOON_S, TUESDAY, InMemoryClient, InMemoryTws
from tests.unit.simulator.test_simulator_commands import give

#: 9:31, 9:15 and 8:50 in New York, and a minute before the close.
OPENED, BEFORE_OPEN, EARLY = TUESDAY - 29 * 60, TUESDAY - 45 * 60, TUESDAY - 70 * 60
BEFORE_CLOSE = TUESDAY + 6 * 3600 - 60


def sides(client: InMemoryClient) -> list[tuple[str, float, int]]:
    """Take what has come; return tick type, price and mask of bids and asks."""
    return [(f[3], float(f[4]), int(f[6])) for f in client.read(1) if f[3] in ("1", "2")]


def test_a_halted_contract_says_so_and_shows_no_price_until_it_trades_again() -> None:
    """49 is 1, bid and ask are gone, nothing follows; then 0, and both are back."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    client.market_data(1, spy)
    tws.wait(3)
    client.read()
    assert give(tws, do="halt", con_id=spy.con_id)["ok"]
    tws.wait(SOON_S)
    frames = client.read()
    assert [f[4] for f in frames if f[0] == "45" and f[3] == "49"] == ["1.0"]
    assert [f[4:] for f in frames if f[0] == "1" and f[3] in ("1", "2")] == [["-1.0", "0", "0"]] * 2
    tws.wait(30)
    assert client.read() == []
    assert give(tws, do="resume", con_id=spy.con_id)["ok"]
    tws.wait(SOON_S)
    frames = client.read()
    assert [f[4] for f in frames if f[0] == "45" and f[3] == "49"] == ["0.0"]
    assert {f[3] for f in frames if f[0] == "1" and float(f[4]) > 0} >= {"1", "2"}


def test_a_request_during_a_halt_gets_the_last_trade_before_it() -> None:
    """The stream says it is halted; a snapshot waits its eleven seconds; greeks are not there."""
    tws = InMemoryTws()
    client, option = tws.client(), tws.held("OPT")
    give(tws, do="halt", con_id=option.con_id)
    before = tws.world.market.quote(option, tws.now).last
    tws.wait(60)
    client.market_data(1, option)
    client.market_data(2, option, snapshot=True)
    tws.wait(10.9)
    frames = client.read()
    assert {(f[2], f[4]) for f in frames if f[0] == "45"} == {("1", "1.0"), ("2", "1.0")}
    assert {float(f[4]) for f in frames if f[0] == "1" and f[3] == "4"} == {before}
    assert {tuple(f[4:]) for f in frames if f[0] == "21"} == {
        ("-1.0", "-2.0", "-1.0", "-1.0", "-2.0", "-2.0", "-2.0", "-1.0")
    }
    assert "57" not in [f[0] for f in frames]
    tws.wait(0.2)
    assert [f[0] for f in client.read(57)] == ["57"]


def test_a_line_opened_during_a_halt_gets_it_once() -> None:
    """Whatever the line beside it has still to get."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    client.market_data(1, spy)
    tws.wait(1)
    client.read()
    give(tws, do="halt", con_id=spy.con_id)
    client.market_data(2, spy)
    tws.wait(1)
    reported = [(f[2], f[4]) for f in client.read(45)]
    assert sorted(reported) == [("1", "1.0"), ("2", "1.0")]


def test_a_halt_is_one_contracts_own() -> None:
    """Another one on the same underlying goes on."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.market_data(2, tws.spot("QQQ"))
    give(tws, do="halt", con_id=tws.spot("SPY").con_id)
    tws.wait(SOON_S)
    client.read()
    tws.wait(5)
    assert {f[2] for f in client.read(1, 2)} == {"2"}


def test_delayed_data_reports_a_halt_by_its_own_type() -> None:
    """90, when it happens, as far as is known."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    give(tws, do="deny_data", con_id=spy.con_id, code=10089)
    client.send(59, 1, 3)
    client.market_data(1, spy)
    tws.wait(1)
    assert client.read(45) == []
    give(tws, do="halt", con_id=spy.con_id)
    tws.wait(1)
    assert [f[3:] for f in client.read(45)] == [["90", "1.0"]]


def test_prices_before_the_open_are_marked_and_lose_the_mark_at_the_open() -> None:
    """No order can execute at them: mask 4, then 1, whether the price changes or not."""
    tws = InMemoryTws(now=BEFORE_OPEN, market_hours="us")
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    tws.wait(SOON_S)
    early = sides(client)
    assert [(kind, mask) for kind, _, mask in early] == [("1", 4), ("2", 4)]
    assert all(price > 0 for _, price, _ in early)
    tws.wait(OPENED - tws.now)
    assert {mask for _, _, mask in sides(client)} <= {1, 3}


def test_hours_before_the_open_there_is_no_price() -> None:
    """-1 with size 0, and it can not be executed at."""
    tws = InMemoryTws(now=EARLY, market_hours="us")
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    tws.wait(SOON_S)
    assert sides(client) == [("1", -1.0, 0), ("2", -1.0, 0)]


def test_the_close_takes_prices_away_or_freezes_them() -> None:
    """Type 1 gets -1; type 2 keeps the last prices, and 58 says 2 from then on."""
    tws = InMemoryTws(now=BEFORE_CLOSE, market_hours="us")
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.send(59, 1, 2)
    client.market_data(2, tws.spot("SPY"))
    tws.wait(SOON_S)
    assert [f[2:] for f in client.read() if f[0] == "58"] == [["1", "1"], ["2", "1"]]
    tws.wait(120)
    frames = client.read()
    newest = {(f[2], f[3]): float(f[4]) for f in frames if f[0] == "1" and f[3] in ("1", "2")}
    assert newest["1", "1"] == newest["1", "2"] == -1.0
    assert 0 < newest["2", "1"] < newest["2", "2"]
    assert [f[2:] for f in frames if f[0] == "58"] == [["2", "2"]]


def test_a_bid_below_the_days_low_or_an_ask_above_its_high_is_marked() -> None:
    """Mask 2, beside 1; and no other price has it."""
    tws = InMemoryTws(now=OPENED, market_hours="us")
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    low = high = 0.0
    marked = 0
    tws.wait(120)
    for fields in client.read(1):
        kind, price, mask = fields[3], float(fields[4]), int(fields[6])
        low, high = price if kind == "7" else low, price if kind == "6" else high
        if kind in ("1", "2"):
            past = price < low if kind == "1" else price > high
            assert mask == (3 if past else 1)
            marked += past
    assert marked
