"""A session of ib_insync, run as a program of its own: it patches asyncio when it is used.

Prints what it saw as one JSON object. Usage: python -m ... PORT
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

asyncio.set_event_loop(asyncio.new_event_loop())

from ib_insync import IB, Contract, Stock  # noqa: E402  # it wants a loop when it is imported


async def session(port: int) -> dict[str, Any]:
    """Use what a small trading program uses."""
    ib, errors = IB(), []
    ib.errorEvent += lambda req_id, code, text, contract: errors.append(code)
    await ib.connectAsync("127.0.0.1", port, clientId=3, timeout=30)
    [details] = await ib.reqContractDetailsAsync(Stock("SPY", "SMART", "USD"))
    spy = details.contract
    assert spy is not None
    [ticker] = await ib.reqTickersAsync(spy)
    bars = await ib.reqHistoricalDataAsync(
        spy, "", "300 S", "1 min", "TRADES", useRTH=False, formatDate=2
    )
    stream = ib.reqMktData(spy, "", False, False)
    while not stream.bid > 0:
        await stream.updateEvent
    refused: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    ib.errorEvent += lambda *error: None if refused.done() else refused.set_result(None)
    ib.reqMktData(Contract(conId=320227571, exchange="SMART"), "", False, False)
    await refused
    seen = {
        "version": ib.client.serverVersion(),
        "accounts": ib.managedAccounts(),
        "positions": len(ib.positions()),
        "portfolio": len(ib.portfolio()),
        "values": len(ib.accountValues()),
        "con_id": spy.conId,
        "last": ticker.last,
        "bars": len(bars),
        "bid": stream.bid,
        "ask": stream.ask,
        "errors": [code for code in errors if code < 2000],
        "current_time": (await ib.reqCurrentTimeAsync()).timestamp(),
    }
    ib.disconnect()
    return seen


if __name__ == "__main__":
    loop = asyncio.get_event_loop_policy().get_event_loop()
    found = loop.run_until_complete(asyncio.wait_for(session(int(sys.argv[1])), 60))
    sys.stdout.write(json.dumps(found))
