"""The floor: ib_async decodes the positions, and one write lands them. Nothing can do less.

    python -m benchmarks.baselines.floor PORT CLIENT_ID FOLDER

For every line of standard input it does so once and prints a line of JSON: positions, CPU seconds
and seconds. Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import ib_async
import pyarrow as pa
from deltalake import write_deltalake


def table_of(positions: Sequence[ib_async.Position]) -> pa.Table:
    """Make a table of positions, with the columns of our own that they can fill."""
    now = datetime.now(UTC)
    contracts = [one.contract for one in positions]
    return pa.table(
        {
            "account": [one.account for one in positions],
            "con_id": [one.conId for one in contracts],
            "symbol": [one.symbol for one in contracts],
            "local_symbol": [one.localSymbol for one in contracts],
            "sec_type": [one.secType for one in contracts],
            "expiry": [one.lastTradeDateOrContractMonth for one in contracts],
            "strike": [one.strike for one in contracts],
            "right": [one.right for one in contracts],
            "multiplier": [one.multiplier for one in contracts],
            "currency": [one.currency for one in contracts],
            "exchange": [one.exchange for one in contracts],
            "quantity": [one.position for one in positions],
            "avg_cost": [one.avgCost for one in positions],
            "observed_at": pa.array([now] * len(positions), pa.timestamp("us", "UTC")),
        }
    )


async def work(port: int, client_id: int, folder: str) -> None:
    """Poll and write once for every line that comes."""
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", port, client_id, timeout=60)
    while await asyncio.to_thread(sys.stdin.readline):
        cpu, began = time.process_time(), time.monotonic()
        positions = await ib.reqPositionsAsync()
        write_deltalake(folder, table_of(positions), mode="append")
        figures = {
            "positions": len(positions),
            "cpu_s": time.process_time() - cpu,
            "seconds": time.monotonic() - began,
        }
        sys.stdout.write(json.dumps(figures) + "\n")
        sys.stdout.flush()
    ib.disconnect()


if __name__ == "__main__":
    asyncio.run(work(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
