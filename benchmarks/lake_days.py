"""A lake with days in it: beats landed by the product's lander, and files copied among them.

A beat is what so many contracts polled every 30 s leave: a sixth of them, each as a queue item
that is inserted in one beat, and leased and answered in the next.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa

from slotwise.contract import Contract
from slotwise.lake.arrow import to_batch
from slotwise.lake.lander import Lander
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.table import Table
from slotwise.lake.writer import TableWriter
from slotwise.position import Position
from slotwise.rules.landing import Answered, Entry, Head, Inserted, Leased, Offset
from slotwise.rules.position_queue import Attempt, Batch, NewItem
from slotwise.rules.valuation import position_row

#: The product's pace: seconds of a beat, a poll and a lease, and contracts of a batch.
BEAT_S, POLL_S, LEASE_S, BATCH = 5, 30, 20, 50
ACCOUNT = "DU1"


class MemoryStream:
    """Hold what waits for a landing, as the landing stream in Redis does."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._newest: Offset = 0

    def append(self, head: Head, rows: pa.RecordBatch | None = None) -> None:
        """Add an entry."""
        self._newest += 1
        self._entries.append(Entry(self._newest, head, rows, None))

    def read(self, after: Offset, count: int) -> list[Entry]:
        """Return entries in their order."""
        return [entry for entry in self._entries if entry.offset > after][:count]

    def drop(self, upto: Offset) -> None:
        """Drop what has landed."""
        self._entries = [entry for entry in self._entries if entry.offset > upto]

    def never_below(self, offset: Offset) -> None:
        """Continue after an offset that is in the lake."""
        self._newest = max(self._newest, offset)

    def report_landed(self, upto: Mapping[str, int]) -> None:
        """Take no note: there is no spool."""


class Beats:
    """Land beats of a portfolio, one after another."""

    def __init__(self, folder: Path, contracts: int) -> None:
        self.lake = Lake(str(folder))
        self.lake.create()
        self.contracts = contracts
        self._stream = MemoryStream()
        self._lander = Lander(self.lake, self._stream)
        self._beat = 0
        self._rows = pa.Table.from_batches(
            [to_batch([_row(con_id) for con_id in range(contracts)], POSITION_UPDATES.sent)]
        )

    def land(self, now: datetime) -> None:
        """Land one beat."""
        self._feed(now)
        self._lander.land(now)

    def restart(self) -> None:
        """Make the next beat begin as that of a lake worker that has just started."""
        self._lander.forget()

    def recall(self, now: datetime) -> int:
        """Read the queue from the lake; give what waits in it."""
        return len(Lander(self.lake, self._stream).queue(now).item_ids())

    def _feed(self, now: datetime) -> None:
        self._beat += 1
        self._stream.append(Inserted(self._items(self._beat), now))
        items, until = self._items(self._beat - 1), now + timedelta(seconds=LEASE_S)
        batches = tuple(
            Batch(f"{now:%Y%m%d}-{self._beat}-{n}", now, until, items[n : n + BATCH])
            for n in range(0, len(items) if self._beat > 1 else 0, BATCH)
        )
        if batches:
            self._stream.append(Leased((), batches, now))
        for batch in batches:
            names = pa.array([item.item_id for item in batch.items])
            observed = pa.array([now] * len(batch.items), pa.timestamp("us", "UTC"))
            taken = self._rows.take([item.con_id for item in batch.items])
            for name, values in (("item_id", names), ("observed_at", observed)):
                taken = taken.set_column(
                    taken.schema.get_field_index(name), taken.schema.field(name), values
                )
            [answer] = taken.combine_chunks().to_batches()
            attempt = Attempt(batch.batch_id, "w", now, now)
            ids = tuple(item.item_id for item in batch.items)
            self._stream.append(Answered(attempt, ids, ()), answer)

    def _items(self, beat: int) -> tuple[NewItem, ...]:
        share = max(1, self.contracts * BEAT_S // POLL_S)
        con_ids = [(beat * share + n) % self.contracts for n in range(share)]
        return tuple(NewItem(f"{beat}-{con_id}", ACCOUNT, con_id, 2) for con_id in con_ids)


def _row(con_id: int) -> object:
    position = Position(
        account=ACCOUNT,
        contract=Contract(con_id=con_id, symbol="SPY", sec_type="OPT"),
        quantity=Decimal(con_id % 9 + 1),
        avg_cost=Decimal("1.25"),
        observed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return position_row(position, None, source="batch", batch_id="b", item_id="i")


def land_rows(lake: Lake, table: Table, rows: Sequence[object], at: datetime) -> None:
    """Write rows of a table as one landing."""
    writer = TableWriter(lake, table.name)
    writer.land([to_batch(rows, table.sent)], writer.offset + 1, at)


def copy_file(table: Path, days: Sequence[date]) -> None:
    """Add a table's newest file under other names to days, in one commit of Delta's log.

    The rows are the same; what is measured is what many files cost.
    """
    log = table / "_delta_log"
    newest = max(log.glob("*.json"))
    adds = [
        action["add"]
        for line in newest.read_text().splitlines()
        if "add" in (action := json.loads(line))
    ]
    add, lines = adds[-1], []
    for number, day in enumerate(days):
        path = f"date={day}/copy-{newest.stem}-{number}.parquet"
        (table / path).parent.mkdir(exist_ok=True)
        shutil.copyfile(table / add["path"], table / path)
        copy = {**add, "path": path, "partitionValues": {"date": day.isoformat()}}
        lines.append(json.dumps({"add": copy}))
    (log / f"{int(newest.stem) + 1:020d}.json").write_text("\n".join(lines) + "\n")
