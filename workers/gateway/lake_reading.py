"""The process that reads the lake for a gateway: it answers questions until its input ends.

What opens Delta tables takes more memory than the gateway itself, and is needed for moments.
"""

from __future__ import annotations

import signal
import sys
from datetime import UTC, datetime
from functools import lru_cache
from typing import BinaryIO

from slotwise.errors import LakeAbsentError, LakeError
from slotwise.lake.book import book, still_held
from slotwise.lake.contracts import kept_contracts
from slotwise.lake.openings import openings_of_day
from slotwise.lake.past_quotes import last_quotes
from slotwise.lake.registry_store import DeltaRegistryStore
from slotwise.lake.store import Lake
from slotwise.logs import configure_logging
from slotwise.rules.registry_changes import RegistryState
from workers.gateway.lake_questions import (
    LENGTH,
    LOG_ACCOUNTS,
    LOG_JSON,
    Answer,
    BookRead,
    ContractsRead,
    OpeningsRead,
    Question,
    QuotesRead,
    Refused,
    RegistryRead,
    packed,
    questions,
)


def main() -> None:
    """Answer on standard output what is asked on standard input."""
    # The gateway ends it, by the end of the input.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # The gateway's settings, which it has checked and named what is wrong with them.
    configure_logging(json=LOG_JSON in sys.argv, whole_accounts=LOG_ACCOUNTS in sys.argv)
    serve(sys.stdin.buffer, sys.stdout.buffer)


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer questions until there are no more."""
    while head := incoming.read(LENGTH):
        question = questions.decode(incoming.read(int.from_bytes(head, "big")))
        outgoing.write(packed(answer(question)))
        outgoing.flush()


def answer(question: Question) -> Answer:
    """Read what is asked for."""
    lake = _lake(question.address, question.expected)
    try:
        match question.what:
            case "registry":
                return _registry(lake, question)
            case "book":
                return BookRead(tuple(still_held(book(lake))))
            case "contracts":
                return ContractsRead(tuple(kept_contracts(lake)))
            case "quotes":
                return QuotesRead(last_quotes(lake))
            case "openings":
                return _openings(lake, question.at or datetime.now(UTC))
    except LakeError as error:
        return Refused(isinstance(error, LakeAbsentError), str(error))


def _registry(lake: Lake, question: Question) -> RegistryRead:
    known = RegistryState(question.lake, 0, question.version)
    found = DeltaRegistryStore(lake).read(known)
    if found is known:
        return RegistryRead(True)
    return RegistryRead(False, found.lake, found.number, found.version, found.rows)


def _openings(lake: Lake, at: datetime) -> OpeningsRead:
    found = openings_of_day(lake, at)
    return OpeningsRead(found.known, found.begun, tuple(found.held.items()))


@lru_cache(maxsize=2)
def _lake(address: str, expected: str | None) -> Lake:
    return Lake(address, lambda: expected)
