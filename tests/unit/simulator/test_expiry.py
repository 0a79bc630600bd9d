"""Expiry: what is delivered, what is paid, when, and that the contract is gone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import TUESDAY, InMemoryTws, by_id
from tests.unit.simulator.test_simulator_commands import give
from tws_simulator.book.settlement import settle
from tws_simulator.market.market import NEW_YORK

ACCOUNT = "DU1234567"
#: The Friday of the week of the tests.
FRIDAY = "20261113"


def opened(tws: InMemoryTws, **position: object) -> int:
    """Hold something by description; return its contract id."""
    answer = give(tws, do="open", **position)
    assert answer["ok"], answer
    con_id: int = answer["con_id"]
    return con_id


def option(tws: InMemoryTws, symbol: str, moneyness: float, right: str, quantity: int) -> int:
    """Hold an option that expires on Friday; its strike is a share of the price."""
    strike = round(tws.world.market.spot(symbol, tws.now) * moneyness)
    return opened(tws, symbol=symbol, expiry=FRIDAY, strike=strike, right=right, quantity=quantity)


def quantity(tws: InMemoryTws, con_id: int) -> int:
    """Return what is held of a contract."""
    held = tws.world.accounts.position(ACCOUNT, con_id)
    return int(held.quantity) if held else 0


def wealth(tws: InMemoryTws) -> float:
    """Return cash and what the positions are worth."""
    values = tws.client(31).ask(76, 1, 5, ACCOUNT, "", 0)
    hang_up = tws.world.clients[31].hang_up
    assert hang_up is not None
    hang_up(tws.now)
    return float(next(f[6] for f in values if f[5] == "NetLiquidation"))


@pytest.mark.parametrize(
    ("right", "moneyness", "held", "shares"),
    [("C", 0.5, 2, 200), ("C", 0.5, -2, -200), ("P", 1.5, 3, -300), ("P", 1.5, -3, 300),
     ("C", 1.5, 2, 0), ("P", 0.5, -2, 0)],
)  # fmt: skip
def test_an_option_in_the_money_delivers_shares_at_its_strike(
    right: str, moneyness: float, held: int, shares: int
) -> None:
    """Exercised or assigned, long or short; out of the money it is just gone."""
    tws = InMemoryTws(positions=0)
    con_id = option(tws, "SPY", moneyness, right, held)
    contract = tws.world.universe.get(con_id)
    assert contract is not None
    client = tws.client()
    client.ask(61, 1)
    cash = tws.world.accounts.cash(ACCOUNT)
    give(tws, do="expire", con_id=con_id)
    pushed = [(int(f[3]), int(f[14])) for f in client.read(61)]
    stock = tws.spot("SPY").con_id
    assert pushed == [(con_id, 0), *([(stock, shares)] if shares else [])]
    assert quantity(tws, stock) == shares
    paid = tws.world.accounts.cash(ACCOUNT) - cash
    assert paid == -shares * Decimal(str(contract.strike))
    assert client.ask(9, 8, 7, *by_id(con_id), 0, "", "", "")[0][:4] == ["4", "2", "7", "200"]


def test_options_on_an_index_and_futures_pay_cash() -> None:
    """There is nothing to deliver."""
    tws = InMemoryTws(positions=0)
    call = option(tws, "SPX", 0.9, "C", -1)
    known = tws.world.universe.get(call)
    assert known is not None
    future = opened(tws, symbol="ES", expiry="20261218", quantity=2)
    before = tws.world.accounts.cash(ACCOUNT)
    price = give(tws, do="expire", con_id=call)["price"]
    paid = tws.world.accounts.cash(ACCOUNT) - before
    assert float(paid) == pytest.approx(-100 * (price - known.strike))
    price = give(tws, do="expire", con_id=future)["price"]
    assert float(tws.world.accounts.cash(ACCOUNT) - before - paid) == pytest.approx(100 * price)
    assert list(tws.world.accounts.positions()) == []


def test_a_cent_in_the_money_is_exercised_and_less_is_not() -> None:
    """As the clearing house does without being asked."""
    tws = InMemoryTws(positions=0)
    held = tws.world.accounts.position(ACCOUNT, option(tws, "SPY", 1.0, "C", 1))
    assert held is not None
    strike = Decimal(str(held.contract.strike))
    assert settle(held, strike + Decimal("0.01"), physical=True).shares == 100
    assert settle(held, strike + Decimal("0.009"), physical=True).shares == 0


def at(day: int, clock: str) -> float:
    """Return a time of November 2026 in New York."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 11, day, hour, minute, tzinfo=NEW_YORK).timestamp()


def test_expiry_comes_by_itself_in_the_evening_and_is_pushed() -> None:
    """At the price of the last trade, not of the evening."""
    tws = InMemoryTws(positions=0)
    con_id = option(tws, "SPY", 0.5, "C", 1)
    client = tws.client()
    client.ask(61, 1)
    tws.wait(at(13, "19:59") - tws.now)
    assert client.read(61) == []
    assert quantity(tws, con_id) == 1
    tws.wait(120)
    assert [int(f[14]) for f in client.read(61)] == [0, 100]


def test_what_is_opened_while_a_client_watches_expires_in_time_too() -> None:
    """Also when nothing that was there before expires as early."""
    tws = InMemoryTws(positions=0)
    client = tws.client()
    client.ask(61, 1)
    option(tws, "SPY", 0.5, "C", 1)
    tws.wait(at(13, "20:01") - tws.now)
    assert [int(f[14]) for f in client.read(61)] == [1, 0, 100]


def test_the_price_of_the_last_trade_settles_and_not_that_of_the_evening() -> None:
    """After four the market goes on, and the option does not."""
    tws = InMemoryTws(positions=0)
    con_id = option(tws, "SPX", 0.5, "C", 1)
    contract = tws.world.universe.get(con_id)
    assert contract is not None
    tws.client()
    market, cash = tws.world.market, tws.world.accounts.cash(ACCOUNT)
    tws.wait(at(13, "16:00") - tws.now)
    spot, quote = market.spot("SPX", tws.now), market.quote(contract, tws.now)
    tws.wait(at(13, "19:59") - tws.now)
    assert market.quote(contract, tws.now) == quote
    assert market.quote(tws.spot("SPX"), tws.now).last != pytest.approx(spot, abs=1)
    tws.wait(120)
    paid = float(tws.world.accounts.cash(ACCOUNT) - cash)
    assert paid == pytest.approx(100 * (spot - contract.strike), abs=1)


def test_expiry_happens_without_a_client_too_and_plans_nothing_for_it() -> None:
    """Who connects later finds the shares."""
    tws = InMemoryTws(positions=0)
    con_id = option(tws, "SPY", 1.5, "P", -1)
    stock = tws.spot("SPY").con_id
    tws.client().leave()
    assert tws.world.scheduler.next_due is None
    tws.wait(at(16, "12:00") - tws.now)
    assert quantity(tws, con_id) == -1
    late = tws.client()
    rows = [f for f in late.ask(61, 1) if f[0] == "61"]
    assert [(int(f[3]), int(f[14])) for f in rows] == [(stock, 100)]


def test_an_expired_contract_does_not_tick() -> None:
    """Its line is held until the client gives it back: no message says that it expired."""
    tws = InMemoryTws(positions=0)
    con_id = option(tws, "SPY", 1.0, "C", 1)
    contract = tws.world.universe.get(con_id)
    assert contract is not None
    client = tws.client()
    client.market_data(1, contract)
    tws.wait(5)
    assert client.read(1, 2)
    give(tws, do="expire", con_id=con_id)
    tws.wait(1)
    client.read()
    tws.wait(60)
    assert client.read(1, 2, 21) == []
    assert tws.world.lines.held == 1
    client.market_data(2, contract)
    assert (2, 200) in client.errors()


def test_an_option_trades_until_an_early_close() -> None:
    """The day after Thanksgiving ends at 13:00: that price settles."""
    tws = InMemoryTws(positions=0, market_hours="us")
    con_id = opened(tws, symbol="SPY", expiry="20261127", strike=500, right="C", quantity=1)
    contract = tws.world.universe.get(con_id)
    assert contract is not None
    ended = datetime.fromtimestamp(tws.world.market.last_trade_at(contract), NEW_YORK)
    assert (ended.hour, ended.minute) == (13, 0)


@settings(max_examples=examples(40))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["SPY", "SPX", "QQQ", "IWM"]),
            st.floats(0.8, 1.2),
            st.sampled_from("CP"),
            st.integers(-5, 5).filter(bool),
        ),
        min_size=1,
        max_size=8,
        unique_by=lambda drawn: (drawn[0], round(drawn[1], 2), drawn[2]),
    )
)
def test_expiry_keeps_cash_and_positions_together_worth_the_same(
    drawn: list[tuple[str, float, str, int]],
) -> None:
    """Within half a tick for each unit: at its last trade an option is worth its settlement."""
    tws = InMemoryTws(positions=0)
    units = 0
    for symbol, moneyness, right, held in drawn:
        answer = give(
            tws, do="open", symbol=symbol, expiry=FRIDAY, right=right, quantity=held,
            strike=round(tws.world.market.spot(symbol, tws.now) * round(moneyness, 2)),
        )  # fmt: skip
        units += 100 * abs(held) if answer["ok"] else 0
    tws.wait(at(13, "16:00") - tws.now)
    last = wealth(tws)
    for expired in list(tws.world.accounts.positions()):
        give(tws, do="expire", con_id=expired.contract.con_id)
    assert wealth(tws) == pytest.approx(last, abs=0.04 * units)
    assert not any(p.contract.right for p in tws.world.accounts.positions())


@pytest.mark.parametrize("days", range(0, 400, 3))
def test_the_default_book_never_holds_what_is_over(days: int) -> None:
    """On whatever day it is made, and late in the day."""
    start = TUESDAY + timedelta(days=days, hours=8).total_seconds()
    tws = InMemoryTws(start, positions=120)
    today = datetime.fromtimestamp(start, UTC).date()
    for held in tws.world.accounts.positions():
        if held.contract.expiry:
            assert date.fromisoformat(held.contract.expiry) > today
    assert tws.world.expiries.next_at > start


def test_a_contract_that_is_over_cannot_be_opened() -> None:
    """Nor one that is described badly."""
    tws = InMemoryTws(positions=0)
    bad: list[dict[str, Any]] = [
        {"symbol": "SPY", "expiry": "20251114", "strike": 600, "right": "C", "quantity": 1},
        {"symbol": "SPY", "expiry": "2026", "strike": 600, "right": "C", "quantity": 1},
        {"symbol": "SPY", "quantity": "many"},
        {"quantity": 1},
        {"symbol": "SPY", "quantity": 1, "account": "U0"},
    ]
    for position in bad:
        assert give(tws, do="open", **position)["ok"] is False, position
    assert give(tws, do="expire", con_id=tws.spot("SPY").con_id)["ok"] is False
    assert give(tws, do="expire", con_id=1)["ok"] is False
    assert give(tws, do="close", con_id=1)["ok"] is False
    assert list(tws.world.accounts.positions()) == []
