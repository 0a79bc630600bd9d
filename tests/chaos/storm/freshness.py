"""How fresh the lake is: the newest rows of position_updates, read from the table's own log."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Freshness:
    """Follow the commits of one table, and know when its newest rows were observed."""

    def __init__(self, lake: Path, look: Callable[[], None] = lambda: None) -> None:
        self._look = look
        self._table = lake / "position_updates"
        self._next = 0
        self.commits = 0
        #: When the newest row was observed, by its source: stream or batch.
        self.newest = {"stream": LONG_AGO, "batch": LONG_AGO}

    def read(self) -> None:
        """Read the commits that are new."""
        self._look()
        while (log := self._table / "_delta_log" / f"{self._next:020}.json").exists():
            self._next += 1
            self.commits += 1
            for line in log.read_text().splitlines():
                action = json.loads(line)
                if "add" in action:
                    self._add(self._table / unquote(action["add"]["path"]))

    def since(self, moment: datetime) -> bool:
        """Tell whether a streamed and a polled row are in the lake that are newer."""
        self.read()
        return all(newest > moment for newest in self.newest.values())

    def _add(self, file: Path) -> None:
        # A file that a compaction has replaced meanwhile holds nothing new.
        with suppress(FileNotFoundError):
            rows = pq.read_table(file, columns=["source", "observed_at"], partitioning=None)
            for source in self.newest:
                observed = rows.filter(pc.equal(rows["source"], pa.scalar(source)))["observed_at"]
                newest = pc.max(observed).as_py()
                if newest is not None:
                    self.newest[source] = max(self.newest[source], newest)
