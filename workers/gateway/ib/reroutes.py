"""Reroutes: message 91, which names the contract to ask for instead, and its exchange.

Recorded for CFDs at server versions 206 and 225: TWS answers a request for their market data with a
contract id and an exchange, and with nothing else. CFDs on shares lead to the share, CFDs on an
index to the index.

Rules:
* The request is cancelled and made again for that contract at that exchange. It stays the one of
  the contract that was asked for: its quotes count for that, and its line is counted once.
* A request that is sent on more than `MOST_TIMES` is refused: TWS would send it round without end.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog
from ib_async.contract import Contract as IbContract

from slotwise.errors import RequestRefusedError
from workers.gateway.broker import BrokerListener, Refusal
from workers.gateway.ib.requests import LineRequest, QuoteRequest, Request, SnapshotRequest

log = structlog.get_logger(__name__)

#: Message id.
REROUTED = 91
#: One reroute is what was recorded; a second does no harm.
MOST_TIMES = 2
#: Where to ask where TWS names no exchange.
DEFAULT_EXCHANGE = "SMART"


class Route(msgspec.Struct, frozen=True):
    """Where the market data of a contract is asked for: another contract, and its exchange."""

    con_id: int
    exchange: str

    def request(self) -> IbContract:
        """Return the contract of the request."""
        return IbContract(conId=self.con_id, exchange=self.exchange)


class Reroutes:
    """Follow message 91 for the requests of one connection."""

    def __init__(
        self,
        listener: BrokerListener,
        requests: dict[int, Request],
        cancel: Callable[[int], None],
        ask: Callable[[LineRequest | SnapshotRequest, Route], None],
    ) -> None:
        self._listener = listener
        self._requests = requests
        self._cancel = cancel
        self._ask = ask
        self._known: dict[int, Route] = {}

    def known(self, con_id: int) -> Route | None:
        """Return where a contract was sent on to before on this connection."""
        return self._known.get(con_id)

    def forget(self, con_id: int) -> None:
        """Ask for a contract itself again: where it was sent on to does not answer."""
        self._known.pop(con_id, None)

    def take(self, req_id: int, con_id: int, exchange: str) -> None:
        """Take a reroute of a request; ignore one of a request that has ended."""
        request = self._requests.get(req_id)
        if not isinstance(request, QuoteRequest) or con_id <= 0:
            log.debug("reroute ignored", req_id=req_id, con_id=con_id, exchange=exchange)
            return
        del self._requests[req_id]
        self._cancel(req_id)
        request.rerouted += 1
        if request.rerouted > MOST_TIMES:
            self._refuse(request)
            return
        route = self._known[request.con_id] = Route(con_id, exchange.strip() or DEFAULT_EXCHANGE)
        request.contested = None
        log.debug("market data rerouted", con_id=request.con_id, to=con_id, exchange=exchange)
        self._listener.on_rerouted(request.con_id, con_id)
        self._ask(request, route)

    def _refuse(self, request: LineRequest | SnapshotRequest) -> None:
        self.forget(request.con_id)
        refusal = Refusal(REROUTED, "TWS sends the request from contract to contract")
        if isinstance(request, LineRequest):
            self._listener.on_line_refused(request.con_id, refusal)
        elif not request.done.done():
            error = RequestRefusedError(refusal.code, refusal.text, request.con_id)
            request.done.set_exception(error)
