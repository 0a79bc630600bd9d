"""TwsEvents: TWS's unrequested messages, passed to the parts that they concern."""

from __future__ import annotations

from datetime import UTC, datetime

from slotwise.position import Position
from workers.gateway.broker import Refusal, Upstream
from workers.gateway.parts import Parts
from workers.gateway.session.states import Event


class TwsEvents:
    """The gateway's `BrokerListener`; runs on the event loop and does not block."""

    def __init__(self, parts: Parts) -> None:
        self._lines, self._session, self._data = parts.lines, parts.session, parts.data
        self._holdings, self._quotes = parts.positions.holdings, parts.outbox.quotes

    def on_position(self, position: Position) -> None:
        """Take a pushed position, completed by what is known of its contract."""
        self._holdings.push(self._lines.contracts.facts.complete(position))
        self._quotes.send_pushed(position)

    def on_line_answered(self, con_id: int) -> None:
        """Allow the next request; a line that waits goes before a quote."""
        self._lines.streamer.line_answered(con_id)
        self._lines.rotator.look_again()

    def on_line_refused(self, con_id: int, refusal: Refusal) -> None:
        """Pass on that a line is not held any more."""
        self._lines.streamer.line_refused(con_id, refusal)

    def on_rerouted(self, con_id: int, to_con_id: int) -> None:
        """Note that the quotes of a contract come from another one."""
        self._lines.contracts.book.rerouted(con_id, to_con_id)

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        """Pass on that TWS lost IB, a farm or its data, or found it again."""
        self._data.take(upstream, reason, datetime.now(UTC))
        self._lines.streamer.on_upstream(upstream, reason)
        self._session.on_upstream(upstream, reason)
        if upstream in (Upstream.BACK, Upstream.BACK_EMPTY, Upstream.FARM):
            self._lines.rotator.ask_silent_again()

    def on_disconnected(self, reason: str) -> None:
        """Pass on that the connection is gone."""
        self._session.on(Event.DROPPED, reason)
