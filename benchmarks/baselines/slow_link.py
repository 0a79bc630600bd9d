"""A link to another machine: `python -m benchmarks.baselines.slow_link PORT DELAY_S`.

Passes on what comes to a port of its own, each packet so much later in each direction, and prints
its port as JSON. Ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys

#: Bytes of one reading.
PIECE = 256 * 1024


async def main(port: int, delay_s: float) -> None:
    """Pass on until the standard input ends."""

    async def join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(
            _pass_on(reader, far_writer, delay_s), _pass_on(far_reader, writer, delay_s)
        )

    server = await asyncio.start_server(join, "127.0.0.1", 0)
    own_port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"port": own_port}) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
) -> None:
    loop = asyncio.get_running_loop()
    try:
        while data := await reader.read(PIECE):
            loop.call_later(delay_s, writer.write, data)
    except OSError:
        pass  # the other side is gone, and so is this one
    loop.call_later(delay_s, writer.close)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
