"""A broker in memory that counts lines as TWS does, so that tests have a witness."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime

import msgspec

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.errors import (
    BrokerError,
    BrokerTimeoutError,
    BrokerUnreachableError,
    RequestRefusedError,
)
from slotwise.exchange_rates import ExchangeRate
from slotwise.leg import Leg
from slotwise.numbering import Numbering
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.reconciliation.evidence import Execution
from slotwise.rules.trading_hours import TradingHours
from tests.support.values import ACCOUNT, contract, details, quote
from tests.unit.gateway.fake_account_marks import FakeAccountMarks
from workers.gateway.broker import BrokerListener, OnQuotes, Refusal, Upstream
from workers.gateway.ib.errors import meaning_of
from workers.gateway.message_budget import MessageBudget
from workers.gateway.position_answer import PositionAnswer
from workers.gateway.quote_ways import Settled


class FakeBroker(FakeAccountMarks):
    """Hold lines up to a limit and answer what a test put in.

    Lines are taken in `answer` (by itself where a loop runs) and refused in `deliver`: TWS does
    either after it was asked, not while.
    """

    def __init__(self, limit: int = 100) -> None:
        super().__init__()
        self.limit = limit
        self.portfolio: list[Position] = []
        self.symbols: Mapping[str, int] = {"VIX": 9001, "SPY": 9002, "QQQ": 9003, "IWM": 9004}
        self.unknown: set[int] = set()
        #: Details of contracts that are no plain stocks.
        self.details_by_id: dict[int, ContractDetails] = {}
        #: Contracts that fit a description, by its label.
        self.fitting: Mapping[str, Sequence[int]] = {}
        #: Codes with which quotes of contracts are refused.
        self.denied: dict[int, int] = {}
        self.reachable = self.alive = self.bars = True
        #: Why neither a connection nor a poll succeeds.
        self.refusal: BrokerError | None = None
        #: What TWS says while a connection is made; whether IB answers TWS.
        self.greeting: list[Upstream] = []
        self.silent_ib = self.up = False
        self.accounts: tuple[str, ...] = (ACCOUNT,)
        #: TWS's words on positions, by account.
        self.remarks: dict[str, str] = {}
        self.traded: list[Execution] = []
        #: What accounts' own updates list, None where they are not ready; of others nothing comes.
        self.listings: dict[str, frozenset[int] | None] = {}
        #: Whether requests for an account's update stay open without end.
        self.listings_hang = False
        #: Whether accounts hold something by their values; None where TWS does not give them.
        self.holds: dict[str, bool | None] | None = None
        self.rates: list[ExchangeRate] = []
        #: What ends a request for exchange rates instead.
        self.rates_fault: BrokerError | None = None
        #: Lines and snapshots TWS holds, and the most it ever held.
        self.lines: dict[int, OnQuotes] = {}
        self.snapshots: dict[int, asyncio.Future[Quote] | Future[Quote]] = {}
        self.peak = self.polls = self.connects = 0
        self.refused, self.wire = list[int](), list[str]()
        self.messages = MessageBudget()
        self.moved_to: int | None = None
        self.numbering = Numbering()
        self.hours = TradingHours((), datetime.min.replace(tzinfo=UTC))
        #: A poll waits for this.
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self._listener: BrokerListener | None = None
        self._asked: list[tuple[Contract, OnQuotes]] = []
        self._accepted: list[int] = []
        self._marks: list[Callable[[], None]] = []

    @property
    def listener(self) -> BrokerListener:
        assert self._listener is not None, "no listener"
        return self._listener

    def listen(self, listener: BrokerListener) -> None:
        self._listener = listener

    async def connect(self, timeout_s: float) -> None:
        self.connects += 1
        if not self.reachable:
            raise BrokerUnreachableError("no TWS there")
        if self.refusal is not None:
            raise self.refusal
        for upstream in self.greeting:
            self.listener.on_upstream(upstream, "notice")
        self.up = True
        self.wire.append("connect")

    async def disconnect(self) -> None:
        self.up = False
        self.forget()

    async def ping(self) -> None:
        self._check()
        if not self.alive:
            raise BrokerError("silent")

    def mark(self, on_read: Callable[[], None]) -> None:
        self._check()
        self.wire.append("mark")
        self._marks.append(on_read)
        self._answer_soon()

    async def positions(self) -> PositionAnswer:
        self._check()
        self.polls += 1
        self.wire.append("positions")
        await self.may_answer.wait()
        self._check()
        if self.refusal is not None:
            raise self.refusal
        number = self.numbering.next()
        held = (msgspec.structs.replace(one, sequence=number) for one in self.portfolio)
        return PositionAnswer(held, sequence=number, remarks=self.remarks)

    async def account_holdings(self, account: str) -> frozenset[int] | None:
        self._check()
        self.wire.append(f"account {account}")
        if self.listings_hang:
            await asyncio.Event().wait()
        if account not in self.listings:
            raise BrokerTimeoutError("no update of this account")
        return self.listings[account]

    async def accounts_hold(self) -> Mapping[str, bool | None]:
        self._check()
        self.wire.append("account values")
        if self.holds is None:
            raise BrokerTimeoutError("no account values")
        return self.holds

    async def executions(self) -> tuple[Execution, ...]:
        self._check()
        self.wire.append("executions")
        return tuple(self.traded)

    async def exchange_rates(self) -> tuple[ExchangeRate, ...]:
        self._check()
        self.wire.append("rates")
        if self.rates_fault is not None:
            raise self.rates_fault
        return tuple(self.rates)

    async def details(self, con_id: int) -> ContractDetails:
        self._check()
        self.wire.append(f"details {con_id}")
        if self.silent_ib:
            raise BrokerTimeoutError("IB does not answer")
        await asyncio.sleep(0)
        if con_id in self.unknown:
            raise RequestRefusedError(200, "no security definition", con_id)
        return self.details_by_id.get(con_id) or details(contract(con_id), self.hours)

    async def details_like(self, leg: Leg) -> tuple[ContractDetails, ...]:
        if leg.con_id:
            return (await self.details(leg.con_id),)
        self._check()
        self.wire.append(f"details {leg.label}")
        return tuple(details(contract(con_id)) for con_id in self.fitting.get(leg.label, ()))

    async def details_of(self, symbol: str) -> ContractDetails:
        return await self.details(self.symbols[symbol])

    def open_line(self, contract: Contract, on_quotes: OnQuotes) -> None:
        self._check()
        assert contract.exchange, "TWS would say 321"
        assert contract.con_id not in self.lines, "TWS would hold two lines"
        self.wire.append(f"open {contract.con_id}")
        if self._held() >= self.limit:
            self._asked.append((contract, on_quotes))
            return
        self.lines[contract.con_id] = on_quotes
        self._accepted.append(contract.con_id)
        self.peak = max(self.peak, self._held())
        self._answer_soon()

    def close_line(self, con_id: int) -> None:
        self.wire.append(f"close {con_id}")
        self.lines.pop(con_id, None)
        self._asked = [asked for asked in self._asked if asked[0].con_id != con_id]

    async def snapshot_quote(
        self, contract: Contract, timeout_s: float, stream: Settled | None = None
    ) -> Quote:
        self._check()
        self.wire.append(f"snapshot {contract.con_id}")
        if contract.con_id in self.denied:
            raise RequestRefusedError(self.denied[contract.con_id], "no data", contract.con_id)
        if self._held() >= self.limit:
            raise RequestRefusedError(101, "maximum number of tickers", contract.con_id)
        taking: asyncio.Future[Quote] = asyncio.get_running_loop().create_future()
        self.snapshots[contract.con_id] = taking
        self.peak = max(self.peak, self._held())
        try:
            return await taking
        finally:
            self.snapshots.pop(contract.con_id, None)

    def cancel_snapshot(self, con_id: int) -> None:
        self.wire.append(f"cancel {con_id}")
        taking = self.snapshots.pop(con_id, None)
        if taking is not None and not taking.done():
            taking.set_result(quote(con_id))

    async def bar_quote(self, contract: Contract) -> Quote:
        self._check()
        self.wire.append(f"bar {contract.con_id}")
        if not self.bars:
            raise BrokerError("no bars")
        return quote(contract.con_id, source="bar", last=7)

    # What a test makes happen.

    def answer(self) -> None:
        """Report each line that was taken as taken; also those asked for meanwhile."""
        while self._accepted:
            self.listener.on_line_answered(self._accepted.pop(0))
        self._answer_marks()

    def deliver(self) -> None:
        """Send the refusals that are under way."""
        asked, self._asked = self._asked, []
        for contract_, _ in asked:
            self.refused.append(contract_.con_id)
            self.listener.on_line_refused(contract_.con_id, Refusal(101, "full", full=True))
        self._answer_marks()

    def refuse(self, con_id: int, code: int = 354) -> None:
        """Take a line away."""
        self.lines.pop(con_id, None)
        cause = meaning_of(code).cause
        self.listener.on_line_refused(con_id, Refusal(code, "no", cause=cause))

    def tick(self, con_id: int, **prices: object) -> None:
        """Send a quote over a line."""
        self.lines[con_id]([quote(con_id, source="stream", **prices)])

    def end_snapshot(self, con_id: int, **prices: object) -> None:
        """Complete a snapshot quote."""
        self.snapshots[con_id].set_result(quote(con_id, **prices))

    def drop(self, reason: str = "gone") -> None:
        """Close the connection from the other side."""
        self.up = False
        self.forget()
        self.listener.on_disconnected(reason)

    def upstream(self, upstream: Upstream) -> None:
        """Report the state of TWS's connection."""
        if upstream is Upstream.BACK_EMPTY:
            self.forget()
        self.listener.on_upstream(upstream, "notice")

    def forget(self) -> None:
        """Lose every line and snapshot."""
        self.lines.clear()
        self._asked.clear()
        self._accepted.clear()
        self._marks.clear()
        for taking in self.snapshots.values():
            if not taking.done():
                taking.set_exception(BrokerError("connection lost"))

    def _answer_marks(self) -> None:
        """Answer marks that no refusal comes before."""
        while self._marks and not self._asked:
            self._marks.pop(0)()

    def _answer_soon(self) -> None:
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop().call_soon(self.answer)

    def _held(self) -> int:
        return len(self.lines) + len(self.snapshots)

    def _check(self) -> None:
        if not self.up:
            raise BrokerError("not connected")
