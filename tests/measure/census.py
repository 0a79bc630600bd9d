"""A handler that counts what lives in the gateway's process; for `tests.measure.gateway_memory`."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from slotwise.update import PositionUpdate

#: Names the file that counts are appended to.
FILE = "SLOTWISE_CENSUS"
#: Counts are this far apart, seconds.
EVERY_S = 10.0
#: Kinds of objects that are told, the most frequent first.
KINDS = 60


class Census:
    """Append one JSON line of counts every few seconds."""

    name = "census"

    def __init__(self) -> None:
        self._path = Path(os.environ[FILE])
        self._next = time.monotonic() + EVERY_S

    def on_updates(self, updates: Sequence[PositionUpdate]) -> None:
        """Count, when it is time."""
        if time.monotonic() < self._next:
            return
        gc.collect()
        kinds = Counter(type(thing).__qualname__ for thing in gc.get_objects())
        count = {
            "objects": kinds.total(),
            "blocks": sys.getallocatedblocks(),
            "kinds": dict(kinds.most_common(KINDS)),
        }
        del kinds
        with self._path.open("a") as file:
            file.write(json.dumps(count) + "\n")
        self._next = time.monotonic() + EVERY_S
