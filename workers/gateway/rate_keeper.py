"""RateKeeper: exchange rates, asked for now and then, kept on the board and in the lake.

A currency that is held, and that the account's values have no rate of, gets one from the quotes of
currency pairs that are held or active, at each poll.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

import structlog

from slotwise.account import login_account
from slotwise.bus.rates import RatesBoard
from slotwise.contract import Contract
from slotwise.errors import BrokerError, BusError
from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import EXCHANGE_RATES
from slotwise.pair_rates import PAIR, Wanted, pair_rates
from slotwise.position import Position
from slotwise.position_writer import Append
from slotwise.quote import Quote
from slotwise.rules.landing import Rows
from workers.gateway.broker import Broker
from workers.gateway.outbox.publisher import Publisher

log = structlog.get_logger(__name__)

#: After a connection, seconds: the first poll and the lines go before.
FIRST_S = 3.0
#: Between two requests, seconds. TWS computes account values every three minutes.
INTERVAL_S = 300.0
#: After a request without an answer, or with none of use, seconds: TWS may be logging in.
RETRY_S = 60.0
#: A rate that has not changed lands again after this long, so that its age is known.
ROW_INTERVAL = timedelta(hours=1)


#: The rate of a pair that moves lands again after this long, as account values do.
PAIR_INTERVAL = timedelta(seconds=INTERVAL_S)


class RateKeeper:
    """Ask for the rates and keep them; a TWS that never answers costs two messages a minute."""

    def __init__(
        self,
        broker: Broker,
        board: RatesBoard,
        publisher: Publisher,
        append: Append,
        on_rates: Callable[[], None],
    ) -> None:
        self.rates = Rates()
        #: Why there are no new rates; empty where there are.
        self.trouble = ""
        self._broker = broker
        self._board = board
        self._publisher = publisher
        self._append = append
        self._on_rates = on_rates
        self._misfits = MisfitLog(EXCHANGE_RATES.name)
        self._was_asked = False
        self._landed: dict[tuple[str, str], ExchangeRate] = {}

    async def run(self, ready: asyncio.Event) -> None:
        """Ask again and again, while there is a connection."""
        await asyncio.to_thread(self._recall)
        while True:
            await ready.wait()
            await asyncio.sleep(FIRST_S)
            while ready.is_set():
                found = await self.step()
                await asyncio.sleep(INTERVAL_S if found else RETRY_S)

    def lacking(self, positions: Iterable[Position]) -> tuple[str, ...]:
        """Return the held currencies without a rate; none before TWS was asked."""
        if not self._was_asked:
            return ()
        held = {(one.account, one.contract.currency) for one in positions if one.quantity}
        return tuple(self.rates.without_rate(held))

    def take_pairs(
        self,
        positions: Iterable[Position],
        contracts: Iterable[Contract],
        quote_of: Callable[[int], Quote | None],
    ) -> None:
        """Take the rates that quotes of pairs give of what is held and has no rate.

        `contracts` are those whose quotes may be known, held or not.
        """
        held = {(login_account(p.account), p.contract.currency) for p in positions if p.quantity}
        wanted = [
            Wanted(account, currency, base)
            for account, currency in sorted(held)
            if (base := self.rates.base_of(account)) and self.rates.lacks(account, currency)
        ]
        if not wanted:
            return
        pairs = {one.con_id: one for one in contracts if one.sec_type == PAIR}.values()
        quotes = [(one, quote) for one in pairs if (quote := quote_of(one.con_id)) is not None]
        found = tuple(filter(self._is_newer, pair_rates(wanted, quotes)))
        if found:
            self._take(found)

    async def step(self) -> bool:
        """Ask once; False where no rate came."""
        try:
            found = await self._broker.exchange_rates()
        except BrokerError as error:
            self._note(str(error))
            return False
        if not found:
            self._note("TWS gave no exchange rates")
            return False
        self._note("")
        self._take(found)
        return True

    def _take(self, found: Sequence[ExchangeRate]) -> None:
        for rate in found:
            self.rates.take(rate)
        self._publisher.send(partial(self._board.put, self.rates.all()), slot="rates")
        self._land(found)
        self._on_rates()

    def _is_newer(self, rate: ExchangeRate) -> bool:
        known = self.rates.rate(rate.account, rate.currency)
        return known is None or rate.observed_at > known.observed_at

    def _land(self, found: Sequence[ExchangeRate]) -> None:
        """Send the rates to the lake that have changed, or were not sent for long."""
        rows = [rate for rate in found if self._is_news(rate)]
        if not rows:
            return
        for rate in rows:
            self._landed[rate.account, rate.currency] = rate
        batch = self._misfits.batch(rows, EXCHANGE_RATES.sent, ("currency", "base_currency"))
        if batch is not None:
            self._append(Rows(EXCHANGE_RATES.name), batch)

    def _is_news(self, rate: ExchangeRate) -> bool:
        landed = self._landed.get((rate.account, rate.currency))
        if landed is None or _origin(landed) != _origin(rate):
            return True
        age = rate.observed_at - landed.observed_at
        if landed.rate == rate.rate:
            return age >= ROW_INTERVAL
        # A pair's middle moves with every quote: it lands no more often than account values.
        return rate.source is None or age >= PAIR_INTERVAL

    def _recall(self) -> None:
        """Read what an earlier gateway knew."""
        try:
            for rate in self._board.get():
                self.rates.take(rate)
        except BusError as error:
            log.info("exchange rates not read from redis", reason=str(error))

    def _note(self, trouble: str) -> None:
        self._was_asked = True
        if trouble and trouble != self.trouble:
            log.warning("no exchange rates", reason=trouble, retry_s=RETRY_S)
        self.trouble = trouble


def _origin(rate: ExchangeRate) -> tuple[str, str | None]:
    return rate.base_currency, rate.source
