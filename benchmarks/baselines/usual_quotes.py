"""The usual way to quote many contracts: snapshots in batches, all waited for, then the next.

    python -m benchmarks.baselines.usual_quotes PORT CLIENT_ID STREAMED BATCH

The first STREAMED holdings get a line each, as they would; the others are quoted by ib_async's
`reqTickersAsync`, BATCH at a time, again and again. Ends when it is told to.
"""

from __future__ import annotations

import asyncio
import sys

import ib_async


async def main(port: int, client_id: int, streamed: int, batch: int) -> None:
    """Quote until stopped, with ib_async's own limit of messages."""
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", port, client_id)
    held = [ib_async.Contract(conId=one.contract.conId) for one in ib.positions()]
    known = [
        one for one in await ib.qualifyContractsAsync(*held) if isinstance(one, ib_async.Contract)
    ]
    for contract in known[:streamed]:
        ib.reqMktData(contract)
    others = known[streamed:]
    while True:
        for start in range(0, len(others), batch):
            await ib.reqTickersAsync(*others[start : start + batch])


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
