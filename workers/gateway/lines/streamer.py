"""Streamer: makes the lines what the registry wants, within the limit.

`step` looks at what is wanted and what is held now, and acts. It is called after every change
(registry, snapshot, connection, refusal) and once a second, so no event has to carry anything
and a missed one is made up for.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

import structlog

from slotwise.contract import Contract
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.quote import Quote
from slotwise.rules.data_gaps import LineEventName
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.broker import Broker, Cause, OnQuotes, Refusal, Upstream
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.lines.event_notes import GAVE_WAY, UNWANTED, LineNotes
from workers.gateway.lines.events import LineLedger
from workers.gateway.lines.pace import LinePace
from workers.gateway.lines.renewal import LineRenewal
from workers.gateway.lines.sightings import Sighting, Sightings
from workers.gateway.lines.silence import Silence
from workers.gateway.lines.table import LineTable
from workers.gateway.tws_codes import NO_SECURITY

log = structlog.get_logger(__name__)


def _later(seconds: float, call: Callable[[], None]) -> object:
    return asyncio.get_running_loop().call_later(seconds, call)


class Streamer:
    """Open and close lines; the only one that does."""

    def __init__(
        self,
        broker: Broker,
        contracts: ContractCache,
        table: LineTable,
        ledger: LineLedger,
        on_quotes: OnQuotes,
        *,
        trades: Callable[[Contract], bool] = lambda contract: True,
        is_leader: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
        later: Callable[[float, Callable[[], None]], object] = _later,
        on_sighting: Callable[[Sighting], None] = lambda sighting: None,
    ) -> None:
        self.active = ActiveContracts()
        self.waiting: tuple[int, ...] = ()
        self.ticks = 0
        self._broker = broker
        self._contracts = contracts
        self._table = table
        self.sightings = Sightings(on_sighting)
        self._notes = LineNotes(table, ledger, self.sightings)
        self._renewal = LineRenewal(broker, table, self._notes, Silence(trades))
        self._on_quotes = on_quotes
        #: Returns whether no other gateway can have taken over unnoticed.
        self._is_leader = is_leader
        self._clock = clock
        self._pace = LinePace(broker, table, self.step, clock=clock, later=later)
        self._ready = False
        #: Unknown contracts are looked up only after a snapshot: it names most of them.
        self.may_look_up = False
        self._looking_up: dict[int, asyncio.Task[None]] = {}

    def ready(self) -> None:
        """Take requests up again: the connection works, and IB is there."""
        if not self._ready:
            self.recovered()
        self._ready = True

    def pause(self) -> None:
        """Stop requests for now: they are of no use."""
        self._ready = False

    def step(self) -> None:
        """Close the lines that are not wanted, then open those that are missing."""
        self._notes.forget_unwanted(self.active.wanted)
        if not self._ready:
            self._note_waiting(self.active.wanted, "there is no connection to IB")
            return
        if not self._is_leader():
            return
        plan = self._table.plan(self.active.wanted, self._clock())
        self.waiting = plan.waiting
        self._note_waiting(plan.waiting, "no line is free")
        for con_id in plan.close:
            if con_id in self.active.wanted:
                self._close(con_id, "gave_way", GAVE_WAY)
            else:
                self._close(con_id, "closed", UNWANTED)
        for con_id in plan.open:
            contract = self._contracts.get(con_id)
            if contract is None:
                if self.may_look_up:
                    self._look_up(con_id)
            elif (wait_s := self._pace.wait_s(self._table.used)) > 0:
                self._pace.come_back(wait_s)
                return
            elif self._make_room(con_id):
                self._open(contract)
        self._renew_lines()

    def line_answered(self, con_id: int) -> None:
        """Take note that TWS took a line or a quote; the next may be asked for."""
        self._table.answered(con_id)
        self.step()

    def line_refused(self, con_id: int, refusal: Refusal) -> None:
        """Take note of a refusal and make the best of the lines there are."""
        line = self._table.held.get(con_id)
        if refusal.code == NO_SECURITY:
            self._contracts.doubt(con_id)
        self._table.was_refused(con_id, refusal, self._clock())
        if line is not None:
            self._notes.missed(line, "refused", refusal.reason)
            # A hundred lines may be lost to another session at once: that is one event, not many.
            level = logging.DEBUG if refusal.cause is Cause.COMPETING else logging.WARNING
            log.log(level, "line refused", contract=line.contract.label, reason=refusal.reason)
        self.step()

    def lines_gone(self, reason: str) -> None:
        """Take note that every line is gone."""
        for line in self._table.dropped():
            self._notes.missed(line, "lost", reason)

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        """Take what TWS reports of its way to IB; only a few reports say something about lines."""
        match upstream:
            case Upstream.LOST:
                self.upstream_lost(reason)
            case Upstream.BACK:
                # A tick that was on its way may have hidden the loss.
                self.upstream_lost(reason)
                self.recovered()
            case Upstream.FARM:
                self.check_all_lines()
            case Upstream.COMPETING:
                self._table.access.refused(None, Cause.COMPETING, self._clock())
            case _:
                pass

    def upstream_lost(self, reason: str) -> None:
        """Note that TWS gets no data; its lines may go on later."""
        for line in self._table.held.values():
            if not line.stale:
                self._notes.missed(line, "lost", reason)

    def check_all_lines(self) -> None:
        """Check every line: a market data farm is back, perhaps its own."""
        for line in self._table.held.values():
            line.staleness.check_from(self._clock())

    def recovered(self) -> None:
        """Check every line: IB was away, and is back."""
        for line in self._table.held.values():
            line.staleness.recovered(self._clock())

    def look_for_silence(self) -> None:
        """Ask again for lines that have been silent for too long while their market is open."""
        if self._ready and self._is_leader() and self._renewal.look(self._clock()):
            self.step()

    def _renew_lines(self) -> None:
        while (line := self._renewal.next(self._clock())) is not None:
            wait_s = self._pace.wait_s(self._table.used - 1, messages=2)
            if wait_s > 0:
                self._pace.come_back(wait_s)
                return
            self._renewal.renew(line, self._ticked, self._clock())

    def close_all(self) -> None:
        """Cancel every line: the gateway ends."""
        if self._ready:
            for con_id in list(self._table.held):
                self._close(con_id, "lost", "the gateway ended")
        self.pause()
        for task in self._looking_up.values():
            task.cancel()

    def without_line(self) -> list[int]:
        """Return the active contracts without a line: no line free, being looked up, or refused."""
        return list(dict.fromkeys((*self.waiting, *self._looking_up, *self._table.refused)))

    def labels_of(self, con_ids: Iterable[int]) -> dict[int, str]:
        """Return labels of contracts, as far as they are known."""
        known = {con_id: self._contracts.get(con_id) for con_id in con_ids}
        return {con_id: contract.label for con_id, contract in known.items() if contract}

    def quote_of(self, con_id: int) -> Quote | None:
        """Return the newest quote of a held line."""
        line = self._table.held.get(con_id)
        return None if line is None else line.quote

    def _open(self, contract: Contract) -> None:
        con_id = contract.con_id
        try:
            self._broker.open_line(contract, self._ticked)
        except BrokerError as error:
            # The connection went in this very moment; its end is about to be reported.
            log.warning("line not opened", contract=contract.label, reason=str(error))
            return
        self._table.opened(contract, self._clock())
        owners = self.active.owns(con_id)
        self._notes.note(contract, "opened", f"strategy {owners[0]}" if owners else "")
        log.info("line opened", contract=contract.label, held=len(self._table.held))

    def _note_waiting(self, con_ids: Iterable[int], reason: str) -> None:
        for con_id in con_ids:
            if self._notes.is_new(con_id):
                self._notes.note(self._contracts.named(con_id), "waits", reason)

    def _close(self, con_id: int, event: LineEventName, reason: str) -> None:
        line = self._table.held[con_id]
        self._broker.close_line(con_id)
        self._table.closed(con_id)
        self._notes.note(line.contract, event, reason)
        log.info("line closed", contract=line.contract.label, held=len(self._table.held))

    def _make_room(self, con_id: int) -> bool:
        """Take a line back from a quote where it needs to be: first from the contract's own."""
        table = self._table
        if con_id in table.quoting:
            self._cancel_quote(con_id)
        while not table.free() and table.quoting:
            self._cancel_quote(next(iter(table.quoting)))
        return table.free() > 0

    def _cancel_quote(self, con_id: int) -> None:
        self._table.take_back(con_id)
        self._broker.cancel_snapshot(con_id)

    def _look_up(self, con_id: int) -> None:
        if con_id not in self._looking_up:
            task = asyncio.get_running_loop().create_task(self._find(con_id))
            self._looking_up[con_id] = task

    async def _find(self, con_id: int) -> None:
        try:
            await self._contracts.find(con_id)
        except RequestRefusedError as error:
            refusal = Refusal(error.code, error.text)
            self._table.was_refused(con_id, refusal, self._clock())
            self._notes.note(self._contracts.named(con_id), "refused", refusal.reason)
            log.warning("active contract not found", con_id=con_id, reason=refusal.reason)
        except BrokerError as error:
            if self._ready:
                self._table.went_unanswered(con_id, str(error), self._clock())
        finally:
            del self._looking_up[con_id]
        self.step()

    def _ticked(self, quotes: Sequence[Quote]) -> None:
        held, now, news = self._table.held, self._clock(), []
        for quote in quotes:
            line = held.get(quote.con_id)
            if line is None:
                continue
            self._renewal.ticked(line, quote, now)
            if line.stale or self._table.access.is_taken:
                self._table.access.came(quote.con_id, line.opened_at, now)
            if line.stale:
                self._notes.seen(line, quote)
            line.quote = quote
            news.append(quote)
        self.ticks += len(news)
        if news:
            self._on_quotes(news)
