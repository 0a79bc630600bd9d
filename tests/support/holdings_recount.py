"""What the simulator really held, and when, recounted from its records alone.

Reads the lines of kind `holding` of a holdings file (`--holdings`) or of a wire log. Imports
nothing of the simulator, and nothing of the product.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

#: A position: its account and contract.
Key = tuple[str, int]


@dataclass(frozen=True)
class Closing:
    """Hold when a position was really closed, unix seconds."""

    account: str
    con_id: int
    t: float


class Holdings:
    """Hold all quantities of one run, by time."""

    def __init__(self, lines: Iterable[Mapping[str, Any]] = ()) -> None:
        self._times: dict[Key, list[float]] = defaultdict(list)
        self._quantities: dict[Key, list[Decimal]] = defaultdict(list)
        for line in lines:
            self.read(line)

    def read(self, line: Mapping[str, Any]) -> None:
        """Take the next line of the record; lines of other kinds say nothing here."""
        if line["kind"] != "holding":
            return
        key = (line["account"], int(line["con_id"]))
        self._times[key].append(float(line["t"]))
        self._quantities[key].append(Decimal(line["quantity"]))

    def quantity(self, key: Key, t: float) -> Decimal:
        """Return what was held of a contract at a time; 0 for nothing."""
        at = bisect_right(self._times.get(key, ()), t)
        return self._quantities[key][at - 1] if at else Decimal(0)

    def held(self, t: float = float("inf")) -> dict[Key, Decimal]:
        """Return all that was held at a time; by default in the end."""
        found = {key: self.quantity(key, t) for key in list(self._times)}
        return {key: quantity for key, quantity in found.items() if quantity}

    def quantities(self, key: Key, since: float, until: float) -> set[Decimal]:
        """Return every quantity that was true at some instant of a span of time."""
        found = {self.quantity(key, since)}
        for t, quantity in zip(self._times.get(key, ()), self._quantities[key], strict=False):
            if since <= t <= until:
                found.add(quantity)
        return found

    def closings(self) -> list[Closing]:
        """Return every closing, in the order of their times."""
        found = [
            Closing(account, con_id, t)
            for (account, con_id), times in self._times.items()
            for t, quantity in zip(times, self._quantities[account, con_id], strict=True)
            if not quantity
        ]
        return sorted(found, key=lambda closing: closing.t)


def read_holdings(path: Path, run: str = "") -> Holdings:
    """Read a record; of the last run unless another one is named."""
    lines = list(_lines(path))
    run = run or (lines[-1]["run"] if lines else "")
    return Holdings(line for line in lines if line["run"] == run)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    for text in path.read_text().splitlines():
        yield json.loads(text)
