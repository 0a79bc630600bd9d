"""ProfitWitness: IB's profit of each account, compared with that of holdings and marks here.

Each account is subscribed to once (`reqPnL`), and compared now and then. The sums are made by the
rules of `slotwise portfolio`, in a thread, as 10,000 holdings take a while; but without the day's
executions, so a day on which a part was sold is unknown here, and its profit is not compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import structlog

from slotwise.account import login_account, masked
from slotwise.bus.witness_status import ProfitStatus
from slotwise.errors import BrokerError
from slotwise.exchange_rates import Rates
from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.marked_price import marked_price
from slotwise.portfolio.opening import Openings, start_of_day
from slotwise.portfolio.price import price_of
from slotwise.portfolio.profit import our_profit
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.rules.marks.marked import Marked
from slotwise.rules.profit_witness import (
    AccountProfit,
    OurProfit,
    ProfitBook,
    ProfitFinding,
    findings_of,
)
from workers.gateway.broker import Broker

log = structlog.get_logger(__name__)

#: After a connection, and between two looks at all accounts, seconds.
FIRST_S, ROUND_S = 45.0, 60.0


class ProfitWitness:
    """Ask, compare, and keep what disagrees."""

    def __init__(
        self,
        broker: Broker,
        *,
        held: Callable[[], Sequence[Position]],
        quote_of: Callable[[int], Quote | None],
        mark_of: Callable[[int], Marked | None],
        rates: Callable[[], Rates],
        openings: Callable[[datetime], Openings] = lambda at: Openings(),
        first_s: float = FIRST_S,
        round_s: float = ROUND_S,
    ) -> None:
        self._broker = broker
        self._held = held
        self._quote_of, self._mark_of = quote_of, mark_of
        self._rates = rates
        self._read_openings = openings
        self._openings, self._opened_at = Openings(), datetime.min.replace(tzinfo=UTC)
        self._first_s, self._round_s = first_s, round_s
        self._book = ProfitBook()
        self._seen: dict[str, ProfitStatus] = {}

    async def run(self, ready: asyncio.Event) -> None:
        """Look at the accounts again and again, while there is a connection."""
        while True:
            await ready.wait()
            await asyncio.sleep(self._first_s)
            while ready.is_set():
                for account in self._broker.accounts:
                    await self.step(account)
                await asyncio.sleep(self._round_s)

    async def step(self, account: str) -> None:
        """Ask for one account's profit, and compare it."""
        try:
            reported = await self._broker.account_profit(account)
        except BrokerError as error:
            self._seen[account] = ProfitStatus(account=masked(account), trouble=str(error))
            return
        positions = [one for one in self._held() if login_account(one.account) == account]
        con_ids = {one.contract.con_id for one in positions}
        quotes = {con_id: self._quote_of(con_id) for con_id in con_ids}
        marks = {con_id: self._mark_of(con_id) for con_id in con_ids}
        at, rates = datetime.now(UTC), self._rates()
        ours = await asyncio.to_thread(self._ours, positions, quotes, marks, at, rates)
        found = () if ours is None else findings_of(reported, ours)
        for one in self._book.take(account, found):
            self._note(one)
        self._seen[account] = _status(reported, ours, self._book.standing.get(account, ()))

    def status(self) -> tuple[ProfitStatus, ...]:
        """Return how the profit of each account compares."""
        accounts = self._broker.accounts
        return tuple(self._seen[one] for one in sorted(self._seen) if one in accounts)

    def _ours(
        self,
        positions: Sequence[Position],
        quotes: Mapping[int, Quote | None],
        marks: Mapping[int, Marked | None],
        at: datetime,
        rates: Rates,
    ) -> OurProfit | None:
        """Add up what is known here."""
        if not self._openings.known or start_of_day(self._opened_at) != start_of_day(at):
            self._openings, self._opened_at = self._read_openings(at), at
        prices = {}
        for con_id, quote in quotes.items():
            price, mark = price_of(quote), marks[con_id]
            prices[con_id] = price if mark is None else marked_price(price, mark)
        rows = portfolio_rows(positions, prices, at=at, openings=self._openings)
        return our_profit(rows, {one.key: one.contract for one in positions}, rates)

    def _note(self, found: ProfitFinding) -> None:
        log.warning(
            "profit of ib disagrees",
            account=masked(found.account),
            measure=found.measure,
            cause=found.cause,
            ib=str(found.theirs),
            ours=str(round(found.ours, 2)),
            allowed=str(round(found.allowed, 2)),
        )


def _status(
    reported: AccountProfit, ours: OurProfit | None, standing: Sequence[ProfitFinding]
) -> ProfitStatus:
    return ProfitStatus(
        account=masked(reported.account),
        at=reported.at,
        currency="" if ours is None else ours.currency,
        daily=reported.daily,
        unrealized=reported.unrealized,
        realized=reported.realized,
        our_daily=None if ours is None else _round_cents(ours.daily),
        our_unrealized=None if ours is None else _round_cents(ours.unrealized),
        band=None if ours is None else _round_cents(ours.band),
        lacking_daily=0 if ours is None else ours.lacking_daily,
        lacking_unrealized=0 if ours is None else ours.lacking_unrealized,
        found={one.measure: one.cause for one in standing},
    )


def _round_cents(money: Decimal | None) -> Decimal | None:
    return None if money is None else round(money, 2)
