"""Bare ib_async through a day: some contracts streamed, all others quoted, positions polled.

    python -m benchmarks.baselines.day_client PORT CLIENT_ID CONTROL_PORT

Takes commands as JSON lines on its control port once it is connected: `open` and `close` with
`con_ids`, and `poll`. Connects again whenever it was cut off. Ends when it is told to.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections import Counter
from contextlib import suppress

import ib_async

#: Snapshots asked for at once: as many as keep up with 45 messages a second, which the library
#: sends at most, when each takes a quarter of a second.
AT_ONCE = 12
#: TWS ends a snapshot after 11 s; then the library waits without end.
TIMEOUT_S = 12.0
#: TWS frees a client id within this after a connection was cut, seconds.
RECONNECT_S = 1.5
#: Look this often whether there is something to do again, seconds.
IDLE_S = 0.1


class DayClient:
    """Do what the library's user would write: requests, and what is to be streamed."""

    def __init__(self, port: int, client_id: int) -> None:
        self._address = ("127.0.0.1", port, client_id)
        self._ib = ib_async.IB()
        #: How many strategies want each contract.
        self._wanted: Counter[int] = Counter()
        self._contracts: dict[int, ib_async.Contract] = {}
        self._turn = asyncio.Lock()
        self._polls: set[asyncio.Task[None]] = set()

    async def connect(self) -> None:
        """Connect, and stream what is wanted."""
        await self._ib.connectAsync(*self._address)
        for contract in [position.contract for position in self._ib.positions()]:
            if contract.conId in self._contracts:
                continue
            # A position does not name its contract's exchange, and TWS requires it.
            if contract.secType in ("STK", "OPT"):
                contract.exchange = "SMART"
            else:
                await self._ib.qualifyContractsAsync(contract)
            self._contracts[contract.conId] = contract
        for con_id in self._wanted:
            self._ib.reqMktData(self._contracts[con_id])

    async def stay_connected(self) -> None:
        """Connect again after each cut, until stopped."""
        while True:
            await asyncio.sleep(IDLE_S)
            if not self._ib.isConnected():
                await asyncio.sleep(RECONNECT_S)
                with suppress(OSError, TimeoutError):
                    await self.connect()

    async def quote_the_rest(self) -> None:
        """Take snapshots of what is not streamed, a few at once, round and round."""
        while True:
            rest = [one for con_id, one in self._contracts.items() if con_id not in self._wanted]
            for start in range(0, len(rest), AT_ONCE):
                if not self._ib.isConnected():
                    break
                quotes = self._ib.reqTickersAsync(*rest[start : start + AT_ONCE])
                with suppress(OSError, TimeoutError):
                    await asyncio.wait_for(quotes, TIMEOUT_S)
            await asyncio.sleep(IDLE_S)

    async def poll(self) -> None:
        """Ask for all positions, one request after another: a second takes the first's answer."""
        async with self._turn:
            if self._ib.isConnected():
                with suppress(OSError, TimeoutError):
                    await asyncio.wait_for(self._ib.reqPositionsAsync(), TIMEOUT_S)

    def dispatch(self, command: dict[str, object]) -> None:
        """Run one command, or begin it."""
        con_ids = command.get("con_ids")
        match command["do"], con_ids:
            case "open", list():
                for con_id in con_ids:
                    self._wanted[con_id] += 1
                    if self._wanted[con_id] == 1 and self._ib.isConnected():
                        self._ib.reqMktData(self._contracts[con_id])
            case "close", list():
                for con_id in con_ids:
                    self._wanted[con_id] -= 1
                    if not self._wanted[con_id]:
                        del self._wanted[con_id]
                        if self._ib.isConnected():
                            self._ib.cancelMktData(self._contracts[con_id])
            case "poll", _:
                task = asyncio.create_task(self.poll())
                self._polls.add(task)
                task.add_done_callback(self._polls.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Run each line's command, and print that it is done."""
        with suppress(OSError):
            while line := await reader.readline():
                self.dispatch(json.loads(line))
                writer.write(b'{"ok": true}\n')
        writer.close()


async def live(port: int, client_id: int, control_port: int) -> None:
    """Connect and go on until stopped."""
    client = DayClient(port, client_id)
    for left in itertools.count(10, -1):
        try:
            await client.connect()
            break
        except (OSError, TimeoutError):
            if not left:
                raise
            await asyncio.sleep(RECONNECT_S)
    server = await asyncio.start_server(client.serve, "127.0.0.1", control_port)
    async with server, asyncio.TaskGroup() as group:
        group.create_task(client.stay_connected())
        group.create_task(client.quote_the_rest())


if __name__ == "__main__":
    asyncio.run(live(*(int(word) for word in sys.argv[1:4])))
