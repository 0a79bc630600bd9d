"""Replies: what TWS says goes to the request it answers.

ib_async's decoder calls these methods by name (its own `Wrapper` is the other implementation),
inside `data_received`, so nothing here may block or raise. `HEARD` names the messages that are
decoded at all; orders, executions, sizes and the like are nobody's.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from ib_async.contract import Contract as IbContract
from ib_async.contract import ContractDetails
from ib_async.objects import BarData

from slotwise.account import account_name
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.position import Position
from slotwise.quote import Quote
from workers.gateway.broker import BrokerListener, OnQuotes, Refusal, Upstream
from workers.gateway.ib.errors import CLIENT_ID_IN_USE, Effect, meaning_of
from workers.gateway.ib.executions import END, EXECUTION, execution_from
from workers.gateway.ib.position_answers import PositionAnswers
from workers.gateway.ib.requests import (
    AccountRequest,
    BarsRequest,
    DetailsRequest,
    ExecutionsRequest,
    LineRequest,
    Mark,
    Request,
    SnapshotRequest,
)
from workers.gateway.ib.translate import ContractReader, position_from, position_of_row

log = structlog.get_logger(__name__)

#: Message ids of a price, of a position row, of one by account, and of the end of those.
PRICE, POSITION, ACCOUNT_POSITION, ACCOUNT_END = 1, 61, 71, 72
#: Message ids that are decoded: prices, errors, contract details, executions, bars, option
#: computations, the time, ends of answers, delayed or not, positions.
HEARD = frozenset(
    (
        PRICE, 4, 10, EXECUTION, 17, 18, 21, 49, 52, END, 57, 58,
        POSITION, 62, ACCOUNT_POSITION, ACCOUNT_END,
    )
)  # fmt: skip
#: Requests that ticks belong to.
QUOTED = (LineRequest, SnapshotRequest)


class Replies:
    """Hold the requests of one connection and hand each reply to its own."""

    def __init__(
        self,
        listener: BrokerListener,
        contracts: ContractReader,
        cancel: Callable[[int], None],
    ) -> None:
        self.requests: dict[int, Request] = {}
        #: Questions for the time, oldest first: they have no ids, and are answered in order.
        self.marks: deque[Mark] = deque()
        self.answers = PositionAnswers()
        self.positions_done: asyncio.Future[tuple[Position, ...]] | None = None
        #: When anything was last heard, seconds of the monotonic clock.
        self.heard_at = time.monotonic()
        #: Why TWS is about to close the connection, where it said so.
        self.parting_words = ""
        self._listener = listener
        self._contracts = contracts
        self._cancel = cancel
        self._now = datetime.now(UTC)
        self._ticked: dict[int, LineRequest] = {}

    # What ib_async's client itself calls.

    def connectAck(self) -> None:
        """Do nothing: the handshake is waited for elsewhere."""

    def setEventsDone(self) -> None:
        """Do nothing: there are no subscriptions of ib_async's own."""

    def connectionClosed(self) -> None:
        """Do nothing: the socket's end is heard of from the socket."""

    # One packet: first tcpDataArrived, then the replies in it, then tcpDataProcessed.

    def tcpDataArrived(self) -> None:
        self.heard_at = time.monotonic()
        self._now = datetime.now(UTC)

    def tcpDataProcessed(self) -> None:
        """Tell the quotes of the lines that ticked, once a packet."""
        if not self._ticked:
            return
        ticked, self._ticked = self._ticked, {}
        news: dict[OnQuotes, list[Quote]] = {}
        for req_id, line in ticked.items():
            quote = line.builder.quote(self._now)
            if req_id in self.requests and not quote.is_empty():
                news.setdefault(line.on_quotes, []).append(quote)
        for on_quotes, quotes in news.items():
            self._tell(on_quotes, quotes)

    # The time.

    def currentTime(self, seconds: int) -> None:
        if self.marks:
            self._tell(self.marks.popleft().on_read)

    # Positions.

    def position_row(self, fields: list[str]) -> None:
        """Take a position row; raises ValueError or ArithmeticError when it cannot be read."""
        _, _, account, *contract, quantity, avg_cost = fields
        ours = self._contracts.of_row(contract)
        position = position_of_row(account, ours, quantity, avg_cost, self._now)
        if not self.answers.heard(position):
            self._tell(self._listener.on_position, position)

    def unreadable_position(self, fields: list[str], error: Exception) -> None:
        """Take a position row that could not be read: without it the holding would seem closed."""
        log.error("position cannot be read", row=fields, error=str(error))
        self.answers.unreadable(f"{error} in {fields}")

    def positionEnd(self) -> None:
        done = self.positions_done
        try:
            positions = self.answers.ended()
        except BrokerError as error:
            if done is not None and not done.done():
                done.set_exception(error)
            return
        if positions is not None and done is not None and not done.done():
            done.set_result(positions)

    # Positions by account.

    def positionMulti(
        self,
        req_id: int,
        account: str,
        model: str,
        contract: IbContract,
        quantity: float,
        avg_cost: float,
    ) -> None:
        request = self.requests.get(req_id)
        if not isinstance(request, AccountRequest):
            return
        ours, name = self._contracts.read(contract), account_name(account, model)
        position = position_from(name, ours, quantity, avg_cost, self._now)
        request.heard_at = self.heard_at
        if request.done.done():
            self._tell(self._listener.on_position, position)
        else:
            request.rows.append(position)

    def positionMultiEnd(self, req_id: int) -> None:
        request = self.requests.get(req_id)
        if isinstance(request, AccountRequest) and not request.done.done():
            request.heard_at = self.heard_at
            request.done.set_result(None)

    def unreadable_account_position(self, fields: list[str], error: Exception) -> None:
        """Take a row that cannot be read: without it the holding would seem closed."""
        log.error("position cannot be read", row=fields, error=str(error))
        request = self.requests.get(int(fields[2]))
        if isinstance(request, AccountRequest) and not request.done.done():
            said = f"TWS sent a position that cannot be read: {error} in {fields}"
            request.done.set_exception(BrokerError(said))

    # Ticks.

    def price_tick(self, fields: list[str]) -> None:
        """Take a price; one without a number says nothing."""
        _, _, req_id, tick_type, price, _, _ = fields
        name = int(req_id)
        request = self.requests.get(name)
        if isinstance(request, QUOTED) and price and request.builder.price(int(tick_type), price):
            request.answered = True
            if type(request) is LineRequest:
                self._ticked[name] = request

    def tickOptionComputation(
        self,
        req_id: int,
        tick_type: int,
        tick_attrib: int,
        iv: float,
        delta: float,
        price: float,
        pv_dividend: float,
        gamma: float,
        vega: float,
        theta: float,
        underlying_price: float,
    ) -> None:
        request = self.requests.get(req_id)
        if isinstance(request, QUOTED) and request.builder.greeks(
            tick_type, iv, delta, gamma, vega, theta
        ):
            self._mark(req_id, request)

    def marketDataType(self, req_id: int, kind: int) -> None:
        request = self.requests.get(req_id)
        if isinstance(request, QUOTED):
            request.answered = True
            request.builder.market_data_type(kind)
            self._tell(self._listener.on_line_answered, request.con_id)

    def tickSnapshotEnd(self, req_id: int) -> None:
        request = self.requests.pop(req_id, None)
        if isinstance(request, SnapshotRequest) and not request.done.done():
            request.done.set_result(None)

    # Contract details and bars.

    def contractDetails(self, req_id: int, details: ContractDetails) -> None:
        request = self.requests.get(req_id)
        if isinstance(request, DetailsRequest):
            request.rows.append(details)

    bondContractDetails = contractDetails

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

    # Errors.

    def error(self, req_id: int, code: int, text: str, advanced: str) -> None:
        text = " ".join(text.split())
        effect = meaning_of(code)
        if isinstance(effect, Upstream):
            # What ticked before it in the same packet was heard before it.
            self.tcpDataProcessed()
            if effect is Upstream.BACK_EMPTY:
                self._drop_market_data(BrokerError(f"TWS notice {code}: {text}"))
            self._tell(self._listener.on_upstream, effect, f"TWS notice {code}: {text}")
            return
        if code == CLIENT_ID_IN_USE:
            self.parting_words = text
        request = self.requests.get(req_id)
        if request is None or effect is Effect.NOTICE:
            log.debug("tws notice", code=code, text=text, req_id=req_id)
            return
        del self.requests[req_id]
        if effect in (Effect.FULL, Effect.MUTE):
            self._cancel(req_id)
        if isinstance(request, LineRequest):
            refusal = Refusal(code, text, full=effect is Effect.FULL)
            self._tell(self._listener.on_line_refused, request.con_id, refusal)
        elif not request.done.done():
            con_id = request.con_id if isinstance(request, SnapshotRequest) else None
            request.done.set_exception(RequestRefusedError(code, text, con_id))

    def fail_all(self, error: Exception) -> None:
        """End every request: the connection is gone."""
        requests, self.requests = self.requests, {}
        self._ticked = {}
        waiting = [r.done for r in requests.values() if not isinstance(r, LineRequest)]
        for done in [*waiting, *([self.positions_done] if self.positions_done else [])]:
            if not done.done():
                done.set_exception(error)

    def _tell(self, hear: Callable[..., None], *said: object) -> None:
        """Call a listener; ib_async would swallow what it raises."""
        try:
            hear(*said)
        except Exception:
            log.exception("a reply of TWS met a bug of ours")

    def _drop_market_data(self, error: Exception) -> None:
        """Forget every line and snapshot quote: TWS has.

        Not those it had not answered: it may take them up after its notice, so they are cancelled.
        """
        for req_id, request in list(self.requests.items()):
            if isinstance(request, QUOTED):
                del self.requests[req_id]
                if not request.answered:
                    self._cancel(req_id)
                if isinstance(request, SnapshotRequest) and not request.done.done():
                    request.done.set_exception(error)

    def _mark(self, req_id: int, request: LineRequest | SnapshotRequest) -> None:
        request.answered = True
        if isinstance(request, LineRequest):
            self._ticked[req_id] = request
