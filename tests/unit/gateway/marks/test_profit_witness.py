"""IB's profit of an account is asked for, compared with the portfolio's own sums, and shown."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal

from slotwise.bus.witness_status import ProfitStatus, WitnessStatus
from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.health.profit_words import profit_checks, profit_words
from slotwise.portfolio.opening import Opening, Openings
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.rules.marks.marked import Marked
from slotwise.rules.profit_witness import AccountProfit
from tests.support.values import NOON, position, quote
from tests.unit.gateway.fake_broker import FakeBroker
from workers.gateway.marks.profit_witness import ProfitWitness

ACCOUNT = "DU1234567"


class Room:
    """Ten shares, bought at 8, that closed at 9.50 and are marked at 10 +- 0.10."""

    def __init__(self, close: str | None = "9.50") -> None:
        self.close = None if close is None else Decimal(close)
        self.held = [position(1, 10, account=ACCOUNT, avg_cost=Decimal(8))]
        self.broker = FakeBroker()
        self.broker.accounts = (ACCOUNT,)
        self.read = 0
        rate = ExchangeRate(
            account=ACCOUNT, currency="USD", base_currency="USD", rate=Decimal(1), observed_at=NOON
        )
        self.witness = ProfitWitness(
            self.broker,
            held=lambda: self.held,
            quote_of=self.quote_of,
            mark_of=lambda con_id: Marked(con_id, NOON, 10.0, 0.1, "stream", NOON),
            rates=lambda: Rates([rate]),
            openings=self.openings,
        )

    def openings(self, at: datetime) -> Openings:
        self.read += 1
        held: Position = self.held[0]
        opening = Opening(quantity=held.quantity, avg_cost=held.avg_cost)
        return Openings(known=True, begun=True, held={held.key: opening})

    def quote_of(self, con_id: int) -> Quote:
        return quote(con_id, bid="9.95", ask="10.05", close=self.close, observed_at=NOON)

    def says(self, daily: str | None, unrealized: str | None, minutes: int = 0) -> ProfitStatus:
        def number(text: str | None) -> Decimal | None:
            return None if text is None else Decimal(text)

        self.broker.profits[ACCOUNT] = AccountProfit(
            account=ACCOUNT,
            daily=number(daily),
            unrealized=number(unrealized),
            realized=Decimal(0),
            at=NOON + timedelta(minutes=minutes),
        )
        asyncio.run(self.witness.step(ACCOUNT))
        [status] = self.witness.status()
        return status


def words(status: ProfitStatus) -> str:
    [line] = profit_words(WitnessStatus(profits=(status,)))
    return line


def test_profits_within_the_bands_agree_and_are_shown_beside_ours() -> None:
    room = Room()
    room.says("5.50", "20.90")
    status = room.says("4.60", "19.10", minutes=1)
    assert status.found == {}
    ours = (Decimal(5), Decimal(20), Decimal(1))
    assert (status.our_daily, status.our_unrealized, status.band) == ours
    assert ACCOUNT not in status.account
    assert "today +4.60 (+5.00 here); open +19.10 (+20.00 here)" in words(status)
    assert room.read == 1, "the start of the day is read once"


def test_another_average_cost_is_found_by_the_second_word_and_reported() -> None:
    room = Room()
    assert room.says("5", "45").found == {}
    status = room.says("5", "45", minutes=1)
    assert status.found == {"unrealized": "cost"}
    assert "disagrees: IB counts another average cost" in words(status)
    [check] = profit_checks(WitnessStatus(profits=(status,)))
    assert check.verdict == "warn"
    assert room.says("5", "20", minutes=2).found == {}


def test_what_ib_or_we_do_not_know_is_a_question_mark_and_no_finding() -> None:
    room = Room(close=None)
    room.says("500", None)
    status = room.says("500", None, minutes=1)
    assert status.found == {}
    assert (status.our_daily, status.lacking_daily, status.unrealized) == (None, 1, None)
    assert "today +500.00 (not known here, for 1 holding)" in words(status)
    assert "open ? (+20.00 here)" in words(status)


def test_a_profit_that_does_not_come_is_reported() -> None:
    room = Room()
    asyncio.run(room.witness.step(ACCOUNT))
    [status] = room.witness.status()
    assert "none comes" in words(status)
