"""Bare ib_async opens a line on request: `python -m benchmarks.baselines.one_line PORT ID`.

For every line of standard input, JSON with `con_id`, the contract's line is opened and the one
before is closed; `{"asked": true}` is printed. Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys

import ib_async


async def main(port: int, client_id: int) -> None:
    """Open one line after another."""
    ib = ib_async.IB()
    # The next comes when the one before is on the wire: nothing is to wait for its second.
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, client_id)
    known: dict[int, ib_async.Contract] = {}
    before: ib_async.Contract | None = None
    for one in await ib.qualifyContractsAsync(
        *(ib_async.Contract(conId=held.contract.conId) for held in ib.positions())
    ):
        if isinstance(one, ib_async.Contract):
            known[one.conId] = one
    sys.stdout.write(json.dumps({"contracts": sorted(known)}) + "\n")
    sys.stdout.flush()
    while line := await asyncio.to_thread(sys.stdin.readline):
        contract = known[json.loads(line)["con_id"]]
        ib.reqMktData(contract)
        if before is not None:
            ib.cancelMktData(before)
        before = contract
        sys.stdout.write(json.dumps({"asked": True}) + "\n")
        sys.stdout.flush()
    ib.disconnect()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
