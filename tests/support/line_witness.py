"""Recount lines from the simulator's ledger, and note each promise that it shows broken.

Rules:
* A contract never has two lines at once, or a line and a quote.
* A request is refused for a reason only: the limit fell, which costs one refusal and one for each
  line that is held over it; or it is one of the tries that find a higher limit, of which there is
  one in `PROBE_S`. A busy machine may let a second request out before the first refusal is in.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.gateway.lines.limit import PROBE_S

#: Requests that may be under way when the limit falls: the first, and one whose turn came while
#: the refusal was on its way.
UNDER_WAY = 2


class LineWitness:
    """Follow a ledger event by event."""

    def __init__(self, under_way: int = UNDER_WAY) -> None:
        self._under_way = under_way
        #: Contracts with a line, and those with a quote under way, by request.
        self.streams: dict[tuple[int, int], int] = {}
        self.quotes: dict[tuple[int, int], int] = {}
        #: When each line was opened, seconds of the ledger.
        self._opened_at: dict[tuple[int, int], float] = {}
        self.broken: list[str] = []
        self.opened = self.closed = self.quoted = self.rejected = self.falls = 0
        #: Refusals of tries for a higher limit.
        self.tries = 0
        #: Most lines in use at once, quotes included.
        self.peak = 0
        #: Lines that were held over the limit when it fell, all falls together.
        self.over = 0
        self._fell = False
        self._excused = 0
        self._limit = inf
        self._rejected_at = -inf

    def held(self) -> list[int]:
        """Name the contracts that have a line, each as often as it has one."""
        return sorted(self.streams.values())

    def young(self, now: float, younger_than_s: float) -> set[int]:
        """Name the contracts whose line is so young: it may be a quote in turn."""
        return {
            con_id
            for key, con_id in self.streams.items()
            if now - self._opened_at[key] < younger_than_s
        }

    def take(self, events: Iterable[LedgerEvent]) -> None:
        """Follow some more of the ledger."""
        for event in events:
            self.limit_is(event.limit)
            key = (event.client_id, event.req_id)
            if event.event in ("open", "snapshot"):
                self._began(event, key)
            elif event.event == "reject":
                self._refused(event)
            else:
                self.closed += self.streams.pop(key, None) is not None
                self.quotes.pop(key, None)
            if event.held != len(self.streams) + len(self.quotes):
                self.broken.append(f"the ledger counts {event.held} lines at {event}")

    def limit_is(self, limit: int) -> None:
        """Take note of the account's limit."""
        if limit < self._limit != inf:
            self.falls += 1
            over = max(len(self.streams) + len(self.quotes) - limit, 0)
            self.over += over
            self._fell = True
            self._excused = self._under_way + over
        self._limit = limit

    def _began(self, event: LedgerEvent, key: tuple[int, int]) -> None:
        if event.con_id in (*self.streams.values(), *self.quotes.values()):
            self.broken.append(f"contract {event.con_id} has two lines at {event}")
        if event.event == "open":
            self.streams[key] = event.con_id
            self._opened_at[key] = event.t
            self.opened += 1
        else:
            self.quotes[key] = event.con_id
            self.quoted += 1
        in_use = len(self.streams) + len(self.quotes)
        self.peak = max(self.peak, in_use)
        if in_use > event.limit:
            self.broken.append(f"{in_use} lines of {event.limit} at {event}")

    def _refused(self, event: LedgerEvent) -> None:
        since_s, self._rejected_at = event.t - self._rejected_at, event.t
        self.rejected += 1
        if not self._fell and since_s >= PROBE_S:
            self.tries += 1
        elif self._excused:
            self._excused -= 1
        else:
            self.broken.append(f"refused {since_s:.2f} s after the last, no fall explains {event}")
        self._fell = False
