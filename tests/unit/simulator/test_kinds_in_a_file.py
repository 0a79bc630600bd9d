"""What a portfolio file can say of contracts, and what it may not: nothing is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.unit.simulator.holdings import ACCOUNT, details, holding, only
from tests.unit.simulator.in_memory import InMemoryTws, by_id, by_name, market_data_fields
from tws_simulator.book.file import portfolio_of

NQ = {"symbol": "NQ", "expiry": "20261218", "quantity": 1, "multiplier": 20,
      "valid_exchanges": ["QBALGO", "CME"]}  # fmt: skip


@pytest.mark.parametrize("exchanges", [["QBALGO", "CME"], ["CME", "QBALGO"]])
def test_a_future_has_a_row_of_details_for_each_exchange(exchanges: list[str]) -> None:
    """QBALGO first or last (recorded for ES); data comes at the other one alone."""
    tws = holding([NQ | {"valid_exchanges": exchanges}])
    con_id = only(tws)
    rows = details(tws, con_id)
    assert [row[7] for row in rows] == exchanges
    assert {row[16] for row in rows} == {",".join(exchanges)}
    assert [row[7] for row in details(tws, con_id, "CME")] == ["CME"]
    client = tws.client()
    client.send(*market_data_fields(4, by_id(con_id, "QBALGO")))
    assert client.errors() == [(4, 200)]
    client.send(*market_data_fields(5, by_id(con_id, "CME")))
    assert [f[:3] for f in client.read(58)] == [["58", "1", "5"]]


def test_rows_of_details_can_be_others_than_the_exchanges() -> None:
    """Whatever the file lists, in its order."""
    tws = holding([NQ | {"details_exchanges": ["CME"]}])
    assert [row[7] for row in details(tws, only(tws))] == ["CME"]


@pytest.mark.parametrize(("order", "rest"), [(1, "SMART"), (0, "SMART")])
def test_a_contract_for_difference_is_sent_elsewhere(order: int, rest: str) -> None:
    """Message 91 is the only answer, to a stream and to a snapshot; the line is held until 2."""
    cfd = {"symbol": "AAPL", "sec_type": "CFD", "quantity": 5,
           "reroute": {"con_id": 265598, "exchange": rest}}  # fmt: skip
    tws = holding([cfd])
    client = tws.client()
    client.send(*market_data_fields(4, by_id(only(tws), "SMART"), snapshot=bool(order)))
    tws.wait(30)
    assert client.read() == [["91", "4", "265598", "SMART"]]
    assert tws.world.lines.held == 1
    client.send(2, 2, 4)
    assert client.read() == []
    assert tws.world.lines.held == 0


@pytest.mark.parametrize(
    ("no_quote", "magnifier", "shown"),
    [(None, 1, "-1.0"), (-1, 1, "-1.0"), (0, 1, "0.0"), (-100, 100, "-100.0"),
     (None, 100, "-100.0"), (0, 100, "0.0")],
)  # fmt: skip
def test_no_quote_is_a_price_with_size_0(no_quote: int | None, magnifier: int, shown: str) -> None:
    """-1, 0, or -100 for what is quoted in hundredths; the last trade and the close still come."""
    entry: dict[str, Any] = {
        "symbol": "AZN", "currency": "GBP", "exchange": "LSE", "quantity": 10,
        "price_magnifier": magnifier, "quote": {"bid": None, "last": 4294, "close": 4302},
    }  # fmt: skip
    tws = holding([entry if no_quote is None else entry | {"no_quote": no_quote}])
    client = tws.client()
    client.send(*market_data_fields(4, by_id(only(tws), "SMART")))
    tws.wait(1)
    reported = [f[3:6] for f in client.read(1)]
    assert ["1", shown, "0"] in reported
    assert ["2", shown, "0"] in reported
    assert {f[0]: f[1] for f in reported} == {"1": shown, "2": shown, "4": "4294.0", "9": "4302.0"}


def test_a_price_below_zero_is_a_price() -> None:
    """-1.00 with a size, on both sides, in the last trade and in the bars."""
    quote = {"bid": -1, "ask": -1, "last": -1}
    tws = holding([{"symbol": "CL", "expiry": "20261221", "quantity": 1, "exchange": "NYMEX",
                    "multiplier": 1000, "quote": quote}])  # fmt: skip
    con_id, client = only(tws), tws.client()
    client.send(*market_data_fields(4, by_id(con_id, "NYMEX")))
    tws.wait(1)
    reported = {f[3]: (f[4], int(f[5])) for f in client.read(1)}
    assert {kind: price for kind, (price, _) in reported.items()} == dict.fromkeys("124", "-1.0")
    assert min(size for _, size in reported.values()) > 0
    bars = client.ask(20, 5, *by_id(con_id, "NYMEX"), 0, "", "1 min", "60 S", 0, "TRADES", 2, 0, "")
    assert bars[0][6:10] == ["-1.0"] * 4


@pytest.mark.parametrize("spelt", ["NaN", "1.7976931348623157E308"])
def test_an_unknown_cost_is_sent_as_tws_does(spelt: str) -> None:
    """In the row; profit is not known then, and nothing else suffers by it."""
    entry = {"symbol": "SPY", "quantity": 7, "avg_cost": spelt}
    tws = holding([entry, {"symbol": "QQQ", "quantity": 1, "avg_cost": 600}])
    client = tws.client()
    first, _, _ = client.ask(61, 1)
    assert first[15] == spelt
    rows = [f for f in client.ask(6, 2, 1, ACCOUNT) if f[0] == "7"]
    assert (rows[0][16], rows[0][17]) == (spelt, "1.7976931348623157E308")
    assert abs(float(rows[1][17])) < 1000
    answer = client.ask(94, 3, ACCOUNT, "", 756733)
    assert answer[0][3:5] == ["1.7976931348623157E308"] * 2


def test_an_unknown_cost_stays_unknown_when_more_is_bought() -> None:
    """And realized profit is not known either."""
    tws = holding([{"symbol": "SPY", "quantity": 7, "avg_cost": "NaN"}])
    spy = tws.spot("SPY")
    tws.world.manual_trades.trade(ACCOUNT, spy, Decimal(3), Decimal(680), tws.now)
    tws.world.manual_trades.trade(ACCOUNT, spy, Decimal(-4), Decimal(680), tws.now)
    row, _ = tws.client().ask(61, 1)
    assert row[14:] == ["6", "1.7976931348623157E308"]
    assert tws.world.accounts.realized(ACCOUNT) == 0


@pytest.mark.parametrize("quantity", ["0.12345678", "1.4000000000000001", "9223372036854775807"])
def test_a_quantity_keeps_all_its_digits(quantity: str) -> None:
    """8 and 16 decimals, and as many digits as TWS's own largest number."""
    tws = holding([{"symbol": "SPY", "quantity": Decimal(quantity), "avg_cost": 1}])
    row, _ = tws.client().ask(61, 1)
    assert row[14] == quantity


def test_a_row_of_quantity_0_is_in_the_whole_answer() -> None:
    """As TWS sends what was closed today (recorded)."""
    tws = holding([{"symbol": "SPY", "quantity": 0}, {"symbol": "QQQ", "quantity": 1}])
    rows = tws.client().ask(61, 1)
    assert [(row[4], row[14]) for row in rows[:-1]] == [("SPY", "0"), ("QQQ", "1")]


def test_a_contract_that_is_over_can_still_be_held_and_is_not_known() -> None:
    """An expired option: its row stays, details and data get 200, and it is never settled."""
    old = {"symbol": "SPX", "expiry": "20251209", "strike": 6935, "right": "C", "quantity": 0,
           "known": False, "trading_class": "SPXW", "avg_cost": 0}  # fmt: skip
    dead = {"symbol": "DEAD", "exchange": "VALUE", "quantity": 1000, "known": False,
            "avg_cost": Decimal("1.25")}  # fmt: skip
    tws = holding([old, dead])
    client = tws.client()
    first, second, _ = client.ask(61, 1)
    assert first[10:14] == ["", "USD", "SPXW  251209C06935000", "SPXW"]
    assert (second[10], second[14]) == ("VALUE", "1000")
    for row in (first, second):
        client.send(9, 8, 3, *by_id(int(row[3])), 0, "", "", "")
        assert client.errors() == [(3, 200)]


def test_a_multiplier_below_one_survives() -> None:
    """0.1 and 0.00004, in the row, in the details and in the value."""
    small = {"symbol": "MBT", "expiry": "20261225", "quantity": 1, "multiplier": Decimal("0.1"),
             "quote": {"bid": 61000, "ask": 61000}}  # fmt: skip
    tiny = {"symbol": "TNY", "expiry": "20261225", "quantity": 1, "multiplier": "0.00004",
            "quote": {"bid": 61000, "ask": 61000}}  # fmt: skip
    tws = holding([small, tiny])
    client = tws.client()
    first, second, _ = client.ask(61, 1)
    assert (first[9], second[9]) == ("0.1", "0.00004")
    assert details(tws, int(second[3]))[0][14] == "0.00004"
    rows = [f for f in client.ask(6, 2, 1, ACCOUNT) if f[0] == "7"]
    assert [row[15] for row in rows] == ["6100.0", "2.44"]


def test_an_accounts_totals_are_in_its_base_currency_with_the_rates() -> None:
    """429.50 pounds at 1.25, 5,000 yen at 0.01, and the cash."""
    pounds = {"symbol": "GAW", "currency": "GBP", "price_magnifier": 100, "quantity": 10,
              "quote": {"last": 4295}}  # fmt: skip
    yen = {"symbol": "7203", "currency": "JPY", "quantity": 2, "quote": {"last": 2500}}
    rates = {"GBP": Decimal("1.25"), "JPY": Decimal("0.01")}
    tws = holding([pounds, yen], file={"exchange_rates": rates})
    values = [f for f in tws.client().ask(6, 2, 1, ACCOUNT) if f[0] == "6"]
    reported = {(f[2], f[4]): f[3] for f in values}
    assert reported["NetLiquidation", "USD"] == "1000586.88"
    assert [reported["ExchangeRate", name] for name in ("USD", "GBP", "JPY")] == [
        "1",
        "1.25",
        "0.01",
    ]
    assert reported["NetLiquidationByCurrency", "GBP"] == "429.5000"
    assert reported["NetLiquidationByCurrency", "BASE"] == "1000586.8750"


@pytest.mark.parametrize(
    ("data", "first"),
    [
        ({"code": 10091, "then": "live"}, ["58", "4", "81", "tick"]),
        ({"code": 10090, "then": "live"}, ["58", "4", "81", "tick"]),
        ({"code": 354, "then": "refused"}, ["4"]),
        ({"code": 10089, "then": "refused"}, ["4"]),
        ({"code": 10089, "then": "delayed"}, ["58", "4", "81", "tick"]),
    ],
)
def test_a_code_comes_before_ticks_or_instead_of_them(
    data: dict[str, Any], first: list[str]
) -> None:
    """Asked for delayed data: 10089, 10090 and 10091 may be remarks, 354 ends the request."""
    tws = holding([{"symbol": "SPY", "quantity": 1, "data": data | {"text": "Some text."}}])
    client = tws.client()
    client.send(59, 1, 3)
    client.send(*market_data_fields(4, by_id(756733, "SMART")))
    tws.wait(1)
    frames = client.read()
    kinds = [f[0] if f[0] in ("58", "81", "4") else "tick" for f in frames]
    assert kinds[: len(first)] == first
    assert len(frames) == len(first) or "tick" in first
    [error] = [f for f in frames if f[0] == "4"]
    assert error[2:5] == ["4", str(data["code"]), "Some text."]


@pytest.mark.parametrize(
    ("then", "wanted", "kinds"),
    [
        ("delayed", 1, ["4"]), ("delayed", 3, ["58 3", "4"]), ("delayed_unasked", 1, ["58 3", "4"]),
        ("refused", 3, ["4"]), ("live", 1, ["58 1", "4"]),
    ],
)  # fmt: skip
def test_10089_can_be_what_each_report_says(then: str, wanted: int, kinds: list[str]) -> None:
    """An end, or a remark before delayed ticks, to who asks for them or to all (contested)."""
    tws = holding([{"symbol": "SPY", "quantity": 1, "data": {"code": 10089, "then": then}}])
    client = tws.client()
    client.send(59, 1, wanted)
    client.send(*market_data_fields(4, by_id(756733, "SMART")))
    tws.wait(1)
    frames = client.read()
    sent = [f"58 {f[3]}" if f[0] == "58" else f[0] for f in frames if f[0] in ("58", "4")]
    assert sent == kinds
    assert any(f[0] == "1" for f in frames) is (len(kinds) > 1)


def test_contracts_exist_without_a_holder() -> None:
    """Such as the share that a CFD is sent to."""
    file = {"contracts": [{"symbol": "RIO", "currency": "GBP", "con_id": 42}]}
    tws = holding([], file=file)
    assert details(tws, 42)[0][2] == "RIO"
    assert len(tws.client().ask(61, 1)) == 1


def test_one_symbol_is_several_contracts() -> None:
    """A share in two currencies, its bond and its pair, each with its own price."""
    entries: list[Mapping[str, Any]] = [
        {"symbol": "RIO", "currency": "GBP", "quantity": 1, "quote": {"last": 50}},
        {"symbol": "RIO", "quantity": 1, "quote": {"last": 70}},
        {"symbol": "RIO", "sec_type": "BOND", "quantity": 1, "quote": {"last": 99}},
        {"symbol": "RIO", "sec_type": "BOND", "quantity": 1, "con_id": 7, "quote": {"last": 98}},
    ]
    tws = holding(entries)
    rows = [f for f in tws.client().ask(6, 2, 1, ACCOUNT) if f[0] == "7"]
    assert [row[15] for row in rows] == ["50.0", "70.0", "990.0", "980.0"]
    client = tws.client(2)
    found = client.ask(9, 8, 3, *by_name("RIO", "STK", currency="GBP"), 0, "", "", "")
    assert [f[8] for f in found[:-1]] == ["GBP"]


def test_an_option_follows_its_own_share() -> None:
    """In yen, not the one of that symbol in dollars; and it delivers that share."""
    entries: list[Mapping[str, Any]] = [
        {"symbol": "700", "currency": "HKD", "quantity": 100, "price": 600},
        {"symbol": "700", "currency": "HKD", "expiry": "20261229", "strike": 300, "right": "C",
         "quantity": 1, "exchange": "SEHK"},
    ]  # fmt: skip
    tws = holding(entries)
    share, option = (p.contract for p in tws.world.accounts.positions())
    world = tws.world
    assert world.market.mark(option, tws.now) == pytest.approx(
        world.market.mark(share, tws.now) - 300, rel=0.02
    )
    assert world.universe.delivered(option) == share


def test_accounts_may_have_a_letter_more() -> None:
    """Paper accounts: DUM, DUK and others, with digits (public logs)."""
    names = ["DU1234567", "DUM10000001", "DUK000001", "F1234567"]
    file = {"accounts": [{"account": name, "positions": []} for name in names]}
    tws = InMemoryTws(portfolio=portfolio_of(file, "p"))
    assert tws.world.accounts.names == tuple(names)
