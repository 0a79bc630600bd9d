"""The server versions that the simulator is tried at.

Every one with some effort. Else every third, the ends, and the newest ones of ib_insync and
ib_async: some hundred versions' tests less in each run.
"""

from __future__ import annotations

import os

from tests.support.effort import EFFORT
from tws_simulator.config import MAX_SERVER_VERSION, MIN_SERVER_VERSION

#: The newest versions that ib_insync and ib_async speak.
IB_INSYNC, IB_ASYNC = 176, 178
#: One of this many versions is tried without effort.
STEP = 3


def versions(newest: int = MAX_SERVER_VERSION) -> list[int]:
    """Return the versions up to the newest one that are tried in this run."""
    every = range(MIN_SERVER_VERSION, newest + 1)
    if EFFORT in os.environ:
        return list(every)
    return sorted({*every[::STEP], every[-1], *({IB_INSYNC, IB_ASYNC} & {*every})})
