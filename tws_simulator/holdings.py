"""What was really held, and since when: the truth that tests compare with what clients made of it.

A line for each position at the start and at each change, quantity 0 when it is closed, and one for
each command, so that it can be known in which mode TWS answered meanwhile.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from tws_simulator.book.position import Position
from tws_simulator.wire.fields import quantity_text

_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


@dataclass(frozen=True, slots=True)
class Holding:
    """Hold what an account has of a contract from `t` on, unix seconds; quantity as TWS writes."""

    t: float
    run: str
    kind: Literal["holding"]
    why: Literal["start", "change"]
    account: str
    con_id: int
    quantity: str
    avg_cost: str
    symbol: str
    sec_type: str
    local_symbol: str
    expiry: str

    def as_fields(self) -> dict[str, object]:
        """Return it by names."""
        return {name: getattr(self, name) for name in self.__slots__}

    def as_json(self) -> str:
        """Write it as one line."""
        return _encode(self.as_fields())


@dataclass(frozen=True, slots=True)
class Given:
    """Hold a command that was given at `t`, unix seconds."""

    t: float
    run: str
    kind: Literal["command"]
    command: object

    def as_fields(self) -> dict[str, object]:
        """Return it by names."""
        return {name: getattr(self, name) for name in self.__slots__}

    def as_json(self) -> str:
        """Write it as one line."""
        return _encode(self.as_fields())


def holding_of(held: Position, why: Literal["start", "change"], now: float, run: str) -> Holding:
    """Return what is held, as a line."""
    contract = held.contract
    return Holding(
        t=round(now, 6),
        run=run,
        kind="holding",
        why=why,
        account=held.account,
        con_id=contract.con_id,
        quantity=quantity_text(held.quantity),
        avg_cost=str(held.avg_cost),
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        local_symbol=contract.local_symbol,
        expiry=contract.expiry,
    )


def command_line(line: bytes, now: float, run: str) -> Given:
    """Return a command as a line; what is no JSON is kept as a text."""
    try:
        command = json.loads(line)
    except (ValueError, RecursionError):
        command = line.decode(errors="backslashreplace")
    return Given(t=round(now, 6), run=run, kind="command", command=command)
