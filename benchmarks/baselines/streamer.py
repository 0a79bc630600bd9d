"""Bare ib_async: stream every position with one handler, as its documentation shows.

    python -m benchmarks.baselines.streamer PORT CLIENT_ID FOLDER

Ends when it is told to. FOLDER takes the times of arrival.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path

import ib_async

from benchmarks.arrivals import Arrivals


async def stream(port: int, client_id: int, folder: Path) -> None:
    """Ask for every position's line and note what comes, until stopped."""
    arrivals = Arrivals(folder)

    def on_tickers(tickers: Iterable[ib_async.Ticker]) -> None:
        arrivals.note(ticker.bid for ticker in tickers if ticker.bid == ticker.bid)

    ib = ib_async.IB()
    # The simulator of a benchmark has no limit of messages.
    ib.client.MaxRequests = 0
    await ib.connectAsync("127.0.0.1", port, client_id)
    ib.pendingTickersEvent += on_tickers
    # A position does not name its contract's exchange, and TWS requires it.
    contracts = [ib_async.Contract(conId=one.contract.conId) for one in ib.positions()]
    for contract in await ib.qualifyContractsAsync(*contracts):
        if isinstance(contract, ib_async.Contract):
            ib.reqMktData(contract)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(stream(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
