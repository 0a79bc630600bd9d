"""Rotator: quotes of contracts without a line, taken on lines that are idle at that moment.

`slotwise.rules.rotation` says whose turn it is, the line table whether a line is idle, the message
budget whether there is room to ask. An active contract takes a line back at once: the streamer
cancels the quote, and what had arrived by then counts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from math import inf
from typing import Any

from slotwise.bus.status import RotationStatus
from slotwise.contract import Contract
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.quote import Quote
from slotwise.rules.quote_shares import QuoteTarget
from slotwise.rules.rotation import Rotation
from workers.gateway.broker import Broker, Cause
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.contracts.trading_hours_cache import TradingHoursCache
from workers.gateway.ib.errors import meaning_of
from workers.gateway.lines.quote_pace import QUOTE_TIMEOUT_S, QuotePace, next_message_at
from workers.gateway.lines.quote_results import QuoteResults
from workers.gateway.lines.rotation_status import is_at_work, planned_s
from workers.gateway.lines.table import LineTable, retry_s
from workers.gateway.outbox.quote_rows import QuoteRows
from workers.gateway.quote_ways import MESSAGES, QuoteWays, Settled, Way
from workers.gateway.tws_codes import LINES_FULL, NO_SECURITY

#: A contract that gave no price rests this long, seconds.
EMPTY_REST_S = 60.0
#: The plan is looked over this often, seconds.
PLAN_S = 1.0
#: Trading hours that are looked up at once: they take messages from quotes.
MAX_LOOK_UPS = 5


class Rotator:
    """Quote one contract after another, as fast as lines and messages allow."""

    def __init__(
        self,
        broker: Broker,
        contracts: ContractCache,
        table: LineTable,
        on_quote: Callable[[Quote], None],
        rows: QuoteRows,
        hours: TradingHoursCache,
        *,
        floor_s: float = 0.0,
        costs: Callable[[], Mapping[int, float]] = dict,
        is_leader: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._rotation = Rotation(floor_s)
        self._costs = costs
        self._results = QuoteResults(self._rotation, clock)
        self._broker = broker
        self._contracts = contracts
        self._hours = hours
        self._is_leader = is_leader
        self._table = table
        self._on_quote = on_quote
        self._rows = rows
        self._clock = clock
        self._now = now
        self._pace = QuotePace()
        self._ways = QuoteWays()
        self._planned_at, self._next_at = -PLAN_S, 0.0
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def con_ids(self) -> Collection[int]:
        """Return the contracts that are to be quoted."""
        return self._results.con_ids

    @property
    def troubles(self) -> Mapping[int, str]:
        """Return why contracts give no quote."""
        return self._results.troubles

    @property
    def fell_silent(self) -> Sequence[float]:
        """Return when the last contracts gave no price that gave one before."""
        return self._results.without_price.began

    def want(self, targets: Mapping[int, QuoteTarget]) -> None:
        """Quote exactly these contracts from now on."""
        self._rotation.want(targets)
        self._results.want(targets)
        self._changed.set()

    def age_s(self, con_id: int) -> float | None:
        """Return how old a contract's quote is; None where it is not rotated or has none."""
        age = self._rotation.ages_s(self._clock()).get(con_id)
        return age if age is not None and age != inf else None

    def planned_s(self, con_id: int) -> float | None:
        """Return how old its quote may become by the plan; None where nothing is promised."""
        return planned_s(self._rotation, self._pace, con_id)

    def is_silent(self, con_id: int) -> bool:
        """Return True for a contract that gave no quote, and is tried between others."""
        return self._rotation.is_silent(con_id)

    def resting_s(self, con_id: int) -> float | None:
        """Return how long a contract is left out yet; None where it is not."""
        until = self._rotation.resting().get(con_id)
        return None if until is None else until - self._clock()

    def ask_soon(self, con_id: int) -> None:
        """End the rest of a contract: it is asked for elsewhere from now on."""
        if con_id in self._rotation.resting():
            self._rotation.end_rest(con_id, self._clock())
            self._changed.set()

    def ask_silent_again(self) -> None:
        """End the rest of every contract that gave no price: what kept it away may be over."""
        for con_id in self._results.without_price.con_ids:
            self.ask_soon(con_id)

    def look_again(self) -> None:
        """Note that a quote may be possible now that was not before."""
        self._changed.set()

    async def run(self, ready: asyncio.Event) -> None:
        """Rotate until stopped, while there is a connection."""
        try:
            while True:
                await ready.wait()
                self._changed.clear()
                pause_s = self.step()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._changed.wait()
        finally:
            for task in self._tasks:
                task.cancel()

    def step(self) -> float:
        """Begin the quotes that may begin now; returns seconds until the next may."""
        now = self._clock()
        if not self._is_leader():
            return PLAN_S
        if now - self._planned_at >= PLAN_S:
            self._plan(now)
        while True:
            now = self._clock()
            wait_s = max(self._next_at, self._broker.messages.quote_at(now)) - now
            wait_s = max(wait_s, self._table.gate.quote_wait_s(now))
            if wait_s > 0:
                return min(wait_s, PLAN_S)
            if not self._table.is_free(now) or not self._table.access.may_ask(now):
                return PLAN_S
            con_id = self._rotation.take(now)
            if con_id is None:
                return min(self._rotation.wait_s(now) or PLAN_S, PLAN_S)
            if not self._begin(con_id, now):
                return PLAN_S

    def status(self) -> RotationStatus:
        """Return what is promised and what is kept."""
        return self._results.status(self._pace, settle=self._ways.status(), now=self._clock())

    def _plan(self, now: float) -> None:
        """Work out the rate: what lines and messages leave."""
        self._planned_at = now
        cost = self._pace.plan(
            self._table.left_by_lines, self._broker.messages.left_for_quotes(now)
        )
        self._rotation.weigh(self._costs())
        self._rotation.pace(self._pace.rate, now, cost)
        if self._results.is_told:
            self._table.quotes_in_turn = is_at_work(self._rotation, self.con_ids, now)

    def _begin(self, con_id: int, now: float) -> bool:
        """Begin a contract's quote, or what it needs first; False where that has to wait."""
        gap_s = 1.0 / max(self._broker.messages.left_for_quotes(now), 1)
        self._next_at = next_message_at(self._next_at, gap_s, now)
        if con_id in self._table.held:
            # Closed while nothing could be sent; its line is about to go.
            self._rotation.rest(con_id, now + PLAN_S, asked=False)
            return True
        contract = self._contracts.get(con_id)
        if contract is None:
            self._start(self._find(con_id))
            return True
        at, closings = self._now(), self._results.closings
        if not self._hours.is_known(contract, at):
            if self._hours.asking() >= MAX_LOOK_UPS:
                self._rotation.put_back(con_id)
                return False
            self._hours.ask(contract, self._changed.set)
            self._rotation.rest(con_id, now, asked=False)
        elif (closed_until := self._hours.closed_until(contract, at)) is not None and not (
            closings.is_due(con_id, closed_until, self._hours.closed_since(contract, at))
        ):
            self._rotation.rest(con_id, now + (closed_until - at).total_seconds(), asked=False)
        else:
            if closed_until is None:
                closings.opened(con_id)
            self._table.quote_began(con_id, now)
            self._start(self._quote(contract, self._way(contract, now, gap_s)))
        return True

    def _way(self, contract: Contract, now: float, gap_s: float) -> Way:
        """Choose how a quote is taken; its further messages are waited for after it."""
        idle, rate = self._table.left_by_lines, 1.0 / gap_s
        scarce = self._pace.lines_are_scarce(idle, rate)
        way = self._ways.choose(contract.sec_type, idle, rate, now, lines_scarce=scarce)
        self._next_at += (MESSAGES[way] - 1) * gap_s
        return way

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _find(self, con_id: int) -> None:
        try:
            await self._contracts.find(con_id)
        except RequestRefusedError as error:
            if error.code == NO_SECURITY:
                self._results.gone.add(con_id)
            self._on_refused(con_id, error.code, str(error))
        except BrokerError as error:
            self._results.rest(con_id, EMPTY_REST_S, str(error))
        else:
            self._results.gone.discard(con_id)
            self._rotation.put_back(con_id)
        self._changed.set()

    async def _quote(self, contract: Contract, way: Way) -> None:
        con_id, began_at = contract.con_id, self._clock()
        if con_id not in self._table.quoting:
            # Taken back, or the connection went, before this task began.
            self._rotation.put_back(con_id)
            return
        self._rotation.asked(con_id, began_at)
        settled = Settled() if way == "stream" else None
        try:
            quote = await self._broker.snapshot_quote(contract, QUOTE_TIMEOUT_S, settled)
        except RequestRefusedError as error:
            if error.code == LINES_FULL:
                self._table.quote_was_full(con_id, self._clock())
                self._rotation.put_back(con_id)
            else:
                self._table.quote_ended(con_id)
                self._on_refused(con_id, error.code, str(error))
        except BrokerError:
            # The connection is gone, and with it the quote; the next one will do.
            self._table.quote_ended(con_id)
            self._rotation.put_back(con_id)
        else:
            if con_id in self._table.quoting:
                took_s = self._clock() - began_at
                messages = self._ways.took(
                    contract.sec_type, way, took_s, quote, began_at + took_s,
                    cut=took_s >= QUOTE_TIMEOUT_S, last=settled.last if settled else "",
                )  # fmt: skip
                self._pace.took_messages(messages)
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
                self._pace.gave_none(now - began_at)
                self._results.rest(con_id, EMPTY_REST_S, "no price arrived")
            return
        if not taken_back:
            self._pace.gave_one(now - began_at)
        self._results.came(con_id)
        self._table.access.came(con_id, began_at, now)
        self._pace.came(now)
        self._rotation.quoted(con_id, now)
        self._on_quote(quote)
        self._rows.keep(contract, quote)

    def _on_refused(self, con_id: int, code: int, reason: str) -> None:
        if code == NO_SECURITY:
            self._contracts.doubt(con_id)
        cause = meaning_of(code).cause
        self._table.access.refused(con_id, cause, self._clock())
        # Data that another session has proves nothing about the contract.
        self._results.rest(con_id, retry_s(code), reason, asked=cause is not Cause.COMPETING)
