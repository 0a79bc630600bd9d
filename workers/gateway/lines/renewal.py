"""Asking again for silent lines, one after another; `silence` chooses them.

A line that is asked for again is closed and opened at once, so it never counts twice. Each waits
for the gate and for room for two messages, like every other request.
"""

from __future__ import annotations

import structlog

from slotwise.errors import BrokerError
from slotwise.quote import Quote
from workers.gateway.broker import Broker, OnQuotes
from workers.gateway.lines.event_notes import LineNotes
from workers.gateway.lines.silence import Silence, differs, is_over
from workers.gateway.lines.table import HeldLine, LineTable

log = structlog.get_logger(__name__)


class LineRenewal:
    """Keep which lines are to be asked for again, and note what comes of it."""

    def __init__(
        self, broker: Broker, table: LineTable, notes: LineNotes, silence: Silence
    ) -> None:
        self._broker = broker
        self._table = table
        self._notes = notes
        self._silence = silence
        #: In the order in which they fell silent.
        self._waiting: dict[int, HeldLine] = {}

    def look(self, now: float) -> bool:
        """Find silent lines; return True where any waits to be asked for again."""
        lines = self._table.held.values()
        for line in lines:
            if line.probe is not None and is_over(line.probe, now):
                if not line.probe.is_answered:
                    self._was_dead(line, now)
                line.probe = None
        for line in self._silence.missed(lines, now):
            self._notes.missed(line, "silent", f"no tick for {line.staleness.silent_s(now):.1f} s")
        for line in self._silence.due(lines, now):
            self._waiting.setdefault(line.contract.con_id, line)
        return bool(self._waiting)

    def next(self, now: float) -> HeldLine | None:
        """Return the line to ask for again next; those that have ticked since are left out."""
        for con_id, line in list(self._waiting.items()):
            if self._table.held.get(con_id) is line and self._silence.is_due(line, now):
                return line
            del self._waiting[con_id]
        return None

    def renew(self, line: HeldLine, on_quotes: OnQuotes, now: float) -> None:
        """Close a line and open it again."""
        contract, silent_s = line.contract, line.staleness.silent_s(now)
        self._waiting.pop(contract.con_id, None)
        if line.probe is None and not line.stale:
            self._notes.missed(line, "silent", f"no tick for {silent_s:.1f} s")
        log.info(
            "silent line asked for again",
            contract=contract.label,
            silent_s=round(silent_s, 1),
            probe=line.probe is not None,
        )
        try:
            self._broker.close_line(contract.con_id)
            self._broker.open_line(contract, on_quotes)
        except BrokerError as error:
            log.warning("line not opened", contract=contract.label, reason=str(error))
            return
        self._table.asked_again(contract.con_id, now)
        line.staleness.asked_again(now)
        if line.probe is not None:
            line.probe.asked_at = now

    def ticked(self, line: HeldLine, quote: Quote, now: float) -> None:
        """Take a tick of a line, before its quote is replaced."""
        probe = line.probe
        if probe is not None and probe.asked_at is None:
            # It lives: nothing has to be tried any more.
            line.probe = None
        elif probe is not None:
            probe.is_answered = True
            if differs(probe.quote, quote):
                self._was_dead(line, now)
                line.probe = None
        if line.staleness.heard(now):
            self._silence.ticked(line, now)

    def _was_dead(self, line: HeldLine, now: float) -> None:
        quote = None if line.probe is None else line.probe.quote
        self._silence.found_dead(self._table.held.values(), line, now)
        if not line.stale:
            self._notes.missed(line, "silent", "it ticked no more", quote)
