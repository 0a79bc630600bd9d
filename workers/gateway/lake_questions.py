"""Questions to the process that reads the lake, and its answers, as bytes on a pipe. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from slotwise.contract import PositionKey
from slotwise.contract_details import KeptContract
from slotwise.portfolio.opening import Opening
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.rules.registry_changes import RegistryRow

#: Bytes that say how long a message is.
LENGTH = 8
#: Options of the process.
LOG_JSON, LOG_ACCOUNTS = "--log-json", "--log-accounts"

What: TypeAlias = Literal["registry", "book", "contracts", "quotes", "openings"]


class Question(msgspec.Struct, frozen=True):
    """Ask a lake; `expected` is the identity that it must have, where one is known.

    `lake` and `version` are those of the registry that is known, which is not sent again.
    """

    what: What
    address: str
    expected: str | None
    lake: str = ""
    version: int = -1
    #: The time whose day's openings are asked for.
    at: datetime | None = None


class RegistryRead(msgspec.Struct, frozen=True, tag=True):
    """Every change of the registry; no rows where what is known is still so."""

    same: bool
    lake: str = ""
    number: int = 0
    version: int = -1
    rows: tuple[RegistryRow, ...] = ()


class BookRead(msgspec.Struct, frozen=True, tag=True):
    """What is held."""

    positions: tuple[Position, ...]


class ContractsRead(msgspec.Struct, frozen=True, tag=True):
    """What is kept of contracts."""

    contracts: tuple[KeptContract, ...]


class QuotesRead(msgspec.Struct, frozen=True, tag=True):
    """The newest quotes, by contract."""

    quotes: dict[int, Quote]


class OpeningsRead(msgspec.Struct, frozen=True, tag=True):
    """What was held when a day began, as `Openings` without names and executions."""

    known: bool
    begun: bool
    held: tuple[tuple[PositionKey, Opening], ...]


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The lake cannot be read; `absent` where there is none, or another."""

    absent: bool
    reason: str


Answer: TypeAlias = RegistryRead | BookRead | ContractsRead | QuotesRead | OpeningsRead | Refused

questions = msgspec.msgpack.Decoder(Question)
answers = msgspec.msgpack.Decoder(Answer)


def packed(message: Question | Answer) -> bytes:
    """Write a message behind its length."""
    data = msgspec.msgpack.encode(message)
    return len(data).to_bytes(LENGTH, "big") + data
