"""The user's document taken by the letter: one daemon, and every change of state is a MERGE.

    python -m benchmarks.baselines.literal PORT CLIENT_ID FOLDER BATCHES

The queue is a Delta table. Contracts are inserted; of each batch of 50 the rows are merged to
`processing`, all positions are polled, the batch's rows are written, and its rows are merged to
`done`. For every line of standard input BATCHES batches are done, and a line of JSON is printed:
batches done and in all, CPU seconds and seconds, of the batches and of the insertion.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import ib_async
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from benchmarks.baselines.floor import table_of

#: Contracts in one batch, by the document.
BATCH = 50


def _change(folder: Path, con_ids: list[int], state: str) -> None:
    rows = pa.table({"con_id": con_ids, "state": [state] * len(con_ids)})
    merge = DeltaTable(str(folder / "queue")).merge(
        rows, "t.con_id = s.con_id", source_alias="s", target_alias="t"
    )
    merge.when_matched_update_all().when_not_matched_insert_all().execute()


async def _batch(ib: ib_async.IB, folder: Path, con_ids: list[int]) -> None:
    _change(folder, con_ids, "processing")
    wanted = set(con_ids)
    positions = [p for p in await ib.reqPositionsAsync() if p.contract.conId in wanted]
    write_deltalake(str(folder / "updates"), table_of(positions), mode="append")
    _change(folder, con_ids, "done")


async def work(port: int, client_id: int, folder: Path, batches: int) -> None:
    """Insert what is held, and do some of its batches, for every line that comes."""
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", port, client_id, timeout=60)
    con_ids = [one.contract.conId for one in ib.positions()]
    none = pa.table({"con_id": pa.array([], pa.int64()), "state": pa.array([], pa.string())})
    write_deltalake(str(folder / "queue"), none)
    while await asyncio.to_thread(sys.stdin.readline):
        cpu, began = time.process_time(), time.monotonic()
        _change(folder, con_ids, "pending")
        inserted = {"insert_cpu_s": time.process_time() - cpu, "insert_s": time.monotonic() - began}
        cpu, began = time.process_time(), time.monotonic()
        parts = [con_ids[n : n + BATCH] for n in range(0, len(con_ids), BATCH)]
        for part in parts[:batches]:
            await _batch(ib, folder, part)
        figures = {
            "done": len(parts[:batches]),
            "batches": len(parts),
            "cpu_s": time.process_time() - cpu,
            "seconds": time.monotonic() - began,
            **inserted,
        }
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
    ib.disconnect()


if __name__ == "__main__":
    given = sys.argv
    asyncio.run(work(int(given[1]), int(given[2]), Path(given[3]), int(given[4])))
