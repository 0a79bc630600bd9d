"""Who holds a market data line. All clients share the allowance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from tws_simulator.services.market_data.ledger import EventKind, LedgerEvent, Sink

#: A line belongs to a request: its client's id and its own.
LineKey: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Line:
    con_id: int
    counted: bool


class Lines:
    """Count lines, refuse those over the limit, and write the ledger."""

    def __init__(self, limit: int, *, snapshots_count: bool, sink: Sink, run: str) -> None:
        #: Lines that the account has. Lowering it takes no line away.
        self.granted = limit
        #: Lines that other subscriptions cost.
        self.taken = 0
        self._snapshots_count = snapshots_count
        self._sink = sink
        self._run = run
        self._open: dict[LineKey, _Line] = {}
        self._held = 0

    @property
    def limit(self) -> int:
        """Return how many lines may be held."""
        return max(self.granted - self.taken, 0)

    @property
    def held(self) -> int:
        """Return how many lines are held."""
        return self._held

    def open(self, key: LineKey, con_id: int, now: float, *, snapshot: bool) -> bool:
        """Take a line; False, and a `reject` in the ledger, when there is none."""
        counted = self._snapshots_count or not snapshot
        if counted and self._held >= self.limit:
            self.reject(key, con_id, now)
            return False
        self._open[key] = _Line(con_id, counted)
        self._held += counted
        self._write("snapshot" if snapshot else "open", key, con_id, now)
        return True

    def reject(self, key: LineKey, con_id: int, now: float) -> None:
        """Note a market data request that was refused."""
        self._write("reject", key, con_id, now)

    def close(self, key: LineKey, now: float, why: Literal["cancel", "end"]) -> None:
        """Release a line."""
        line = self._open.pop(key)
        self._held -= line.counted
        self._write(why, key, line.con_id, now)

    def _write(self, event: EventKind, key: LineKey, con_id: int, now: float) -> None:
        client_id, req_id = key
        self._sink(
            LedgerEvent(
                t=round(now, 6),
                client_id=client_id,
                event=event,
                req_id=req_id,
                con_id=con_id,
                held=self._held,
                limit=self.limit,
                run=self._run,
            )
        )
