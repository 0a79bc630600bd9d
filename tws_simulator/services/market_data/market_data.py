"""Market data: lines, snapshots, and the messages that TWS sends before either."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.market import Market
from tws_simulator.market.statistics import Statistics
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused, resolve
from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.services.market_data.competing_sessions import ASKED, Competition
from tws_simulator.services.market_data.entitlements import (
    TEXTS,
    DeniedLater,
    Entitlements,
    Permission,
)
from tws_simulator.services.market_data.extra_ticks import TickRate
from tws_simulator.services.market_data.feed import Feed, Stream
from tws_simulator.services.market_data.feeds import Feeds
from tws_simulator.services.market_data.first_messages import greet
from tws_simulator.services.market_data.generic_ticks import generic_ticks, read_list
from tws_simulator.services.market_data.in_flight import InFlight
from tws_simulator.services.market_data.lines import LineKey, Lines
from tws_simulator.services.market_data.market_data_options import MarketDataOptions
from tws_simulator.services.market_data.outages import Outages
from tws_simulator.services.market_data.settle import Settle
from tws_simulator.services.market_data.snapshot import Snapshot
from tws_simulator.services.market_data.snapshot_rate import SnapshotRate
from tws_simulator.services.market_data.view import DELAYED_FROZEN, FROZEN, LIVE, Halts, View
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.market_replies import reroute_market_data
from tws_simulator.wire.requests import MarketDataRequest


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
        scheduler: Scheduler,
        seed: int,
        market_data_options: MarketDataOptions,
    ) -> None:
        self._universe = universe
        self._market = market
        self._lines = lines
        self._scheduler = scheduler
        self._market_data_options = market_data_options
        #: What the login may see, what is halted, and what does not come.
        self.entitlements = Entitlements()
        #: Another session of the user that has the data, if there is one.
        self.competition: Competition | None = None
        #: Called with the contract of each request that is opened.
        self.on_open: Callable[[Contract, float], None] = lambda contract, now: None
        self.halts = Halts()
        self.outages = Outages()
        self._statistics = Statistics(market, universe)
        self._snapshot_rate = SnapshotRate()
        random = Random(f"delays {seed}")
        self._settle = Settle(random, market_data_options.settle, market_data_options.times)
        self._feeds = Feeds(scheduler, TickRate(market_data_options.tick_rate), self._flows)
        self._in_flight = InFlight(scheduler, random)
        self._requests: dict[LineKey, _Request] = {}
        #: Requests that came while TWS had no link to IB.
        self._unlinked: dict[LineKey, tuple[Client, MarketDataRequest]] = {}
        #: Refusals that are on their way from the server.
        self._refusals: dict[LineKey, Entry] = {}
        #: Type of data that a client asked for; live if it did not.
        self._types: dict[int, int] = {}

    def set_type(self, client: Client, kind: int) -> None:
        """Take note of the type a client wants from now on."""
        self._types[client.client_id] = kind

    def open(self, client: Client, request: MarketDataRequest, now: float) -> None:
        """Open a line or take a snapshot, or say why not."""
        key = (client.client_id, request.req_id)
        try:
            contract = self._check(key, request)
            if not self.outages.linked:
                self._unlinked[key] = (client, request)
                return
            permission = self._permission(client, contract)
            if request.snapshot:
                self._snapshot_rate.take(now)
        except DeniedLater as denied:
            self._refuse_later(key, client, request, denied, now)
            return
        except Refused as refused:
            self._lines.reject(key, request.contract.con_id, now)
            refused.send(client, request.req_id, now)
            return
        if not self._lines.open(key, contract.con_id, now, snapshot=request.snapshot):
            text = "Max number of tickers has been reached"
            client.error(request.req_id, ErrorCode.MAX_TICKERS, text, now)
            return
        self._in_flight.land(key)
        if contract.reroute is not None:
            # The line is held until it is cancelled: whether TWS counts it is not known.
            where = contract.reroute
            client.send(reroute_market_data(request.req_id, where.con_id, where.exchange))
            self._requests[key] = _Request(client, contract)
            return
        view, remark = self._view(client, contract, permission), permission.remark
        comes = remark is None or remark.ticks
        kind = greet(client, request.req_id, view, remark, now)
        if self.competition is not None:
            code = ErrorCode.COMPETING_SESSION
            client.error(request.req_id, code, TEXTS[code], now)
        if request.snapshot:
            self._start_snapshot(key, client, view, now, comes=comes)
        else:
            generic = generic_ticks(request.generic_ticks, contract, view, self._statistics)
            feed = self._feeds.of(view, now)
            self._requests[key] = _Request(client, contract, feed=feed)
            stream = Stream(client, request.req_id, kind, generic)
            stream.dead = not comes
            stream.model_s = self._settle.model_s(contract)
            feed.add(key, stream, now + self._settle.first_ticks_s(contract))
        self.on_open(contract, now)

    def cancel(self, client: Client, req_id: int, now: float) -> None:
        """End a request; 300 where there is none. Its line is free at once."""
        key = (client.client_id, req_id)
        if self._unlinked.pop(key, None) is not None:
            return
        if key in self._refusals:
            self._refusals.pop(key).call_off()
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
        """Remove a client that is gone."""
        self._types.pop(client.client_id, None)
        self.end_all(client, now)

    def end_all(self, client: Client, now: float) -> None:
        """End all requests of a client, without another tick."""
        for key in [key for key in self._unlinked if key[0] == client.client_id]:
            del self._unlinked[key]
        for key in [key for key in self._refusals if key[0] == client.client_id]:
            self._refusals.pop(key).call_off()
        self._in_flight.land_all(client.client_id)
        for key in [key for key in self._requests if key[0] == client.client_id]:
            request = self._requests.pop(key)
            if request.snapshot is not None:
                request.snapshot.call_off()
            if request.feed is not None:
                request.feed.remove(key)
            self._lines.close(key, now, "end")

    def note(self, code: int, farm: str, now: float, dead: int = 0) -> None:
        """Apply a notice; of a farm's lines that come back, this many never tick again."""
        self.outages.note(code, farm)
        if code == ErrorCode.RESTORED_DATA_LOST:
            for client in {id(r.client): r.client for r in self._requests.values()}.values():
                self.end_all(client, now)
            self._unlinked.clear()
        self._feeds.strand(farm, dead)
        self._go_on(now)

    def restore(self, now: float) -> None:
        """Bring the link and all farms back, without a word."""
        self.outages.clear()
        self._go_on(now)

    def strand_all(self) -> None:
        """Silence every line that is open now without end."""
        self._feeds.strand_all()

    def _go_on(self, now: float) -> None:
        self.review(now)
        if self.outages.linked:
            waited, self._unlinked = self._unlinked, {}
            for client, request in waited.values():
                self.open(client, request, now)

    def compete(self, competition: Competition | None, now: float) -> None:
        """Move all data to another session of the same user, or back (None)."""
        before, self.competition = self.competition, competition
        if competition is not None and before is None:
            code = ErrorCode.COMPETING_SESSION
            for (_, req_id), request in self._requests.items():
                request.client.error(req_id, code, TEXTS[code], now)
        if competition is None and before is not None and before.back == ASKED:
            self._feeds.strand_all()
        self.review(now)

    def review(self, now: float) -> None:
        """Stop what does not come any more, and go on with what comes again."""
        self._feeds.review(now)
        for request in list(self._requests.values()):
            if request.snapshot is not None and self._flows(request.contract):
                request.snapshot.resume(now)

    def _flows(self, contract: Contract) -> bool:
        return self.competition is None and self.outages.reaches(contract)

    def _check(self, key: LineKey, request: MarketDataRequest) -> Contract:
        if key in self._requests or key in self._unlinked or key in self._refusals:
            raise Refused(ErrorCode.PROCESSING, "Duplicate ticker id")
        if request.snapshot and request.generic_ticks.strip(", "):
            raise Refused(
                ErrorCode.VALIDATING,
                "Snapshot market data subscription is not applicable to generic ticks",
            )
        contract = resolve(self._universe, request.contract)
        read_list(request.generic_ticks, contract.sec_type)
        return contract

    def _permission(self, client: Client, contract: Contract) -> Permission:
        """Return what a client may see of a contract; raises Refused where that is nothing."""
        if self.competition is not None and not self.competition.keeps:
            raise Refused(ErrorCode.COMPETING_SESSION, TEXTS[ErrorCode.COMPETING_SESSION])
        wanted = self._types.get(client.client_id, LIVE)
        return self.entitlements.permission(contract, wanted)

    def _refuse_later(
        self,
        key: LineKey,
        client: Client,
        request: MarketDataRequest,
        denied: DeniedLater,
        now: float,
    ) -> None:
        """Refuse a request when the server's answer is there; until then it holds no line."""

        def refuse(at: float) -> None:
            del self._refusals[key]
            self._lines.reject(key, request.contract.con_id, at)
            denied.send(client, request.req_id, at)

        self._refusals[key] = self._scheduler.at(now + denied.delay_s, refuse)

    def _view(self, client: Client, contract: Contract, permission: Permission) -> View:
        """Return what a client sees of a contract."""
        frozen = self._types.get(client.client_id, LIVE) in (FROZEN, DELAYED_FROZEN)
        return View(contract, self._market, self.halts, delayed=permission.delayed, frozen=frozen)

    def _start_snapshot(
        self, key: LineKey, client: Client, view: View, now: float, *, comes: bool
    ) -> None:
        def end(at: float) -> None:
            del self._requests[key]
            self._lines.close(key, at, "end")

        snapshot = Snapshot(
            client,
            key[1],
            view,
            self._scheduler,
            index_waits=self._market_data_options.index_snapshots_wait,
            flows=lambda: comes and self._flows(view.contract),
            on_end=end,
        )
        self._requests[key] = _Request(client, view.contract, snapshot=snapshot)
        snapshot.start(now, self._settle.snapshot(view.contract))
