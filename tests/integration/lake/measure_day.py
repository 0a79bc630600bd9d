"""A day of beats in a few minutes: python -m tests.integration.lake.measure_day [--beats 17280].

The real lander on a real lake, fed from memory with what `--contracts` polled every 30 seconds
leave: a sixth of them each beat, each as a queue item that is inserted in one beat, and leased and
answered in the next, so with two rows in the queue and one in the positions.
Maintenance runs at its interval of simulated time. Log entries and removed files are kept for the
real time that stands for the simulated hour of the product.

Exit status 1 where a promise is broken: p99 of the last hour's commits at most 1.5 times that of
the first, 200 live files a table, two seconds to start.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from slotwise.lake import store
from slotwise.lake.arrow import to_batch
from slotwise.lake.lander import Lander
from slotwise.lake.maintenance import maintain, table_state
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.rules.landing import Answered, Inserted, Leased
from slotwise.rules.position_queue import Attempt, Batch, NewItem
from slotwise.rules.valuation import position_row
from tests.support.memory_stream import MemoryStream
from tests.support.values import ACCOUNT, position

BEAT_S, POLL_S, LEASE_S, BATCH = 5, 30, 20, 50
#: Beats of an hour, and between two maintenances.
HOUR, MAINTAINED = 3600 // BEAT_S, 300 // BEAT_S
#: The promises: ratio of p99, live files of a table, seconds of a start.
MOST_RATIO, MOST_FILES, MOST_START_S = 1.5, 200, 2.0


def main() -> None:
    """Run the day, print the figures, and say whether a promise was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beats", type=int, default=17_280)
    parser.add_argument("--contracts", type=int, default=10_000)
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="slotwise-day-"))
    try:
        figures = run(folder, given.beats, given.contracts)
    finally:
        shutil.rmtree(folder)
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    sys.exit(1 if figures["broken"] else 0)


def run(folder: Path, beats: int, contracts: int) -> dict[str, object]:
    """Land a day and return the figures."""
    keep_for = f"interval {max(10, beats // 60)} seconds"
    store.PROPERTIES["delta.logRetentionDuration"] = keep_for
    store.PROPERTIES["delta.deletedFileRetentionDuration"] = keep_for
    lake, stream = Lake(str(folder / "lake")), MemoryStream()
    lander = Lander(lake, stream)
    now = datetime(2026, 6, 1, tzinfo=UTC)
    share = contracts * BEAT_S // POLL_S
    rows = pa.Table.from_batches([_rows(contracts)])
    seconds: list[float] = []
    worst_files = 0
    began = time.monotonic()
    for beat in range(beats):
        _feed(stream, rows, beat, share, contracts, now)
        started = time.perf_counter()
        lander.land(now)
        seconds.append(time.perf_counter() - started)
        stream.history.clear()
        if beat % MAINTAINED == MAINTAINED - 1:
            worst_files = max(worst_files, *(table_state(lake, n).files for n in TABLES))
            maintain(lake, now.date())
            _say(beat, seconds, worst_files)
        now += timedelta(seconds=BEAT_S)
    started = time.perf_counter()
    Lander(lake, stream).queue(now)
    start_s = time.perf_counter() - started
    span = min(HOUR, max(1, beats // 4))
    first, last = _p99(seconds[:span]), _p99(seconds[-span:])
    states = [table_state(lake, name) for name in TABLES]
    return {
        "beats": beats,
        "contracts": contracts,
        "rows_a_beat": share,
        "real_s": round(time.monotonic() - began),
        "compared_beats": span,
        "commit_ms_p50": [
            _ms(statistics.median(seconds[:span])),
            _ms(statistics.median(seconds[-span:])),
        ],
        "commit_ms_p99": [_ms(first), _ms(last)],
        "p99_ratio": round(last / first, 2),
        "most_files": worst_files,
        "start_s": round(start_s, 2),
        "tables": {
            s.table: {"rows": s.rows, "files": s.files, "mb": round(s.bytes / 1e6, 1)}
            for s in states
        },
        "broken": [
            *(["the last hour's commits are slower"] if last > MOST_RATIO * first else []),
            *(["too many files"] if worst_files > MOST_FILES else []),
            *(["the start takes too long"] if start_s > MOST_START_S else []),
        ],
    }


TABLES = ("position_updates", "position_queue")


def _rows(contracts: int) -> pa.RecordBatch:
    values = [
        position_row(position(con_id), None, source="batch", batch_id="b", item_id="i")
        for con_id in range(contracts)
    ]
    return to_batch(values, POSITION_UPDATES.sent)


def _items(beat: int, share: int, contracts: int) -> tuple[NewItem, ...]:
    first = beat * share % contracts
    return tuple(
        NewItem(f"{beat}-{(first + n) % contracts}", ACCOUNT, (first + n) % contracts, 2)
        for n in range(share)
    )


def _feed(
    stream: MemoryStream, rows: pa.Table, beat: int, share: int, contracts: int, now: datetime
) -> None:
    """Lease and answer what was inserted a beat before, and insert the next."""
    stream.append(Inserted(_items(beat, share, contracts), now))
    items = _items(beat - 1, share, contracts)
    until = now + timedelta(seconds=LEASE_S)
    batches = tuple(
        Batch(f"{beat}-{start}", now, until, items[start : start + BATCH])
        for start in range(0, len(items), BATCH)
    )
    stream.append(Leased((), batches, now))
    field = POSITION_UPDATES.sent.field("item_id")
    place = POSITION_UPDATES.sent.get_field_index("item_id")
    for batch in batches:
        names = pa.array([item.item_id for item in batch.items])
        taken = rows.take([item.con_id for item in batch.items])
        [answer] = taken.set_column(place, field, names).combine_chunks().to_batches()
        attempt = Attempt(batch.batch_id, "w", now, now)
        stream.append(Answered(attempt, tuple(i.item_id for i in batch.items), ()), answer)


def _p99(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.99)]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _say(beat: int, seconds: list[float], files: int) -> None:
    if (beat + 1) % (10 * MAINTAINED) == 0:
        recent = statistics.median(seconds[-MAINTAINED:])
        sys.stderr.write(f"{beat + 1} beats, {_ms(recent)} ms a landing, at most {files} files\n")


if __name__ == "__main__":
    main()
