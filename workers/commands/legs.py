"""Legs on the command line: read, and where they are described, looked up by the gateway."""

from __future__ import annotations

from pathlib import Path

from slotwise.bus.client import Bus
from slotwise.bus.contracts import ContractBoard
from slotwise.contract import Contract
from slotwise.errors import InputError
from slotwise.leg import Leg, read_legs
from slotwise.legs_meant import Meaning, all_meant
from slotwise.settings import Settings


def legs_of(text: str) -> tuple[Leg, ...]:
    """Read legs from a text, or from the file that it names; raises InputError."""
    file = Path(text)
    try:
        if len(text) < 4096 and file.is_file():
            text = file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(f"--legs {str(file)!r} cannot be read: {error}") from error
    return read_legs(text)


def meanings_of(config: Settings, legs: tuple[Leg, ...]) -> tuple[Meaning, ...]:
    """Ask the gateway what described legs mean."""
    if not legs:
        return ()
    bus = Bus(config.redis_url, config.key_prefix)
    try:
        return ContractBoard(bus).ask(legs)
    finally:
        bus.close()


def resolved(config: Settings, legs: tuple[Leg, ...]) -> dict[int, Contract | None]:
    """Map the contract ids that legs mean to their contracts; None where only the id was given.

    Ids are taken at their word and need no gateway. Raises InputError where a leg is in doubt.
    """
    found: dict[int, Contract | None] = {leg.con_id: None for leg in legs if leg.con_id}
    described = tuple(leg for leg in legs if not leg.con_id)
    contracts = all_meant(meanings_of(config, described))
    return found | {contract.con_id: contract for contract in contracts}
