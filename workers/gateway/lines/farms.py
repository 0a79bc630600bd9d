"""IB's market data farms that are away, as TWS names them in its notices.

A notice ends with the farm's name, after a colon or a full stop; that is the same in every language
(recorded). Farms that feed nothing here are away as well, so this alone is no trouble.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from workers.gateway.broker import Upstream

#: The last word of a text: letters, digits, and parts after a full stop, such as `usfarm.nj`.
_NAME = re.compile(r"[:.]\s*([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)\s*$")
#: Most farms that are kept: TWS has about 20.
MOST = 100


class Farms:
    """The market data farms that are away, and since when."""

    def __init__(self) -> None:
        self._away: dict[str, datetime] = {}

    @property
    def away(self) -> Mapping[str, datetime]:
        """Return since when each farm is away."""
        return self._away

    def take(self, upstream: Upstream, text: str, at: datetime) -> None:
        """Take a notice."""
        if upstream is Upstream.BACK_EMPTY or upstream is Upstream.BACK:
            self._away.clear()
        elif upstream is Upstream.FARM_BROKEN and len(self._away) < MOST:
            self._away.setdefault(farm_in(text), at)
        elif upstream in (Upstream.FARM, Upstream.FARM_RESTS):
            self._away.pop(farm_in(text), None)

    def forget(self) -> None:
        """Start over: the connection is new, and TWS reports its farms again."""
        self._away.clear()


def farm_in(text: str) -> str:
    """Return the name of the farm that a notice ends with; empty where there is none."""
    found = _NAME.search(text)
    if found is None:
        return ""
    # After a full stop a sentence may have ended just before the name.
    name = found[1]
    return name if ":" in found[0] else name.rpartition("demand.")[2]
