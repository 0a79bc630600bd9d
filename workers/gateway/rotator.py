"""Rotator: quotes of contracts without a line, taken on lines that are idle at that moment.

`slotwise.rotation` says whose turn it is, the line table whether a line is idle, the message
budget whether there is room to ask. An active contract takes a line back at once: the streamer
cancels the quote, and what had arrived by then counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from math import inf
from typing import Any

import structlog

from slotwise.bus.status import QuoteAges, RotationStatus
from slotwise.contract import Contract
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.quote import Quote
from slotwise.rotation import Rotation, Wish
from workers.gateway.broker import Broker
from workers.gateway.contracts import ContractBook
from workers.gateway.hours_book import HoursBook
from workers.gateway.line_table import RETRY_REFUSED_S, RETRY_SOON_S, LineTable
from workers.gateway.quote_rows import QuoteRows

log = structlog.get_logger(__name__)

#: A quote that is not complete by then has to do, seconds. TWS would go on for 11 s, mostly
#: where nobody bids; the line is worth more than the wait.
QUOTE_PATIENCE_S = 3.0
#: What a quote takes before one was taken, seconds.
FIRST_GUESS_S = 0.25
#: Weight of the newest quote in the mean of what a quote takes.
SMOOTHING = 0.05
#: A contract that gave no price rests so long, seconds.
EMPTY_REST_S = 60.0
#: The plan is looked over this often, seconds.
PLAN_S = 1.0
#: Trading hours that are looked up at once: they take messages from quotes.
MAX_LOOK_UPS = 5
LINES_FULL = 101


class Rotator:
    """Quote one contract after another, as fast as lines and messages allow."""

    def __init__(
        self,
        broker: Broker,
        contracts: ContractBook,
        table: LineTable,
        on_quote: Callable[[Quote], None],
        rows: QuoteRows,
        hours: HoursBook,
        sure: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        #: Why a contract gives no quote.
        self.troubles: dict[int, str] = {}
        self._rotation = Rotation()
        self._broker = broker
        self._contracts = contracts
        self._hours = hours
        self._sure = sure
        self._table = table
        self._on_quote = on_quote
        self._rows = rows
        self._clock = clock
        self._now = now
        self._takes_s = FIRST_GUESS_S
        self._rate = 0.0
        self._planned_at = -PLAN_S
        self._next_at = 0.0
        self._quoted: list[float] = []
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def want(self, wishes: Mapping[int, Wish]) -> None:
        """Quote exactly these contracts from now on."""
        self._rotation.want(wishes)
        self.troubles = {c: why for c, why in self.troubles.items() if c in wishes}
        self._changed.set()

    def age_s(self, con_id: int) -> float | None:
        """Tell how old a contract's quote is; None where it is not rotated or has none."""
        age = self._rotation.ages_s(self._clock()).get(con_id)
        return age if age is not None and age != inf else None

    def planned_s(self, con_id: int) -> float | None:
        """Tell how old its quote may become by the plan; None where nothing is promised."""
        period = self._rotation.planned_s(con_id)
        return None if period is None or period == inf else period + self._takes_s

    def resting_s(self, con_id: int) -> float | None:
        """Tell how long a contract is left out yet; None where it is not."""
        until = self._rotation.resting().get(con_id)
        return None if until is None else until - self._clock()

    def look_again(self) -> None:
        """Learn that a quote may be possible now that was not before."""
        self._changed.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Rotate for ever, while there is a connection."""
        try:
            while True:
                await ready.wait()
                self._changed.clear()
                pause_s = self.step()
                try:
                    async with asyncio.timeout(pause_s):
                        await self._changed.wait()
                except TimeoutError:
                    pass
        finally:
            for task in self._tasks:
                task.cancel()

    def step(self) -> float:
        """Begin the quotes that may begin now; returns seconds until the next may."""
        now = self._clock()
        if not self._sure():
            return PLAN_S
        if now - self._planned_at >= PLAN_S:
            self._plan(now)
        while True:
            now = self._clock()
            wait_s = max(self._next_at, self._broker.messages.quote_at(now)) - now
            wait_s = max(wait_s, self._table.gate.quote_wait_s(now))
            if wait_s > 0:
                return min(wait_s, PLAN_S)
            if not self._line_is_free(now):
                return PLAN_S
            con_id = self._rotation.take(now)
            if con_id is None or not self._begin(con_id, now):
                return PLAN_S

    def status(self) -> RotationStatus:
        """Say what is promised and what is kept."""
        now = self._clock()
        self._quoted = [at for at in self._quoted if now - at < 10.0]
        ages = self._rotation.ages_s(now)
        watched = {c: age for c, age in ages.items() if self._rotation.is_watched(c)}
        others = {c: age for c, age in ages.items() if c not in watched}
        return RotationStatus(
            contracts=len(ages),
            resting=len(self._rotation.resting()),
            rate_planned=round(self._rate, 2),
            rate_achieved=round(len(self._quoted) / 10.0, 2),
            quote_takes_s=round(self._takes_s, 3),
            watched=self._ages(watched),
            others=self._ages(others),
        )

    def _ages(self, ages: Mapping[int, float]) -> QuoteAges:
        planned = [p for c in ages if (p := self.planned_s(c)) is not None]
        known = [age for age in ages.values() if age != inf]
        return QuoteAges(
            contracts=len(ages),
            planned_s=round(max(planned), 2) if planned else None,
            worst_s=round(max(known), 2) if known else None,
            never_quoted=len(ages) - len(known),
        )

    def _plan(self, now: float) -> None:
        """Work out the rate: what lines and messages leave for quotes."""
        self._planned_at = now
        idle = max(self._table.limit - len(self._table.held), 0)
        self._rate = min(idle / self._takes_s, self._broker.messages.left_for_quotes(now))
        self._rotation.pace(self._rate, now)

    def _line_is_free(self, now: float) -> bool:
        """Tell whether a line is idle; tries one over the known limit where lines are short."""
        if not self._table.free():
            self._table.allowance.try_more(self._table.used, now)
        return self._table.free() > 0

    def _begin(self, con_id: int, now: float) -> bool:
        """Begin a contract's quote, or what it needs first; False where that has to wait."""
        gap_s = 1.0 / max(self._broker.messages.left_for_quotes(now), 1)
        # A timer that was late may catch up by two quotes, not by a burst.
        self._next_at = max(self._next_at + gap_s, now - 2 * gap_s)
        if con_id in self._table.held:
            # Closed while nothing could be sent; its line is about to go.
            self._rotation.rest(con_id, now + PLAN_S)
            return True
        contract = self._contracts.get(con_id)
        if contract is None:
            self._start(self._find(con_id))
            return True
        at = self._now()
        if not self._hours.is_known(contract, at):
            if self._hours.asking() >= MAX_LOOK_UPS:
                self._rotation.put_back(con_id)
                return False
            self._hours.ask(contract, self._changed.set)
            self._rotation.rest(con_id, now)
        elif (closed_until := self._hours.closed_until(contract, at)) is not None:
            self._rotation.rest(con_id, now + (closed_until - at).total_seconds())
        else:
            self._table.quote_began(con_id, now)
            self._start(self._quote(contract))
        return True

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _find(self, con_id: int) -> None:
        try:
            await self._contracts.find(con_id)
        except RequestRefusedError as error:
            self._refused(con_id, error.code, str(error))
        except BrokerError as error:
            self._rest(con_id, EMPTY_REST_S, str(error))
        else:
            self._rotation.put_back(con_id)
        self._changed.set()

    async def _quote(self, contract: Contract) -> None:
        con_id, began_at = contract.con_id, self._clock()
        if con_id not in self._table.quoting:
            # Taken back, or the connection went, before this task began.
            self._rotation.put_back(con_id)
            return
        try:
            quote = await self._broker.snapshot_quote(contract, QUOTE_PATIENCE_S)
        except RequestRefusedError as error:
            if error.code == LINES_FULL:
                self._table.quote_was_full(con_id, self._clock())
                self._rotation.put_back(con_id)
            else:
                self._table.quote_ended(con_id)
                self._refused(con_id, error.code, str(error))
        except BrokerError:
            # The connection is gone, and with it the quote; the next one will do.
            self._table.quote_ended(con_id)
            self._rotation.put_back(con_id)
        else:
            self._took(contract, quote, began_at)
        self._changed.set()

    def _took(self, contract: Contract, quote: Quote, began_at: float) -> None:
        con_id, now = contract.con_id, self._clock()
        taken_back = con_id not in self._table.quoting
        self._table.quote_ended(con_id)
        if quote.is_empty():
            if taken_back:
                self._rotation.put_back(con_id)
            else:
                self._rest(con_id, EMPTY_REST_S, "no price arrived")
            return
        if not taken_back:
            self._takes_s += SMOOTHING * (now - began_at - self._takes_s)
        self.troubles.pop(con_id, None)
        self._quoted.append(now)
        self._rotation.quoted(con_id, now)
        self._on_quote(quote)
        self._rows.keep(contract, quote)

    def _refused(self, con_id: int, code: int, reason: str) -> None:
        self._rest(con_id, RETRY_SOON_S.get(code, RETRY_REFUSED_S), reason)

    def _rest(self, con_id: int, seconds: float, reason: str) -> None:
        self._rotation.rest(con_id, self._clock() + seconds)
        if self.troubles.get(con_id) != reason:
            log.info("no quote", con_id=con_id, reason=reason)
        self.troubles[con_id] = reason
