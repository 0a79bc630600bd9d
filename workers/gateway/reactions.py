"""Reactions: what an event of one part asks of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec

from slotwise.errors import BrokerError
from slotwise.position import Position, Snapshot
from slotwise.quote import Quote
from slotwise.rules.marks.marked import Marked
from slotwise.rules.stakes import costs_of, stakes_of
from slotwise.settings import Settings
from slotwise.sighting import ConnectionState
from slotwise.update import not_held, update_of
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.lines.rotation_targets import targets_of
from workers.gateway.parts import Parts

#: After a connection comes, lines wait this long, seconds: the one request for positions goes
#: before a hundred for lines, of which ib_async sends 45 a second.
POLL_FIRST_S = 0.02


class Reactions:
    """Pass on what polls, lines, contracts, the session and the registry say."""

    _parts: Parts

    def __init__(self, settings: Settings, request_registry: Callable[[], None]) -> None:
        self._request_registry = request_registry
        #: Called when the session or a condition changes.
        self.on_condition: Callable[[], None] = lambda: None
        self._rotates = settings.rotation
        self._watch_interval_s = settings.watch_interval_s
        self._watched: frozenset[int] = frozenset()
        #: What contracts in turn are worth when their prices move by one, in one currency.
        self._stakes: Mapping[int, float] = {}

    def connect(self, parts: Parts) -> None:
        """Set the parts to act on; before that no part may call."""
        self._parts = parts
        self._outbox = parts.outbox
        self._positions = parts.positions
        self._lines = parts.lines

    # What the session asks for.

    def resume(self) -> None:
        """Poll at once, then open the lines."""
        self._lines.streamer.ready()
        # A new session may have permissions that the last one lacked.
        self._lines.rotator.ask_silent_again()
        self._positions.holdings.session_began()
        self._positions.executions.session_began()
        self._positions.poller.request()
        asyncio.get_running_loop().call_later(POLL_FIRST_S, self._lines.streamer.step)

    def pause(self) -> None:
        """Send no request for lines until `resume`, and give up the poll that is under way."""
        self._lines.streamer.pause()
        self._positions.poller.pause()

    def lines_gone(self, reason: str) -> None:
        """Drop every line."""
        self._parts.data.lost()
        self._lines.streamer.lines_gone(reason)

    def on_connection(self) -> None:
        """Publish the state of the session and its conditions."""
        self.on_condition()
        session = self._parts.session
        self._outbox.hub.publish_connection(
            ConnectionState(
                state=session.state.value,
                is_ready=session.connected_at is not None,
                reason=session.detail,
                at=datetime.now(UTC),
                conditions=session.conditions.all(),
            )
        )

    # What polls say.

    async def on_snapshot(self, snapshot: Snapshot) -> None:
        """Pass an answer to a poll to positions, quotes, rates, rotation and look-ups."""
        self._request_registry()
        positions = self._lines.contracts.facts.complete_all(snapshot.positions)
        quotes = self._outbox.quotes.as_of(positions)
        await self._positions.holdings.take(msgspec.structs.replace(snapshot, positions=positions))
        self._outbox.quotes.send_polled(quotes, positions)
        self._mark()
        self._drop_quotes()
        self._take_pairs(positions)
        self.rotate()
        self._lines.streamer.may_look_up = True
        self._lines.streamer.step()
        self._request_details()

    def on_poll_failed(self, error: BrokerError, requested_at: datetime) -> None:
        """Publish that a poll failed."""
        failure = self._positions.holdings.failed(error, requested_at)
        self._outbox.publisher.send(partial(self._outbox.snapshots.fail, failure), slot="failure")

    def stream(self, position: Position) -> None:
        """Send the update of a position that has changed to handlers."""
        con_id = position.contract.con_id
        quote, owners = (
            self._lines.streamer.quote_of(con_id),
            self._lines.streamer.active.owns(con_id),
        )
        self._outbox.hub.publish([update_of(position, quote, owners)])

    # What lines and the registry say.

    def on_line_quotes(self, quotes: Sequence[Quote]) -> None:
        """Pass quotes of lines to the board, and as updates of positions to handlers."""
        self._parts.session.ticked()
        self._outbox.quotes.put_all(quotes)
        self._parts.marks.take(quotes)
        of, owns = self._positions.router.confirmed, self._lines.streamer.active.owns
        self._outbox.hub.publish(
            [
                update_of(position, quote, owns(quote.con_id))
                for quote in quotes
                for position in of(quote.con_id) or self._not_held(quote)
            ]
        )

    def on_quote(self, quote: Quote) -> None:
        """Pass a quote that was taken in turn to the board and to the marks."""
        self._outbox.quotes.put(quote)
        self._parts.marks.take((quote,))

    def on_active(self, active: ActiveContracts) -> None:
        """Take over which contracts strategies are active in."""
        self.set_active(active)
        self._drop_quotes()
        # Lines first: they take the lines of quotes, not the other way round.
        self._lines.streamer.step()
        self.rotate()
        self._request_details()

    def set_active(self, active: ActiveContracts) -> None:
        """Set which contracts strategies are active in, without an effect yet."""
        self._lines.streamer.active = self._positions.router.active = active

    def rotate(self) -> None:
        """Set what the rotation quotes: all that is held or watched, and has no line."""
        if not self._rotates:
            return
        held, rates = self._positions.router.portfolio.by_key.values(), self._lines.rates.rates
        targets = targets_of(
            held,
            self._lines.streamer.active.wanted,
            self._lines.watch.con_ids,
            self._watch_interval_s,
            datetime.now(UTC).date(),
            self._lines.contracts.book.is_settled,
            rates,
            self._parts.marks.underlyings,
        )
        self._stakes = {c: stake for c, stake in stakes_of(held, rates).items() if c in targets}
        self._lines.rotator.want(targets)

    def quote_costs(self) -> Mapping[int, float]:
        """Return what not knowing better the price of each contract in turn may cost."""
        return costs_of(self._stakes, self._parts.marks.marks)

    def mark_of(self, con_id: int) -> Marked | None:
        """Return the newest mark of a contract; None where it has none yet."""
        return self._parts.marks.marked(con_id)

    # What is learnt of contracts.

    def on_details(self, con_id: int, moved: bool) -> None:
        """Take over the details of a contract; `moved` is one quoted elsewhere now."""
        if moved:
            self._lines.table.ask_soon(con_id)
            self._lines.rotator.ask_soon(con_id)
        contract, portfolio = (
            self._lines.contracts.facts.completed(con_id),
            self._positions.router.portfolio,
        )
        for position in portfolio.of(con_id):
            if contract is not None and position.contract != contract:
                complete = msgspec.structs.replace(position, contract=contract)
                portfolio.amend(complete)
                if con_id in self._lines.streamer.active.wanted:
                    self.stream(complete)

    def on_all_details(self) -> None:
        """Poll again: what was polled before lacks the magnifiers that are known by now."""
        self._positions.poller.request(shared=True)

    def look_for_news(self) -> None:
        """Choose quotes and rotation again where details came or the watched contracts changed."""
        if self._lines.contracts.news() or self._lines.watch.con_ids != self._watched:
            self._watched = frozenset(self._lines.watch.con_ids)
            before = self._parts.marks.underlyings
            self._mark()
            self._drop_quotes()
            self.rotate()
            if self._parts.marks.underlyings != before:
                self._request_details()

    def _mark(self) -> None:
        """Mark what is held, by what is known of it now."""
        self._parts.marks.want(self._positions.router.portfolio.by_key.values())

    def _take_pairs(self, positions: Sequence[Position]) -> None:
        active = map(self._lines.contracts.book.named, self._lines.streamer.active.wanted)
        contracts = (*(position.contract for position in positions), *active)
        self._lines.rates.take_pairs(positions, contracts, self._outbox.quotes.newest)

    def _request_details(self) -> None:
        """Request the details that are missing: of active contracts first."""
        claims = self._lines.streamer.active.wanted
        if self._lines.streamer.may_look_up:
            self._lines.contracts.want(
                (
                    *sorted(claims, key=lambda con_id: claims[con_id].priority),
                    *self._lines.watch.con_ids,
                    *self._parts.marks.underlyings,
                    *(con_id for _, con_id in self._positions.router.portfolio.by_key),
                )
            )

    def _drop_quotes(self) -> None:
        """Keep quotes of what is held, whether answers list it or not, of what that follows, or
        that is wanted.
        """
        if not self._positions.holdings.taken:
            return
        held = {con_id for _, con_id in self._positions.router.portfolio.by_key}
        wanted = {*self._lines.streamer.active.wanted, *self._lines.watch.con_ids}
        self._outbox.quotes.keep(wanted.union(held, self._parts.marks.underlyings), held)

    def _not_held(self, quote: Quote) -> tuple[Position, ...]:
        """Return the position of a contract that is active and not held.

        While positions of an account are not known there is none: unknown is not quantity 0.
        """
        if not self._lines.streamer.may_look_up or self._positions.holdings.unknown:
            return ()
        return (not_held(self._lines.contracts.book.named(quote.con_id), quote.observed_at),)
