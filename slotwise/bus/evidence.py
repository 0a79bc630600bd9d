"""Evidence asked of the gateway, and its answer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, EvidenceAsked
from slotwise.bus.replies import Answers
from slotwise.reconciliation.evidence import Evidence

#: Contracts named in one question at most; the gateway looks up fewer.
NAMED = 200


class EvidenceBoard:
    """Questions to the gateway for the broker's data."""

    def __init__(self, bus: Bus) -> None:
        self._commands = Commands(bus)
        self._answers = Answers(bus)

    def ask(self, con_ids: Sequence[int], timeout_s: float) -> Evidence | None:
        """Ask about contracts, the most doubtful first; None when no answer comes in time."""
        question = secrets.token_hex(8)
        self._commands.send(EvidenceAsked(question, tuple(con_ids[:NAMED])))
        return self._answers.wait(question, Evidence, timeout_s)
