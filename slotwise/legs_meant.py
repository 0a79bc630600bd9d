"""What legs mean: the contracts that TWS knows under a description, and which one is meant."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from slotwise.contract import Contract
from slotwise.errors import InputError
from slotwise.leg import Leg

#: Candidates named where a leg is not clear; more than a person reads.
NAMED = 12


class Meaning(msgspec.Struct, frozen=True):
    """Hold what TWS knows under a leg; `error` where it could not be asked."""

    leg: Leg
    candidates: tuple[Contract, ...]
    error: str = ""


class Meanings(msgspec.Struct, frozen=True):
    """Hold the meaning of each leg that was asked for, in its order."""

    of: tuple[Meaning, ...]


def meant(meaning: Meaning) -> Contract:
    """Give the one contract a leg means.

    Raises InputError where there is none, or several: then with the candidates and their ids.
    """
    label, found = meaning.leg.label, meaning.candidates
    if meaning.error:
        raise InputError(f"leg {label!r} was not looked up: {meaning.error}")
    if not found:
        raise InputError(f"leg {label!r}: TWS knows no such contract")
    if len(found) > 1:
        named = "; ".join(f"{one.con_id} = {described(one)}" for one in found[:NAMED])
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise InputError(
            f"leg {label!r} may mean {len(found)} contracts, name one by its id: {named}{more}"
        )
    return found[0]


def all_meant(meanings: Sequence[Meaning]) -> tuple[Contract, ...]:
    """Give the contract of each leg; raises InputError as `meant` does, for the first in doubt."""
    return tuple(map(meant, meanings))


def described(contract: Contract) -> str:
    """Say what tells a contract from others with its label."""
    words = [contract.label]
    if contract.trading_class and contract.trading_class != contract.symbol:
        words.append(contract.trading_class)
    if contract.sec_type != "STK" and contract.multiplier != 1:
        words.append(f"x{contract.multiplier.normalize():f}")
    words += [contract.primary_exchange or contract.exchange, contract.currency]
    return " ".join(filter(None, words))
