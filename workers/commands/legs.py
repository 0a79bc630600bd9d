"""Legs on the command line: read, and found at TWS by the gateway."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from slotwise.client.strategies import find_contracts
from slotwise.contract import Contract
from slotwise.errors import InputError
from slotwise.leg import Leg
from slotwise.leg_quantity import SharedLeg, read_shared_legs
from slotwise.settings import Settings


def legs_of(text: str) -> tuple[SharedLeg, ...]:
    """Read legs, with or without quantities, from a text or the file that it names.

    Raises InputError.
    """
    # `os.path.isfile` is False for a text that no file can be named after, `Path.is_file` raises.
    if os.path.isfile(text):
        try:
            return read_shared_legs(Path(text).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"--legs {text!r} cannot be read: {error}") from error
    return read_shared_legs(text)


def resolved(
    config: Settings, legs: Iterable[Leg], *, force: bool
) -> dict[Leg, tuple[int, Contract | None]]:
    """Return the id and the contract of each leg; with `force` ids are not looked up.

    Raises InputError where a leg is in doubt, is not known, or has expired.
    """
    wanted = tuple(dict.fromkeys(legs))
    asked = tuple(leg for leg in wanted if not (force and leg.con_id))
    found = dict(zip(asked, find_contracts(config, asked), strict=True))
    return {
        leg: (contract.con_id if (contract := found.get(leg)) else leg.con_id, contract)
        for leg in wanted
    }
