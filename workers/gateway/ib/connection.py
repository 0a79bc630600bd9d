"""IbBroker: the broker port over ib_async."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ib_async.contract import Contract as IbContract
from ib_async.contract import ContractDetails
from ib_async.objects import BarData, ExecutionFilter

from slotwise.contract import Contract
from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from slotwise.leg import Leg
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.reconciliation.evidence import Execution
from slotwise.trading_hours import TradingHours, read_hours
from workers.gateway.broker import BrokerListener, OnQuotes
from workers.gateway.ib.executions import newest
from workers.gateway.ib.link import Link
from workers.gateway.ib.patience import Patience
from workers.gateway.ib.positions_multi import MAX_ACCOUNTS, PositionsMulti
from workers.gateway.ib.quote_builder import QuoteBuilder
from workers.gateway.ib.requests import (
    BarsRequest,
    DetailsRequest,
    ExecutionsRequest,
    LineRequest,
    SnapshotRequest,
)
from workers.gateway.ib.translate import (
    contract_by_id,
    contract_by_leg,
    contract_by_symbol,
    contract_from,
    decimal,
    request_contract,
)
from workers.gateway.message_budget import MessageBudget

#: The bar that is asked for: an hour of minutes, of which the last one counts.
BAR_DURATION, BAR_SIZE, BAR_SECONDS = "3600 S", "1 min", 60

NO_SECURITY = 200
#: Market data type: live where the account has it, else delayed.
LIVE_OR_DELAYED = 3

T = TypeVar("T")


class IbBroker:
    """Keep one connection to TWS and its requests, in our own values."""

    def __init__(
        self,
        host: str,
        port: int,
        client_id: int,
        patience: Patience | None = None,
        *,
        delayed: bool = False,
        models: bool = False,
    ) -> None:
        self._delayed = delayed
        self._models = models
        self._patience = patience or Patience()
        self._address = (host, port)
        self._client_id = client_id
        self._listener: BrokerListener | None = None
        self._link: Link | None = None
        self._lines: dict[int, int] = {}
        self._snapshots: dict[int, tuple[int, asyncio.Future[None]]] = {}
        self._positions_turn = asyncio.Lock()
        self._by_account: PositionsMulti | None = None
        self.messages = MessageBudget()

    def listen(self, listener: BrokerListener) -> None:
        self._listener = listener

    async def connect(self, timeout_s: float) -> None:
        if self._listener is None:
            raise BrokerError("nobody listens to the broker")
        await self.disconnect()
        link = Link(self._address, self._client_id, self._listener, self._patience, self.messages)
        try:
            await link.open(timeout_s)
        except BaseException:
            await link.close()
            raise
        if self._delayed:
            # TWS forgets it with the connection.
            link.client.reqMarketDataType(LIVE_OR_DELAYED)
        self._link = link
        self._by_account = PositionsMulti(link, self._patience.positions_s)
        self._lines = {}
        self._snapshots = {}

    async def disconnect(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            await link.close()

    async def ping(self) -> None:
        await self._up().ping()

    def mark(self, on_read: Callable[[], None]) -> None:
        self._up().mark(on_read)

    async def positions(self) -> tuple[Position, ...]:
        async with self._positions_turn:
            link, accounts = self._up(), self.accounts
            if self._by_account and (self._models or len(accounts) > MAX_ACCOUNTS):
                return await self._by_account.ask(accounts)
            answers = link.replies.answers
            answers.asked()
            done: asyncio.Future[tuple[Position, ...]] = asyncio.get_running_loop().create_future()
            link.replies.positions_done = done
            link.client.reqPositions()
            try:
                while not done.done():
                    heard = answers.heard_in_all
                    await asyncio.wait((done,), timeout=self._patience.positions_s)
                    if not done.done() and answers.heard_in_all == heard:
                        raise BrokerTimeoutError("TWS did not finish its answer of positions")
                return done.result()
            finally:
                link.replies.positions_done = None

    @property
    def accounts(self) -> tuple[str, ...]:
        link = self._link
        return () if link is None or not link.up else tuple(link.client.getAccounts())

    async def executions(self) -> tuple[Execution, ...]:
        link = self._up()
        done: asyncio.Future[list[Execution]] = asyncio.get_running_loop().create_future()
        req_id = link.start(ExecutionsRequest(done))
        try:
            link.client.reqExecutions(req_id, ExecutionFilter())
            rows = await _in_time(done, self._patience.executions_s, "executions")
            return newest(rows)
        finally:
            link.forget(req_id)

    async def contract(self, con_id: int) -> Contract:
        details = await self._details(contract_by_id(con_id), con_id)
        return contract_from(_contract_of(details[0]))

    async def trading_hours(self, contract: Contract) -> TradingHours:
        [details, *_] = await self._details(request_contract(contract), contract.con_id)
        return read_hours(details.tradingHours, details.timeZoneId)

    async def contracts_like(self, leg: Leg) -> tuple[Contract, ...]:
        wanted = contract_by_leg(leg)
        details = await self._details(wanted, leg.con_id or None)
        found = (contract_from(_contract_of(one)) for one in details)
        return tuple({one.con_id: one for one in sorted(found, key=lambda c: c.con_id)}.values())

    async def contract_of(self, symbol: str) -> Contract:
        details = await self._details(contract_by_symbol(symbol), None)
        return contract_from(_contract_of(details[0]))

    def open_line(self, contract: Contract, on_quotes: OnQuotes) -> None:
        link = self._up()
        if self._lines.get(contract.con_id) in link.replies.requests:
            raise BrokerError(f"contract {contract.con_id} holds a line already")
        builder = QuoteBuilder(contract.con_id, "stream")
        req_id = link.start(LineRequest(contract.con_id, builder, on_quotes))
        self._lines[contract.con_id] = req_id
        link.client.reqMktData(req_id, request_contract(contract), "", False, False, [])

    def close_line(self, con_id: int) -> None:
        req_id = self._lines.pop(con_id, None)
        link = self._link
        # A line that was refused has no request any more.
        if req_id is not None and link is not None and link.up and link.forget(req_id):
            link.client.cancelMktData(req_id)

    async def snapshot_quote(self, contract: Contract, timeout_s: float) -> Quote:
        link = self._up()
        builder = QuoteBuilder(contract.con_id, "snapshot")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        req_id = link.start(SnapshotRequest(contract.con_id, builder, done))
        self.messages.quote_spent(time.monotonic())
        self._snapshots[contract.con_id] = (req_id, done)
        try:
            link.client.reqMktData(req_id, request_contract(contract), "", True, False, [])
            await asyncio.wait((done,), timeout=timeout_s)
            if done.done():
                done.result()
            return builder.quote(datetime.now(UTC))
        finally:
            self._snapshots.pop(contract.con_id, None)
            if link.forget(req_id) and link.up:
                link.client.cancelMktData(req_id)

    def cancel_snapshot(self, con_id: int) -> None:
        req_id, done = self._snapshots.pop(con_id, (None, None))
        link = self._link
        if req_id is None or link is None or not link.up:
            return
        if link.forget(req_id):
            link.client.cancelMktData(req_id)
        if done is not None and not done.done():
            done.set_result(None)

    async def bar_quote(self, contract: Contract) -> Quote:
        link = self._up()
        done: asyncio.Future[list[BarData]] = asyncio.get_running_loop().create_future()
        req_id = link.start(BarsRequest(done))
        try:
            link.client.reqHistoricalData(
                req_id, request_contract(contract), "", BAR_DURATION, BAR_SIZE, "TRADES",
                0, 2, False, [],
            )  # fmt: skip
            bars = await _in_time(
                done, self._patience.bars_s, f"bars of contract {contract.con_id}"
            )
        finally:
            if link.forget(req_id) and link.up:
                link.client.cancelHistoricalData(req_id)
        if not bars:
            raise BrokerError(f"TWS has no recent bar of contract {contract.con_id}")
        started_at = datetime.fromtimestamp(int(str(bars[-1].date)), UTC)
        return Quote(
            con_id=contract.con_id,
            observed_at=min(started_at + timedelta(seconds=BAR_SECONDS), datetime.now(UTC)),
            source="bar",
            last=decimal(bars[-1].close),
        )

    def requests_under_way(self) -> int:
        """Count the requests that hold memory: lines, quotes, look-ups."""
        return 0 if self._link is None else len(self._link.replies.requests)

    async def _details(self, wanted: IbContract, con_id: int | None) -> list[ContractDetails]:
        link = self._up()
        done: asyncio.Future[list[ContractDetails]] = asyncio.get_running_loop().create_future()
        req_id = link.start(DetailsRequest(done))
        what = f"details of {con_id or wanted.symbol}"
        try:
            link.client.reqContractDetails(req_id, wanted)
            details = await _in_time(done, self._patience.details_s, what)
        except RequestRefusedError as error:
            raise RequestRefusedError(error.code, error.text, con_id) from error
        finally:
            link.forget(req_id)
        if not details:
            raise RequestRefusedError(NO_SECURITY, f"TWS knows no {wanted.symbol}", con_id)
        return details

    def _up(self) -> Link:
        if self._link is None:
            raise BrokerError("there is no connection to TWS")
        self._link.check()
        return self._link


def _contract_of(details: ContractDetails) -> IbContract:
    if details.contract is None:
        raise BrokerError("TWS sent details without a contract")
    return details.contract


async def _in_time(done: asyncio.Future[T], timeout_s: float, what: str) -> T:
    await asyncio.wait((done,), timeout=timeout_s)
    if not done.done():
        raise BrokerTimeoutError(f"TWS did not answer a request for {what}")
    return done.result()
