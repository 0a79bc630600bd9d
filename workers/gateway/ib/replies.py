"""Replies: each message of TWS goes to the request it answers.

ib_async's decoder calls these methods by name (its own `Wrapper` is the other implementation),
inside `data_received`, so nothing here may block or raise. `HEARD` names the messages that are
decoded at all.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from ib_async.objects import BarData

from slotwise.account import masked_in
from slotwise.errors import BrokerError
from slotwise.numbering import Numbering
from workers.gateway.broker import BrokerListener
from workers.gateway.ib.details import BOND_DETAILS, CONTRACT_DETAILS, details_from, request_id
from workers.gateway.ib.error_replies import ErrorReplies
from workers.gateway.ib.executions import END, EXECUTION, execution_from
from workers.gateway.ib.notify import notify
from workers.gateway.ib.position_replies import PositionReplies
from workers.gateway.ib.requests import (
    BarsRequest,
    DetailsRequest,
    ExecutionsRequest,
    LineRequest,
    Mark,
    Request,
    SnapshotRequest,
    SummaryRequest,
)
from workers.gateway.ib.reroutes import REROUTED, Reroutes, Route
from workers.gateway.ib.tick_replies import PRICE, SIZE, TickReplies
from workers.gateway.ib.translate import ContractReader
from workers.gateway.ib.unaddressed import NO_REQUEST

log = structlog.get_logger(__name__)

#: Message ids of a position row, of one by account, and of the end of those.
POSITION, ACCOUNT_POSITION, ACCOUNT_END = 61, 71, 72
#: Message ids that are decoded: prices, sizes, errors, contract details, executions, bars, option
#: computations, the time, ends of answers, delayed or not, positions, reroutes, account summaries.
HEARD = frozenset(
    (
        PRICE, SIZE, 4, CONTRACT_DETAILS, EXECUTION, 17, BOND_DETAILS, 21, 49, 52, END, 57, 58,
        POSITION, 62, ACCOUNT_POSITION, ACCOUNT_END, REROUTED, 63, 64,
    )
)  # fmt: skip

#: Rows of an account summary that are kept: 200 accounts with 50 currencies each.
MAX_SUMMARY_ROWS = 10_000


class Replies:
    """Hold the requests of one connection and hand each reply to its own."""

    def __init__(
        self,
        listener: BrokerListener,
        contracts: ContractReader,
        cancel: Callable[[int], None],
        ask: Callable[[LineRequest | SnapshotRequest, Route], None],
        numbering: Numbering | None = None,
    ) -> None:
        self.requests: dict[int, Request] = {}
        #: Questions for the time, oldest first: they have no ids, and are answered in order.
        self.marks: deque[Mark] = deque()
        self.positions = PositionReplies(listener, contracts, self.requests, numbering)
        self.ticks = TickReplies(listener, self.requests)
        # Called by these names.
        self.positionEnd = self.positions.ended
        self.positionMultiEnd = self.positions.account_ended
        self.tcpDataProcessed = self.ticks.send_quotes
        self.tickOptionComputation = self.ticks.computation
        self.marketDataType = self.ticks.market_data_type
        self.tickSnapshotEnd = self.ticks.snapshot_end
        #: When anything came last, seconds of the monotonic clock.
        self.heard_at = time.monotonic()
        self.errors = ErrorReplies(listener, self.requests, cancel, self.tcpDataProcessed)
        self.reroutes = Reroutes(listener, self.requests, cancel, ask)
        self._listener = listener
        self._contracts = contracts
        self._now = datetime.now(UTC)

    # What ib_async's client itself calls.

    def connectAck(self) -> None:
        """Do nothing: the handshake is waited for elsewhere."""

    def setEventsDone(self) -> None:
        """Do nothing: there are no subscriptions of ib_async's own."""

    def connectionClosed(self) -> None:
        """Do nothing: the socket itself reports its end."""

    # One packet: first tcpDataArrived, then the replies in it, then tcpDataProcessed.

    def tcpDataArrived(self) -> None:
        self.heard_at = time.monotonic()
        self._now = self.positions.now = self.ticks.now = datetime.now(UTC)

    # The time.

    def currentTime(self, seconds: int) -> None:
        if self.marks:
            notify(self.marks.popleft().on_read)

    # Market data of contracts that TWS sends on to others; ticks are `TickReplies`'.

    def rerouteMktDataReq(self, req_id: int, con_id: int, exchange: str) -> None:
        notify(self.reroutes.take, req_id, con_id, exchange)

    # Contract details and bars.

    def details_row(self, fields: list[str], server_version: int) -> None:
        """Take a row of details; one that names no contract is left out."""
        request = self.requests.get(request_id(fields, server_version))
        if not isinstance(request, DetailsRequest):
            return
        try:
            request.rows.append(details_from(fields, server_version, self._now))
        except ValueError as error:
            log.error("contract details cannot be read", row=fields, error=str(error))

    def contractDetailsEnd(self, req_id: int) -> None:
        request = self.requests.pop(req_id, None)
        if isinstance(request, DetailsRequest) and not request.done.done():
            request.done.set_result(request.rows)

    def historicalData(self, req_id: int, bar: BarData) -> None:
        request = self.requests.get(req_id)
        if isinstance(request, BarsRequest):
            request.rows.append(bar)

    def historicalDataEnd(self, req_id: int, start: str, end: str) -> None:
        request = self.requests.pop(req_id, None)
        if isinstance(request, BarsRequest) and not request.done.done():
            request.done.set_result(request.rows)

    # Executions.

    def execution(self, fields: list[str]) -> None:
        """Take an execution; one that cannot be read fails the answer it is part of."""
        req_id = int(fields[1])
        request = self.requests.get(req_id)
        if not isinstance(request, ExecutionsRequest):
            return
        try:
            one = execution_from(fields)
        except BrokerError as error:
            log.error("execution cannot be read", row=fields, error=str(error))
            del self.requests[req_id]
            if not request.done.done():
                request.done.set_exception(error)
            return
        if one is not None:
            request.rows.append(one)

    def execDetailsEnd(self, req_id: int) -> None:
        request = self.requests.pop(req_id, None)
        if isinstance(request, ExecutionsRequest) and not request.done.done():
            request.done.set_result(request.rows)

    # Account summaries.

    def accountSummary(
        self, req_id: int, account: str, tag: str, value: str, currency: str
    ) -> None:
        request = self.requests.get(req_id)
        if isinstance(request, SummaryRequest):
            row = request.read(account, tag, value, currency)
            if row is not None and len(request.rows) < MAX_SUMMARY_ROWS:
                request.rows.append(row)

    def accountSummaryEnd(self, req_id: int) -> None:
        request = self.requests.pop(req_id, None)
        if isinstance(request, SummaryRequest) and not request.done.done():
            request.done.set_result(request.rows)

    # Errors.

    def error(self, req_id: int, code: int, text: str, advanced: str) -> None:
        text = " ".join(text.split())
        if req_id == NO_REQUEST:
            self.errors.note_unaddressed(code, masked_in(text))
        if req_id == NO_REQUEST and self.positions.take_unaddressed(code, text):
            return
        self.errors.take(req_id, code, masked_in(text))

    def fail_all(self, error: Exception) -> None:
        """End every request: the connection is gone."""
        requests = dict(self.requests)
        # Emptied, not replaced: the positions' side looks into the same.
        self.requests.clear()
        self.ticks.forget()
        waiting = [r.done for r in requests.values() if not isinstance(r, LineRequest)]
        for done in [*waiting, *([self.positions.done] if self.positions.done else [])]:
            if not done.done():
                done.set_exception(error)
