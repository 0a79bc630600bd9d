"""Which active contracts are seen, as handlers receive it; the line ledger is the source.

Rules:
* A contract is unseen from the time that the ledger gives to `waits`, `lost`, `silent`, `refused`
  or `gave_way`, until `first_tick` or `returned`.
* One whose line was opened has `STARTS_S` for its first tick; then it is unseen since its opening.
* A contract that is not wanted any more is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from slotwise.contract import Contract
from slotwise.rules.data_gaps import LineEventName
from slotwise.sighting import ContractSeen, ContractUnseen

#: A line has this long for its first tick before its contract is called unseen, seconds: recorded
#: streams took 0.14 s, and a farm that is connected on demand takes a few seconds.
STARTS_S = 5.0

Sighting: TypeAlias = ContractSeen | ContractUnseen


@dataclass(slots=True)
class _Missing:
    contract: Contract
    since: datetime
    reason: str
    #: Whether handlers have received it.
    is_passed_on: bool


class Sightings:
    """Turn events of the ledger into changes of what is seen."""

    def __init__(self, pass_on: Callable[[Sighting], None]) -> None:
        self._pass_on = pass_on
        self._missing: dict[int, _Missing] = {}

    def note(self, contract: Contract, event: LineEventName, reason: str, at: datetime) -> None:
        """Take an event of the ledger."""
        con_id = contract.con_id
        match event:
            case "first_tick" | "returned":
                missing = self._missing.pop(con_id, None)
                if missing is not None and missing.is_passed_on:
                    self._pass_on(
                        ContractSeen(contract=contract, unseen_since=missing.since, at=at)
                    )
            case "closed":
                self._missing.pop(con_id, None)
            case "opened":
                self._missing.setdefault(
                    con_id, _Missing(contract, at, "no tick has come yet", is_passed_on=False)
                )
            case _:
                missing = self._missing.setdefault(
                    con_id, _Missing(contract, at, reason, is_passed_on=False)
                )
                missing.reason = reason
                self._call_unseen(missing)

    def look(self, now: datetime) -> None:
        """Call those unseen whose first tick is late."""
        for missing in self._missing.values():
            if now - missing.since >= timedelta(seconds=STARTS_S):
                self._call_unseen(missing)

    def _call_unseen(self, missing: _Missing) -> None:
        if not missing.is_passed_on:
            missing.is_passed_on = True
            self._pass_on(
                ContractUnseen(
                    contract=missing.contract, since=missing.since, reason=missing.reason
                )
            )
