"""How fresh the lake is: the newest rows of position_updates, read from the table's own log."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Rows observed further ahead are of a clock that was stepped, and say nothing of now.
AHEAD = timedelta(seconds=5)
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
        #: The same of the streamed rows of each contract.
        self.streamed: dict[int, datetime] = {}

    def read(self) -> None:
        """Read the commits that are new."""
        self._look()
        while (log := self._table / "_delta_log" / f"{self._next:020}.json").exists():
            try:
                lines = log.read_text().splitlines()
            except FileNotFoundError:
                return  # The lake was taken away just now.
            self._next += 1
            self.commits += 1
            for line in lines:
                action = json.loads(line)
                if "add" in action:
                    self._add(self._table / unquote(action["add"]["path"]))

    def since(self, moment: datetime) -> bool:
        """Return True where the lake has a newer streamed row and a newer polled row."""
        self.read()
        return all(newest > moment for newest in self.newest.values())

    def _add(self, file: Path) -> None:
        # A file that a compaction has replaced meanwhile holds nothing new.
        with suppress(FileNotFoundError):
            columns = ["source", "observed_at", "con_id"]
            rows = pq.read_table(file, columns=columns, partitioning=None)
            true = pc.less(rows["observed_at"], pa.scalar(datetime.now(UTC) + AHEAD))
            rows = rows.filter(true)
            for source in self.newest:
                observed = rows.filter(pc.equal(rows["source"], pa.scalar(source)))["observed_at"]
                newest = pc.max(observed).as_py()
                if newest is not None:
                    self.newest[source] = max(self.newest[source], newest)
            streams = rows.filter(pc.equal(rows["source"], pa.scalar("stream")))
            newest_of = streams.group_by("con_id").aggregate([("observed_at", "max")])
            for row in newest_of.to_pylist():
                at = max(self.streamed.get(row["con_id"], LONG_AGO), row["observed_at_max"])
                self.streamed[row["con_id"]] = at
