"""The gateway: one asyncio process that owns the one IB connection and every line.

    session   keeps the connection              poller    asks for positions
    streamer  opens and closes lines            watch     quotes the watchlist on idle lines
    router    active or not?                    publisher the one way to Redis

Decisions are plain functions and tables (`session/states.py`, `lines/table.py`,
`positions/routing.py`); the classes around them are thin.
`broker` is the port to IB, `ib` its only implementation.
"""

import os

# Batches are small in a gateway: a pool of Arrow's own would keep several times what they need.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
