"""Market data: lines, snapshots, and what TWS says before it gives either."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from workers.simulator.desks.agenda import Agenda, Entry
from workers.simulator.desks.client import Client
from workers.simulator.desks.entitlements import TEXTS, Entitlements
from workers.simulator.desks.feed import Feed, Stream
from workers.simulator.desks.flicker import TickRate
from workers.simulator.desks.generic_ticks import generic_ticks, read_list
from workers.simulator.desks.lines import LineKey, Lines
from workers.simulator.desks.outages import Outages, farm_of
from workers.simulator.desks.resolve import Refused, resolve
from workers.simulator.desks.snapshot import Snapshot
from workers.simulator.desks.snapshot_rate import SnapshotRate
from workers.simulator.desks.view import DELAYED_FROZEN, FROZEN, LIVE, Halts, View
from workers.simulator.instruments.contract import Contract
from workers.simulator.instruments.universe import Universe
from workers.simulator.market.market import Market
from workers.simulator.market.statistics import Statistics
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.market_replies import market_data_type, tick_req_params
from workers.simulator.wire.requests import MarketDataRequest

#: A line's first ticks come after between this and this, seconds.
FIRST_TICKS_S = (0.02, 0.06)
#: A snapshot of an open market takes between this and this, seconds.
SNAPSHOT_S = (0.1, 0.3)
#: Ticks that were on their way still come for between this and this after a cancel, seconds.
IN_FLIGHT_S = (0.01, 0.06)
#: Code of the exchanges behind SMART's best bid and offer, as captured from TWS.
BBO_EXCHANGE = "9c0001"
#: Permission to take regulatory snapshots, as captured from TWS.
SNAPSHOT_PERMISSIONS = 3


@dataclass(slots=True)
class _Request:
    """Hold an open request: a feed it streams from, or a snapshot."""

    client: Client
    contract: Contract
    feed: Feed | None = None
    snapshot: Snapshot | None = None


class MarketData:
    """Open and end market data requests of all clients."""

    def __init__(
        self,
        universe: Universe,
        market: Market,
        lines: Lines,
        agenda: Agenda,
        seed: int,
        tick_rate: int = 0,
    ) -> None:
        self._universe = universe
        self._market = market
        self._lines = lines
        self._agenda = agenda
        #: What the login may see, what is halted, and what does not come.
        self.entitlements = Entitlements()
        self.halts = Halts()
        self.outages = Outages()
        self._statistics = Statistics(market, universe)
        self._rate = TickRate(tick_rate)
        self._snapshot_rate = SnapshotRate()
        self._random = Random(f"delays {seed}")
        self._requests: dict[LineKey, _Request] = {}
        #: Cancelled streams whose last ticks are on their way.
        self._in_flight: dict[LineKey, tuple[Feed, Entry]] = {}
        #: Requests that came while TWS had no link to IB.
        self._unlinked: dict[LineKey, tuple[Client, MarketDataRequest]] = {}
        self._feeds: dict[tuple[int, bool, bool], Feed] = {}
        #: Type of data that a client asked for; live if it did not.
        self._types: dict[int, int] = {}

    def set_type(self, client: Client, kind: int) -> None:
        """Take note of the type a client wants from now on."""
        self._types[client.client_id] = kind

    def open(self, client: Client, request: MarketDataRequest, now: float) -> None:
        """Open a line or take a snapshot, or say why not."""
        key = (client.client_id, request.req_id)
        wanted = self._types.get(client.client_id, LIVE)
        try:
            contract = self._checked(key, request)
            if not self.outages.linked:
                self._unlinked[key] = (client, request)
                return
            delayed = self.entitlements.delayed(contract.con_id, wanted)
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
        self._land(key)
        frozen = wanted in (FROZEN, DELAYED_FROZEN)
        view = View(contract, self._market, self.halts, delayed=delayed, frozen=frozen)
        kind = view.sight(now).kind
        self._greet(client, request.req_id, view, kind, now)
        if request.snapshot:
            self._start_snapshot(key, client, view, now)
        else:
            generic = generic_ticks(request.generic_ticks, contract, view, self._statistics)
            stream = Stream(client, request.req_id, kind, generic)
            feed = self._feed(view, (contract.con_id, delayed, frozen), now)
            self._requests[key] = _Request(client, contract, feed=feed)
            feed.add(key, stream, now + self._random.uniform(*FIRST_TICKS_S))

    def cancel(self, client: Client, req_id: int, now: float) -> None:
        """End a request; 300 where there is none. Its line is free at once."""
        key = (client.client_id, req_id)
        if self._unlinked.pop(key, None) is not None:
            return
        if key not in self._requests:
            client.error(
                req_id, ErrorCode.NO_TICKER_ID, f"Can't find EId with tickerId:{req_id}", now
            )
            return
        request = self._requests.pop(key)
        if request.snapshot is not None:
            request.snapshot.call_off()
        if request.feed is not None:
            # Ticks that TWS wrote before it read the cancel.
            landed_at = now + self._random.uniform(*IN_FLIGHT_S)
            entry = self._agenda.at(landed_at, lambda at: self._land(key))
            self._in_flight[key] = (request.feed, entry)
        self._lines.close(key, now, "cancel")

    def leave(self, client: Client, now: float) -> None:
        """Forget a client that is gone."""
        self._types.pop(client.client_id, None)
        self.end_all(client, now)

    def end_all(self, client: Client, now: float) -> None:
        """End all requests of a client, without another tick."""
        for key in [key for key in self._unlinked if key[0] == client.client_id]:
            del self._unlinked[key]
        for key in [key for key in self._in_flight if key[0] == client.client_id]:
            self._land(key)
        for key in [key for key in self._requests if key[0] == client.client_id]:
            request = self._requests.pop(key)
            if request.snapshot is not None:
                request.snapshot.call_off()
            if request.feed is not None:
                request.feed.remove(key)
            self._lines.close(key, now, "end")

    def note(self, code: int, farm: str, now: float, dead: int = 0) -> None:
        """Do what a notice means; of a farm's lines that come back, so many never tick again."""
        self.outages.note(code, farm)
        if code == ErrorCode.RESTORED_DATA_LOST:
            for client in {id(r.client): r.client for r in self._requests.values()}.values():
                self.end_all(client, now)
            self._unlinked.clear()
        if dead:
            self._strand(farm, dead)
        self.review(now)
        if self.outages.linked:
            waited, self._unlinked = self._unlinked, {}
            for client, request in waited.values():
                self.open(client, request, now)

    def compete(self, *, on: bool, now: float) -> None:
        """Let another session of the same user take all data, or give it back."""
        if on and not self.entitlements.competing:
            code = ErrorCode.COMPETING_SESSION
            for (_, req_id), request in self._requests.items():
                request.client.error(req_id, code, TEXTS[code], now)
        self.entitlements.competing = on
        self.review(now)

    def review(self, now: float) -> None:
        """Stop what does not come any more, and go on with what comes again."""
        for feed in list(self._feeds.values()):
            feed.let_flow(self._flows(feed.view.contract), now)
        for request in list(self._requests.values()):
            if request.snapshot is not None and self._flows(request.contract):
                request.snapshot.resume(now)

    def _flows(self, contract: Contract) -> bool:
        return not self.entitlements.competing and self.outages.reaches(contract)

    def _strand(self, farm: str, count: int) -> None:
        """Kill the oldest lines of a farm."""
        feeds = [feed for feed in self._feeds.values() if farm_of(feed.view.contract) == farm]
        streams = [stream for feed in feeds for stream in feed.streams if not stream.dead]
        for stream in streams[:count]:
            stream.dead = True

    def _checked(self, key: LineKey, request: MarketDataRequest) -> Contract:
        if key in self._requests or key in self._unlinked:
            raise Refused(ErrorCode.PROCESSING, "Duplicate ticker id")
        if request.snapshot and request.generic_ticks.strip(", "):
            raise Refused(
                ErrorCode.VALIDATING,
                "Snapshot market data subscription is not applicable to generic ticks",
            )
        contract = resolve(self._universe, request.contract)
        read_list(request.generic_ticks, contract.sec_type)
        return contract

    def _greet(self, client: Client, req_id: int, view: View, kind: int, now: float) -> None:
        contract = view.contract
        is_smart = contract.sec_type == "STK"
        client.send(market_data_type(req_id, kind))
        if view.delayed:
            code = ErrorCode.DISPLAYING_DELAYED
            client.error(req_id, code, TEXTS[code], now)
        client.send(
            tick_req_params(
                req_id,
                contract.min_tick,
                BBO_EXCHANGE if is_smart else "",
                SNAPSHOT_PERMISSIONS if is_smart else 0,
            ),
        )

    def _start_snapshot(self, key: LineKey, client: Client, view: View, now: float) -> None:
        def end(at: float) -> None:
            del self._requests[key]
            self._lines.close(key, at, "end")

        snapshot = Snapshot(
            client,
            key[1],
            view,
            self._agenda,
            flows=lambda: self._flows(view.contract),
            on_end=end,
        )
        self._requests[key] = _Request(client, view.contract, snapshot=snapshot)
        snapshot.start(now, self._random.uniform(*SNAPSHOT_S))

    def _land(self, key: LineKey) -> None:
        """End the last ticks of a cancelled line; a request that has its id again gets none."""
        if key in self._in_flight:
            feed, entry = self._in_flight.pop(key)
            entry.call_off()
            feed.remove(key)

    def _feed(self, view: View, seen_as: tuple[int, bool, bool], now: float) -> Feed:
        if seen_as not in self._feeds:

            def drop() -> None:
                del self._feeds[seen_as]

            feed = self._feeds[seen_as] = Feed(view, self._agenda, self._rate, on_empty=drop)
            feed.let_flow(self._flows(view.contract), now)
        return self._feeds[seen_as]
