"""Lines as the simulator's ledger has them, followed while it grows."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path


class Lines:
    """The contract that streams under each request, and a count of what must not be."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._place = 0
        self._run, self._killed = "", "none"
        #: Contract by client and request, of streams and of short quotes.
        self._streams: dict[tuple[int, int], int] = {}
        self._quotes: set[tuple[int, int]] = set()
        self.streams_at_once = 0
        self.too_many = self.rejected = self.miscounted = self.events = 0

    @property
    def streamed(self) -> list[int]:
        """List the contracts that stream, one for each line."""
        return [] if self._run == self._killed else sorted(self._streams.values())

    def forget(self) -> None:
        """Count no line of a simulator that is killed now: it cannot write their ends."""
        self.read()
        self._killed = self._run

    def read(self) -> None:
        """Read what is new."""
        if not self._ledger.exists():
            return
        with self._ledger.open("rb") as ledger:
            ledger.seek(self._place)
            for line in ledger:
                if not line.endswith(b"\n"):
                    break
                self._place += len(line)
                with suppress(ValueError):
                    self._add(json.loads(line))

    def _add(self, event: dict[str, int | str]) -> None:
        if event["run"] != self._run:
            self._run = str(event["run"])
            self._streams.clear()
            self._quotes.clear()
        self.events += 1
        line = (int(event["client_id"]), int(event["req_id"]))
        kind, held, limit = event["event"], int(event["held"]), int(event["limit"])
        if kind == "reject":
            self.rejected += 1
        else:
            self._streams.pop(line, None)
            self._quotes.discard(line)
        if kind == "open":
            self._streams[line] = int(event["con_id"])
        if kind == "snapshot":
            self._quotes.add(line)
        # A limit that has fallen leaves what is open: only what is opened then is too much.
        self.too_many += kind in ("open", "snapshot") and held > limit
        self.miscounted += held != len(self._streams) + len(self._quotes)
        self.streams_at_once = max(self.streams_at_once, len(self._streams))
