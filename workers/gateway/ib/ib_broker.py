"""IbBroker: the broker port over ib_async."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from ib_async.contract import Contract as IbContract

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, by_contract
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.exchange_rates import ExchangeRate
from slotwise.leg import Leg
from slotwise.numbering import Numbering
from slotwise.quote import Quote
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.executions import of_accounts
from slotwise.rules.profit_witness import AccountProfit
from slotwise.rules.witnesses import AccountMark
from workers.gateway.broker import BrokerListener, OnQuotes
from workers.gateway.ib.positions_multi import MAX_ACCOUNTS, PositionsMulti
from workers.gateway.ib.queries import (
    query_accounts_hold,
    query_bar,
    query_details,
    query_exchange_rates,
    query_executions,
)
from workers.gateway.ib.quote_builder import QuoteBuilder
from workers.gateway.ib.requests import (
    LineRequest,
    ShortStreamRequest,
    SnapshotRequest,
)
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.ib.translate import (
    contract_by_id,
    contract_by_leg,
    contract_by_symbol,
    request_contract,
)
from workers.gateway.ib.tws_connection import Link
from workers.gateway.message_budget import MessageBudget
from workers.gateway.position_answer import PositionAnswer
from workers.gateway.quote_ways import Settled
from workers.gateway.wire_log import Tap

#: Market data type: live where the account has it, else delayed.
LIVE_OR_DELAYED = 3


class IbBroker:
    """Keep one connection to TWS and its requests, in our own values."""

    def __init__(
        self,
        host: str,
        port: int,
        client_id: int,
        timeouts: Timeouts | None = None,
        *,
        delayed: bool = False,
        models: bool = False,
        tap: Callable[[], Tap] | None = None,
    ) -> None:
        self._delayed = delayed
        self._models = models
        self._tap = tap
        self._timeouts = timeouts or Timeouts()
        self._host = host
        self._port = port
        #: The port that notice 1300 named; tried in turn with the one given, which may be back.
        self.moved_to: int | None = None
        self._tries_moved = False
        self._has_just_moved = False
        self._client_id = client_id
        self._listener: BrokerListener | None = None
        self._link: Link | None = None
        self._lines: dict[int, LineRequest] = {}
        self._snapshots: dict[int, SnapshotRequest] = {}
        self._positions_turn = asyncio.Lock()
        self._summary_turn = asyncio.Lock()
        self._by_account: PositionsMulti | None = None
        self.messages = MessageBudget()
        self.numbering = Numbering()

    def listen(self, listener: BrokerListener) -> None:
        self._listener = listener

    async def connect(self, timeout_s: float) -> None:
        if self._listener is None:
            raise BrokerError("the broker has no listener")
        await self.disconnect()
        port = self.moved_to if self._tries_moved and self.moved_to else self._port
        link = Link(
            (self._host, port),
            self._client_id,
            self._listener,
            self._timeouts,
            self.messages,
            numbering=self.numbering,
            on_moved=self._on_moved,
            tap=self._tap() if self._tap is not None else None,
        )
        self._has_just_moved = False
        try:
            await link.open(timeout_s)
        except BaseException:
            await link.close()
            if not self._has_just_moved:
                self._tries_moved = self.moved_to is not None and not self._tries_moved
            raise
        if port == self._port and not self._has_just_moved:
            self.moved_to = None
        if self._delayed:
            # TWS drops it with the connection.
            link.client.reqMarketDataType(LIVE_OR_DELAYED)
        self._link = link
        self._by_account = PositionsMulti(link, self._timeouts.positions_s)
        self._lines = {}
        self._snapshots = {}

    def _on_moved(self, port: int | None) -> None:
        """Take the port that TWS listens at from now on, where it named one."""
        if port is not None:
            self._has_just_moved = True
            self.moved_to = None if port == self._port else port
            self._tries_moved = self.moved_to is not None

    async def disconnect(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def ping(self) -> None:
        await self._up().ping()

    def mark(self, on_read: Callable[[], None]) -> None:
        self._up().mark(on_read)

    async def positions(self) -> PositionAnswer:
        async with self._positions_turn:
            link, accounts = self._up(), self.accounts
            if self._by_account and self._models_apart(accounts):
                return await self._by_account.ask(accounts)
            replies = link.replies.positions
            replies.answers.asked()
            done: asyncio.Future[PositionAnswer] = asyncio.get_running_loop().create_future()
            replies.done = done
            link.client.reqPositions()
            try:
                await replies.come(self._timeouts)
                return done.result()
            finally:
                replies.done = None
                replies.give_up()

    def _models_apart(self, accounts: Sequence[str]) -> bool:
        """Return whether positions are asked for by account, which names their models."""
        return self._models or len(accounts) > MAX_ACCOUNTS

    @property
    def link(self) -> Link:
        """Return the connection; raises BrokerError where there is none."""
        return self._up()

    @property
    def accounts(self) -> tuple[str, ...]:
        link = self._link
        return () if link is None or not link.up else tuple(link.client.getAccounts())

    async def executions(self) -> tuple[Execution, ...]:
        found = await query_executions(self._up(), self._timeouts.executions_s)
        return found if self._models_apart(self.accounts) else of_accounts(found)

    async def account_holdings(self, account: str) -> frozenset[int] | None:
        return await self._up().account_holdings.ask(account, self._timeouts.account_s)

    async def account_marks(self, account: str) -> tuple[AccountMark, ...]:
        return await self._up().account_holdings.ask_marks(account, self._timeouts.account_s)

    async def account_profit(self, account: str) -> AccountProfit:
        return await self._up().account_profits.ask(account, self._timeouts.account_s)

    async def accounts_hold(self) -> Mapping[str, bool | None]:
        async with self._summary_turn:
            return await query_accounts_hold(self._up(), self._timeouts.summary_s)

    async def exchange_rates(self) -> tuple[ExchangeRate, ...]:
        async with self._summary_turn:
            return await query_exchange_rates(self._up(), self._timeouts.summary_s)

    async def details(self, con_id: int) -> ContractDetails:
        found = by_contract(await self._details(contract_by_id(con_id), con_id))
        if con_id not in found:
            raise RequestRefusedError(0, "TWS answered with another contract", con_id)
        return found[con_id]

    async def details_like(self, leg: Leg) -> tuple[ContractDetails, ...]:
        rows = await self._details(contract_by_leg(leg), leg.con_id or None)
        return tuple(by_contract(rows).values())

    async def details_of(self, symbol: str) -> ContractDetails:
        rows = await self._details(contract_by_symbol(symbol), None)
        return by_contract(rows)[rows[0].contract.con_id]

    def open_line(self, contract: Contract, on_quotes: OnQuotes) -> None:
        link = self._up()
        held = self._lines.get(contract.con_id)
        if held is not None and link.has(held):
            raise BrokerError(f"contract {contract.con_id} holds a line already")
        builder = QuoteBuilder(contract.con_id, "stream")
        request = self._lines[contract.con_id] = LineRequest(contract.con_id, builder, on_quotes)
        link.ask_quotes(request, request_contract(contract))

    def close_line(self, con_id: int) -> None:
        request = self._lines.pop(con_id, None)
        if request is not None:
            self._cancel_quotes(request)

    async def snapshot_quote(
        self, contract: Contract, timeout_s: float, stream: Settled | None = None
    ) -> Quote:
        link = self._up()
        builder = QuoteBuilder(contract.con_id, "snapshot")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        request = SnapshotRequest(contract.con_id, builder, done)
        if stream is not None:
            kind = contract.sec_type
            request = ShortStreamRequest(contract.con_id, builder, done, kind, stream)
        self.messages.quote_spent(time.monotonic())
        self._snapshots[contract.con_id] = request
        # Quotes come one after another: where TWS sent the last one on, this one begins.
        route = link.replies.reroutes.known(contract.con_id)
        asked = request_contract(contract) if route is None else route.request()
        try:
            link.ask_quotes(request, asked)
            await asyncio.wait((done,), timeout=timeout_s)
            if done.done():
                done.result()
            elif (refusal := request.refusal) is not None:
                raise RequestRefusedError(refusal.code, refusal.text, contract.con_id)
            return builder.quote(request.priced_at or datetime.now(UTC))
        except RequestRefusedError:
            link.replies.reroutes.forget(contract.con_id)
            raise
        finally:
            if self._snapshots.get(contract.con_id) is request:
                del self._snapshots[contract.con_id]
            if link.forget(request.req_id) and link.up:
                self.messages.quote_spent(time.monotonic())
                link.client.cancelMktData(request.req_id)

    def cancel_snapshot(self, con_id: int) -> None:
        request = self._snapshots.pop(con_id, None)
        if request is None or self._link is None or not self._link.up:
            return
        self._cancel_quotes(request)
        if not request.done.done():
            request.done.set_result(None)

    async def bar_quote(self, contract: Contract) -> Quote:
        return await query_bar(self._up(), contract, self._timeouts.bars_s)

    def requests_under_way(self) -> int:
        """Count the requests that hold memory: lines, quotes, look-ups."""
        return 0 if self._link is None else len(self._link.replies.requests)

    def _cancel_quotes(self, request: LineRequest | SnapshotRequest) -> None:
        """Cancel a request, unless TWS has ended it."""
        link = self._link
        if link is not None and link.up and link.forget(request.req_id):
            link.client.cancelMktData(request.req_id)

    async def _details(self, wanted: IbContract, con_id: int | None) -> list[ContractDetails]:
        return await query_details(self._up(), wanted, con_id, self._timeouts.details_s)

    def _up(self) -> Link:
        if self._link is None:
            raise BrokerError("there is no connection to TWS")
        self._link.check()
        return self._link
