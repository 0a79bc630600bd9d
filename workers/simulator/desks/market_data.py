"""Market data: lines, snapshots, and what TWS says before it gives either."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from workers.simulator.desks.agenda import Agenda, Entry
from workers.simulator.desks.client import Client
from workers.simulator.desks.entitlements import Entitlements
from workers.simulator.desks.feed import Feed, Stream
from workers.simulator.desks.greek_ticks import all_greeks
from workers.simulator.desks.lines import LineKey, Lines
from workers.simulator.desks.resolve import Refused, resolve
from workers.simulator.desks.snapshot_rate import SnapshotRate
from workers.simulator.desks.ticks import first_ticks
from workers.simulator.instruments.contract import Contract
from workers.simulator.instruments.details import BBO_EXCHANGE
from workers.simulator.instruments.universe import Universe
from workers.simulator.market.market import Market
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.market_replies import (
    market_data_type,
    tick_req_params,
    tick_snapshot_end,
)
from workers.simulator.wire.requests import MarketDataRequest

#: A line's first ticks come after between this and this, seconds.
FIRST_TICKS_S = (0.02, 0.06)
#: A snapshot of an open market takes between this and this, seconds.
SNAPSHOT_S = (0.1, 0.3)
#: Share of that time after which its ticks are there.
TICKS_SHARE = 0.5
#: A snapshot that cannot be complete ends after this, seconds (IB documentation).
SNAPSHOT_LIMIT_S = 11.0
#: Types of market data.
LIVE, FROZEN, DELAYED_FROZEN = 1, 2, 4
#: Permission to take regulatory snapshots, as captured from TWS.
SNAPSHOT_PERMISSIONS = 3


@dataclass(slots=True)
class _Request:
    """Hold an open request: a feed it streams from, or the next step of a snapshot."""

    client: Client
    contract: Contract
    feed: Feed | None = None
    next_step: Entry | None = None


class MarketData:
    """Open and end market data requests of all clients."""

    def __init__(
        self, universe: Universe, market: Market, lines: Lines, agenda: Agenda, seed: int
    ) -> None:
        self._universe = universe
        self._market = market
        self._lines = lines
        self._agenda = agenda
        #: What the login may see.
        self.entitlements = Entitlements()
        self._snapshot_rate = SnapshotRate()
        self._random = Random(f"delays {seed}")
        self._requests: dict[LineKey, _Request] = {}
        self._feeds: dict[int, Feed] = {}
        #: Type of data that a client asked for; live if it did not.
        self._types: dict[int, int] = {}

    def set_type(self, client: Client, kind: int) -> None:
        """Take note of the type a client wants from now on."""
        self._types[client.client_id] = kind

    def open(self, client: Client, request: MarketDataRequest, now: float) -> None:
        """Open a line or take a snapshot, or say why not."""
        key = (client.client_id, request.req_id)
        try:
            contract = self._checked(key, request)
            self.entitlements.check(contract.con_id)
            if request.snapshot:
                self._snapshot_rate.take(now)
        except Refused as refused:
            self._lines.reject(key, request.contract.con_id, now)
            refused.tell(client, request.req_id, now)
            return
        if not self._lines.open(key, contract.con_id, now, snapshot=request.snapshot):
            client.error(
                request.req_id,
                ErrorCode.MAX_TICKERS,
                "Max number of tickers has been reached",
                now,
            )
            return
        self._greet(client, request.req_id, contract, now)
        if request.snapshot:
            self._start_snapshot(key, client, contract, now)
        else:
            self._start_stream(key, client, contract, now)

    def cancel(self, client: Client, req_id: int, now: float) -> None:
        """End a request; 300 where there is none."""
        key = (client.client_id, req_id)
        if key not in self._requests:
            client.error(
                req_id, ErrorCode.NO_TICKER_ID, f"Can't find EId with tickerId:{req_id}", now
            )
            return
        self._end(key)
        self._lines.close(key, now, "cancel")

    def leave(self, client: Client, now: float) -> None:
        """Forget a client that is gone."""
        self._types.pop(client.client_id, None)
        self.end_all(client, now)

    def end_all(self, client: Client, now: float) -> None:
        """End all requests of a client."""
        for key in [key for key in self._requests if key[0] == client.client_id]:
            self._end(key)
            self._lines.close(key, now, "end")

    def _checked(self, key: LineKey, request: MarketDataRequest) -> Contract:
        if key in self._requests:
            raise Refused(ErrorCode.PROCESSING, "Duplicate ticker id")
        if request.snapshot and request.generic_ticks.strip(", "):
            raise Refused(
                ErrorCode.VALIDATING,
                "Snapshot market data subscription is not applicable to generic ticks",
            )
        return resolve(self._universe, request.contract)

    def _greet(self, client: Client, req_id: int, contract: Contract, now: float) -> None:
        is_smart = contract.sec_type == "STK"
        client.send(
            market_data_type(req_id, FROZEN if self._frozen(client, now) else LIVE),
            tick_req_params(
                req_id,
                contract.min_tick,
                BBO_EXCHANGE if is_smart else "",
                SNAPSHOT_PERMISSIONS if is_smart else 0,
            ),
        )

    def _frozen(self, client: Client, now: float) -> bool:
        """Tell whether a client gets the last quotes of a closed market."""
        wants = self._types.get(client.client_id, LIVE)
        return wants in (FROZEN, DELAYED_FROZEN) and not self._market.calendar.is_open(now)

    def _start_stream(self, key: LineKey, client: Client, contract: Contract, now: float) -> None:
        feed = self._feed(contract)
        self._requests[key] = _Request(client, contract, feed=feed)
        feed.add(key, Stream(client, key[1]), now + self._random.uniform(*FIRST_TICKS_S))

    def _start_snapshot(self, key: LineKey, client: Client, contract: Contract, now: float) -> None:
        request = self._requests[key] = _Request(client, contract)
        takes = self._random.uniform(*SNAPSHOT_S)

        def tell(at: float) -> None:
            complete = self._market.calendar.is_open(at) or self._frozen(client, at)
            quote = self._market.quote(contract, at)
            client.send(
                *first_ticks(key[1], quote, contract.sec_type, is_open=complete),
                *all_greeks(self._market, contract, key[1], quote, at, is_open=complete),
            )
            ends_at = now + (takes if complete else SNAPSHOT_LIMIT_S)
            request.next_step = self._agenda.at(ends_at, end)

        def end(at: float) -> None:
            del self._requests[key]
            client.send(tick_snapshot_end(key[1]))
            self._lines.close(key, at, "end")

        request.next_step = self._agenda.at(now + takes * TICKS_SHARE, tell)

    def _end(self, key: LineKey) -> None:
        request = self._requests.pop(key)
        if request.feed is not None:
            request.feed.remove(key)
        if request.next_step is not None:
            request.next_step.call_off()

    def _feed(self, contract: Contract) -> Feed:
        con_id = contract.con_id
        if con_id not in self._feeds:

            def drop() -> None:
                del self._feeds[con_id]

            self._feeds[con_id] = Feed(contract, self._market, self._agenda, on_empty=drop)
        return self._feeds[con_id]
