"""The ledger: every market data event, as the simulator saw it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal, TypeAlias

EventKind: TypeAlias = Literal["open", "snapshot", "cancel", "end", "reject"]


@dataclass(frozen=True, slots=True)
class LedgerEvent:
    """Hold one event; `t` is unix seconds, `held` counts lines after it, `run` names a start."""

    t: float
    client_id: int
    event: EventKind
    req_id: int
    con_id: int
    held: int
    limit: int
    run: str

    def as_json(self) -> str:
        """Write the event as one line."""
        return json.dumps(asdict(self), separators=(",", ":"))


#: Takes events as they happen.
Sink = Callable[[LedgerEvent], None]
