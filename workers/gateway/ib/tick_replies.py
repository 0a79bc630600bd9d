"""TickReplies: ticks go to the request that they answer, and quotes of lines to their listeners.

Called inside `data_received`, as all replies are: nothing here may block or raise.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import UTC, datetime

from slotwise.quote import Quote
from workers.gateway.broker import BrokerListener, OnQuotes
from workers.gateway.ib.error_replies import refused
from workers.gateway.ib.notify import notify
from workers.gateway.ib.quote_builder import SIDE_SIZES, SIDES
from workers.gateway.ib.requests import (
    LineRequest,
    QuoteRequest,
    Request,
    ShortStreamRequest,
    SnapshotRequest,
)

#: Message ids of a price and of a size.
PRICE, SIZE = 1, 2
#: Types of the sizes that belong to prices of bids and offers, live and delayed, as they are sent.
SIZE_TYPES = {"1": "0", "2": "3", "66": "69", "67": "70"}


class TickReplies:
    """Take prices, sizes, computations, types of data, and the ends of snapshots."""

    def __init__(self, listener: BrokerListener, requests: MutableMapping[int, Request]) -> None:
        #: When the packet that is being read came.
        self.now = datetime.now(UTC)
        #: The message that TWS sends right behind a price, its size once more: half of all ticks,
        #: and no news. One that equals it byte by byte is left unread, which rests on no request
        #: id being used twice within a connection: of a second request it would be news.
        self.repeated_size = b""
        self._listener = listener
        self._requests = requests
        #: Lines that ticked in the packet that is being read.
        self._ticked: dict[int, LineRequest] = {}

    def send_quotes(self) -> None:
        """Send the quotes of the lines that ticked, once a packet."""
        if not self._ticked:
            return
        ticked, self._ticked = self._ticked, {}
        news: dict[OnQuotes, list[Quote]] = {}
        for req_id, line in ticked.items():
            quote = line.builder.quote(self.now)
            # A line that had a price and has none any more reports that.
            line.had_price = line.had_price or not quote.is_empty()
            if req_id in self._requests and line.had_price:
                news.setdefault(line.on_quotes, []).append(quote)
        for on_quotes, quotes in news.items():
            notify(on_quotes, quotes)

    def forget(self) -> None:
        """Drop what has ticked: the connection is gone."""
        self._ticked = {}

    def price(self, fields: list[str]) -> None:
        """Take a price; ignore one without a number."""
        _, version, req_id, tick_type, price, size, _ = fields
        name = int(req_id)
        request = self._requests.get(name)
        if not isinstance(request, QuoteRequest) or not price:
            return
        if request.builder.price(int(tick_type), price, size):
            size_type = SIZE_TYPES.get(tick_type)
            if size_type:
                self.repeated_size = f"{SIZE}\0{version}\0{req_id}\0{size_type}\0{size}\0".encode()
            request.answered = request.has_data = True
            if type(request) is LineRequest:
                self._ticked[name] = request
            elif isinstance(request, SnapshotRequest):
                request.priced_at = self.now
                if isinstance(request, ShortStreamRequest):
                    request.look(SIDES.get(int(tick_type), "last"))

    def size(self, fields: list[str]) -> None:
        """Take a size that changed by itself: where nothing is left, there is no bid or offer."""
        _, _, req_id, tick_type, size = fields
        kind = int(tick_type)
        if kind not in SIDE_SIZES:
            return
        # The size that came with its price is not the newest any more.
        self.repeated_size = b""
        request = self._requests.get(int(req_id))
        if isinstance(request, QuoteRequest) and request.builder.size(kind, size):
            if isinstance(request, SnapshotRequest):
                request.priced_at = self.now
            self._mark(int(req_id), request, SIDES[SIDE_SIZES[kind]])

    def computation(
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
        """Take an option computation."""
        request = self._requests.get(req_id)
        if isinstance(request, QuoteRequest) and request.builder.greeks(
            tick_type, iv, delta, gamma, vega, theta, underlying_price
        ):
            self._mark(req_id, request, "greeks")

    def market_data_type(self, req_id: int, kind: int) -> None:
        """Take which feed a request has from now on, live or delayed."""
        request = self._requests.get(req_id)
        if isinstance(request, QuoteRequest):
            request.answered = True
            if request.builder.market_data_type(kind) and isinstance(request, LineRequest):
                # The known price is of another feed: the line reports that it has none.
                self._ticked[req_id] = request
            notify(self._listener.on_line_answered, request.con_id)

    def snapshot_end(self, req_id: int) -> None:
        """End a snapshot with what came, or with TWS's objection."""
        request = self._requests.pop(req_id, None)
        if not isinstance(request, SnapshotRequest) or request.done.done():
            return
        if request.refusal is None:
            request.done.set_result(None)
        else:
            request.done.set_exception(refused(request.refusal, request))

    def _mark(self, req_id: int, request: LineRequest | SnapshotRequest, field_name: str) -> None:
        request.answered = request.has_data = True
        if isinstance(request, LineRequest):
            self._ticked[req_id] = request
        elif isinstance(request, ShortStreamRequest):
            request.look(field_name)
