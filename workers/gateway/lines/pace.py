"""LinePace: when the next line may be asked for, and for which contract."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from functools import partial

from slotwise.errors import BrokerError
from workers.gateway.broker import Broker
from workers.gateway.lines.table import LineTable


class LinePace:
    """Wait for what TWS has not answered yet, and for messages."""

    def __init__(
        self,
        broker: Broker,
        table: LineTable,
        step: Callable[[], None],
        *,
        clock: Callable[[], float],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        self._broker = broker
        self._table = table
        self._step = step
        self._clock = clock
        self._later = later
        #: When the next step is due that is only waited for, seconds of the clock.
        self._due_at = 0.0

    def wait_s(self, used: int, messages: int = 1) -> float:
        """Return how long the next line has to wait: for its gate, or for its messages.

        What waits in ib_async's queue cannot be taken back when the line before it is refused.
        """
        now, gate = self._clock(), self._table.gate
        # Where every line is in use, a quote is about to give one back.
        used = min(used, self._table.limit - 1)
        message_s = self._broker.messages.line_at(now, messages) - now
        if message_s <= 0 and gate.needs_mark(used, now):
            gate.marked(now)
            # A connection that went in this very moment is about to be reported.
            with contextlib.suppress(BrokerError):
                self._broker.mark(partial(self._read_until, now))
        return max(gate.line_wait_s(used, now), message_s)

    def come_back(self, wait_s: float) -> None:
        """Step again after a while, once, however often it is asked for."""
        now = self._clock()
        if not now < self._due_at <= now + wait_s:
            self._due_at = now + wait_s
            self._later(wait_s, self._step)

    def _read_until(self, at: float) -> None:
        self._table.gate.read(at)
        self._step()
