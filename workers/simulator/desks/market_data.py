"""Market data: lines, snapshots, and what TWS says before it gives either."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from workers.simulator.desks.agenda import Agenda
from workers.simulator.desks.client import Client
from workers.simulator.desks.entitlements import TEXTS, Entitlements
from workers.simulator.desks.feed import Feed, Stream
from workers.simulator.desks.feeds import Feeds
from workers.simulator.desks.flicker import TickRate
from workers.simulator.desks.generic_ticks import generic_ticks, read_list
from workers.simulator.desks.greeting import greet
from workers.simulator.desks.habits import Habits
from workers.simulator.desks.in_flight import InFlight
from workers.simulator.desks.lines import LineKey, Lines
from workers.simulator.desks.outages import Outages
from workers.simulator.desks.resolve import Refused, resolve
from workers.simulator.desks.snapshot import Snapshot
from workers.simulator.desks.snapshot_rate import SnapshotRate
from workers.simulator.desks.view import DELAYED_FROZEN, FROZEN, LIVE, Halts, View
from workers.simulator.instruments.contract import Contract
from workers.simulator.instruments.universe import Universe
from workers.simulator.market.market import Market
from workers.simulator.market.statistics import Statistics
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.requests import MarketDataRequest

#: A line's first ticks come after between this and this, seconds.
FIRST_TICKS_S = (0.02, 0.06)
#: A snapshot of an open market takes between this and this, seconds.
SNAPSHOT_S = (0.1, 0.3)


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
        habits: Habits,
    ) -> None:
        self._universe = universe
        self._market = market
        self._lines = lines
        self._agenda = agenda
        self._habits = habits
        #: What the login may see, what is halted, and what does not come.
        self.entitlements = Entitlements()
        self.halts = Halts()
        self.outages = Outages()
        self._statistics = Statistics(market, universe)
        self._snapshot_rate = SnapshotRate()
        self._random = Random(f"delays {seed}")
        self._feeds = Feeds(agenda, TickRate(habits.tick_rate), self._flows)
        self._in_flight = InFlight(agenda, self._random)
        self._requests: dict[LineKey, _Request] = {}
        #: Requests that came while TWS had no link to IB.
        self._unlinked: dict[LineKey, tuple[Client, MarketDataRequest]] = {}
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
            if not self.outages.linked:
                self._unlinked[key] = (client, request)
                return
            view = self._view(client, contract)
            if request.snapshot:
                self._snapshot_rate.take(now)
        except Refused as refused:
            self._lines.reject(key, request.contract.con_id, now)
            refused.tell(client, request.req_id, now)
            return
        if not self._lines.open(key, contract.con_id, now, snapshot=request.snapshot):
            text = "Max number of tickers has been reached"
            client.error(request.req_id, ErrorCode.MAX_TICKERS, text, now)
            return
        self._in_flight.land(key)
        kind = greet(client, request.req_id, view, now)
        if request.snapshot:
            self._start_snapshot(key, client, view, now)
        else:
            generic = generic_ticks(request.generic_ticks, contract, view, self._statistics)
            feed = self._feeds.of(view, now)
            self._requests[key] = _Request(client, contract, feed=feed)
            stream = Stream(client, request.req_id, kind, generic)
            feed.add(key, stream, now + self._random.uniform(*FIRST_TICKS_S))

    def cancel(self, client: Client, req_id: int, now: float) -> None:
        """End a request; 300 where there is none. Its line is free at once."""
        key = (client.client_id, req_id)
        if self._unlinked.pop(key, None) is not None:
            return
        if key not in self._requests:
            text = f"Can't find EId with tickerId:{req_id}"
            client.error(req_id, ErrorCode.NO_TICKER_ID, text, now)
            return
        request = self._requests.pop(key)
        if request.snapshot is not None:
            request.snapshot.call_off()
        if request.feed is not None:
            self._in_flight.keep(key, request.feed, now)
        self._lines.close(key, now, "cancel")

    def leave(self, client: Client, now: float) -> None:
        """Forget a client that is gone."""
        self._types.pop(client.client_id, None)
        self.end_all(client, now)

    def end_all(self, client: Client, now: float) -> None:
        """End all requests of a client, without another tick."""
        for key in [key for key in self._unlinked if key[0] == client.client_id]:
            del self._unlinked[key]
        self._in_flight.land_all(client.client_id)
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
        self._feeds.strand(farm, dead)
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
        self._feeds.review(now)
        for request in list(self._requests.values()):
            if request.snapshot is not None and self._flows(request.contract):
                request.snapshot.resume(now)

    def _flows(self, contract: Contract) -> bool:
        return not self.entitlements.competing and self.outages.reaches(contract)

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

    def _view(self, client: Client, contract: Contract) -> View:
        """Return what a client sees of a contract; raises Refused where that is nothing."""
        wanted = self._types.get(client.client_id, LIVE)
        delayed = self.entitlements.delayed(contract.con_id, wanted)
        frozen = wanted in (FROZEN, DELAYED_FROZEN)
        return View(contract, self._market, self.halts, delayed=delayed, frozen=frozen)

    def _start_snapshot(self, key: LineKey, client: Client, view: View, now: float) -> None:
        def end(at: float) -> None:
            del self._requests[key]
            self._lines.close(key, at, "end")

        snapshot = Snapshot(
            client,
            key[1],
            view,
            self._agenda,
            index_waits=self._habits.index_snapshots_wait,
            flows=lambda: self._flows(view.contract),
            on_end=end,
        )
        self._requests[key] = _Request(client, view.contract, snapshot=snapshot)
        snapshot.start(now, self._random.uniform(*SNAPSHOT_S))
