"""Rates are asked for now and then, kept with their age, and their absence harms nothing."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from slotwise.bus.client import Bus
from slotwise.bus.rates import RatesBoard
from slotwise.errors import BrokerTimeoutError
from slotwise.exchange_rates import ExchangeRate
from slotwise.rules.landing import Head, Rows
from tests.support.values import ACCOUNT, at, contract, position, quote
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until
from workers.gateway.outbox.publisher import Publisher
from workers.gateway.rate_keeper import ROW_INTERVAL, RateKeeper


class Bench:
    """A keeper over a fake broker and a real Redis."""

    def __init__(self, bus: Bus) -> None:
        self.broker, self.board, self.publisher = FakeBroker(), RatesBoard(bus), Publisher()
        self.broker.up = True
        self.rows: list[list[str]] = []
        self.reports = 0
        self.keeper = RateKeeper(
            self.broker, self.board, self.publisher, self._append, self._on_rates
        )

    def step(self, seconds: float, **rates: str) -> bool:
        """Ask once, where TWS gives these rates."""
        self.broker.rates = [
            ExchangeRate(
                account=ACCOUNT,
                currency=currency,
                base_currency="USD",
                rate=Decimal(rate),
                observed_at=at(seconds),
            )
            for currency, rate in rates.items()
        ]
        return asyncio.run(self.keeper.step())

    def _append(self, head: Head, rows: object) -> None:
        assert head == Rows("exchange_rates")
        self.rows.append(sorted(rows.column("currency").to_pylist()))  # type: ignore[attr-defined]  # a record batch

    def _on_rates(self) -> None:
        self.reports += 1


@pytest.fixture
def bench(bus: Bus) -> Bench:
    return Bench(bus)


def test_rates_are_kept_on_the_board_and_land_when_they_change(bench: Bench) -> None:
    assert bench.step(0, EUR="1.16", GBP="1.33")
    assert bench.step(300, EUR="1.16", GBP="1.34")
    assert bench.step(600, EUR="1.16", GBP="1.34")
    assert bench.rows == [["EUR", "GBP"], ["GBP"]]
    assert bench.step(ROW_INTERVAL.total_seconds(), EUR="1.16", GBP="1.34")
    assert bench.rows[2:] == [["EUR"]], "a rate that stands still lands every hour"
    bench.publisher.close()
    assert {one.currency: one.rate for one in bench.board.get()} == {
        "EUR": Decimal("1.16"),
        "GBP": Decimal("1.34"),
    }
    assert bench.keeper.rates.in_base(ACCOUNT, "GBP", Decimal(100)) == 134
    assert bench.reports == 4


def test_a_tws_that_never_answers_is_reported_once_and_the_old_rates_stay(bench: Bench) -> None:
    assert bench.step(0, EUR="1.16")
    bench.broker.rates_fault = BrokerTimeoutError("TWS did not answer")
    with capture_logs() as logs:
        assert not bench.step(300)
        assert not bench.step(360)
    assert [line["event"] for line in logs] == ["no exchange rates"]
    assert bench.keeper.trouble == "TWS did not answer"
    assert bench.keeper.rates.in_base(ACCOUNT, "EUR", Decimal(100)) == 116
    bench.broker.rates_fault = None
    assert bench.step(420, EUR="1.17")
    assert bench.keeper.trouble == ""
    bench.publisher.close()


def test_rate_keeper_names_held_currencies_without_a_rate(bench: Bench) -> None:
    """Once TWS was asked; what is closed counts no more."""
    euros = contract(2, currency="EUR")
    held = [position(1), position(2, contract=euros)]
    assert bench.keeper.lacking(held) == ()
    bench.step(0)
    assert bench.keeper.lacking(held[:1]) == ()
    assert bench.keeper.lacking(held) == ("EUR", "USD")
    bench.step(60, USD="1")
    assert bench.keeper.lacking(held) == ("EUR",)
    assert bench.keeper.lacking([held[0], position(2, 0, contract=euros)]) == ()
    bench.step(120, USD="1", EUR="1.1")
    assert bench.keeper.lacking(held) == ()


def test_an_answer_without_rates_is_none(bench: Bench) -> None:
    """TWS is logging in."""
    assert not bench.step(0)
    assert (bench.rows, bench.reports) == ([], 0)
    bench.publisher.close()


def test_a_rate_too_large_for_its_column_costs_only_its_own_row(bench: Bench) -> None:
    assert bench.step(0, EUR="1.16", XXX="1E+30")
    assert bench.rows == [["EUR"]]
    bench.publisher.close()


def test_a_gateway_that_starts_again_has_the_rates_at_once(bus: Bus, bench: Bench) -> None:
    assert bench.step(0, EUR="1.16")
    bench.publisher.close()
    again = Bench(bus)

    async def start() -> None:
        task = asyncio.create_task(again.keeper.run(asyncio.Event()))
        await until(lambda: again.keeper.rates.all())
        task.cancel()

    asyncio.run(asyncio.wait_for(start(), 5))
    assert again.keeper.rates.in_base(ACCOUNT, "EUR", Decimal(100)) == 116
    assert "rates" not in again.broker.wire
    again.publisher.close()


def test_a_board_of_another_version_is_no_board(bus: Bus) -> None:
    bus.redis.set(bus.key("rates"), b"\x93\x01\x02")
    assert RatesBoard(bus).get() == []


def pair_quote(bench: Bench, seconds: float, middle: str, currency: str = "SEK") -> None:
    """Poll a holding in kronor and a pair whose quote is known."""
    pair = contract(7, symbol="USD", sec_type="CASH", currency="SEK", price_magnifier=1)
    known = quote(7, observed_at=at(seconds), bid=middle, ask=middle, last=None, close=None)
    held = position(1, contract=contract(1, currency=currency))
    bench.keeper.take_pairs([held], [held.contract, pair], lambda con_id: known)


def test_a_currency_without_a_rate_gets_that_of_a_pair(bench: Bench) -> None:
    """With its age and source, on the board and in the lake; TWS's own takes its place."""
    pair_quote(bench, 0, "10")
    assert bench.rows == [], "a base currency that is unknown stays so"
    assert bench.step(1, USD="1", EUR="1.16")
    pair_quote(bench, 2, "10")
    pair_quote(bench, 2, "10")
    rate = bench.keeper.rates.rate(ACCOUNT, "SEK")
    assert rate is not None
    assert (rate.rate, rate.source, rate.observed_at) == (Decimal("0.1"), "USD.SEK", at(2))
    assert bench.rows == [["EUR", "USD"], ["SEK"]]
    assert bench.step(3, SEK="0.11")
    pair_quote(bench, 4, "10")
    assert bench.keeper.rates.in_base(ACCOUNT, "SEK", Decimal(100)) == 11
    bench.publisher.close()
    assert {one.currency: one.source for one in bench.board.get()}["SEK"] is None


def test_the_rate_of_a_pair_that_moves_lands_every_five_minutes(bench: Bench) -> None:
    assert bench.step(0, USD="1")
    for seconds in range(0, 660, 30):
        pair_quote(bench, seconds, str(10 + seconds))
    assert bench.rows == [["USD"], ["SEK"], ["SEK"], ["SEK"]]
    rate = bench.keeper.rates.rate(ACCOUNT, "SEK")
    assert rate is not None
    assert rate.observed_at == at(630)
    bench.publisher.close()


def test_a_currency_that_is_not_held_gets_no_rate(bench: Bench) -> None:
    assert bench.step(0, USD="1")
    pair_quote(bench, 1, "10", currency="NOK")
    assert bench.keeper.rates.rate(ACCOUNT, "SEK") is None
    assert bench.keeper.rates.rate(ACCOUNT, "NOK") is None
    bench.publisher.close()
