"""Leg resolution: the contracts that TWS lists for a description, and the one that is chosen."""

from __future__ import annotations

from datetime import datetime

import msgspec

from slotwise.contract import Contract
from slotwise.errors import InputError
from slotwise.leg import Leg
from slotwise.rules.expiry import expired_words

#: Candidates named where a leg is not clear; more than a person reads.
NAMED = 12


class LegCandidates(msgspec.Struct, frozen=True):
    """The contracts that TWS lists for a leg; `error` where it could not be asked."""

    leg: Leg
    candidates: tuple[Contract, ...]
    error: str = ""


class AllCandidates(msgspec.Struct, frozen=True):
    """The contracts that TWS lists for each requested leg, in the order of the legs."""

    of: tuple[LegCandidates, ...]


def resolve(leg_candidates: LegCandidates, now: datetime | None = None) -> Contract:
    """Return the one contract a leg means.

    Raises InputError where there is none, where it has expired by `now`, or where there are
    several: then with the candidates and their ids.
    """
    label, found = leg_candidates.leg.label, leg_candidates.candidates
    if leg_candidates.error:
        raise InputError(f"leg {label!r} was not looked up: {leg_candidates.error}")
    if not found:
        raise InputError(f"leg {label!r}: TWS knows no such contract")
    if len(found) > 1:
        named = "; ".join(f"{one.con_id} = {described(one)}" for one in found[:NAMED])
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise InputError(
            f"leg {label!r} may mean {len(found)} contracts, name one by its id: {named}{more}"
        )
    if now is not None and (expired := expired_words(found[0], now)):
        raise InputError(f"leg {label!r}: {described(found[0])} {expired}")
    return found[0]


def fits(leg: Leg, contract: Contract) -> bool:
    """Return True where a contract fits the words of a leg, whatever its exchange."""
    return (
        leg.symbol == contract.symbol
        and contract.sec_type == (leg.sec_type or "STK")
        and contract.expiry.startswith(leg.expiry)
        and leg.right in ("", contract.right)
        and leg.strike in (None, contract.strike)
        and leg.currency in ("", contract.currency)
        and leg.trading_class in ("", contract.trading_class)
    )


def described(contract: Contract) -> str:
    """Return what distinguishes a contract from others with its label."""
    words = [contract.label]
    if not contract.symbol:
        words.append(contract.local_symbol)
    if contract.sec_type != "FOP" and contract.trading_class not in ("", contract.symbol):
        words.append(contract.trading_class)
    if contract.sec_type != "STK" and contract.multiplier != 1:
        # Not `x100`: behind a leg that is a quantity.
        words.append(f"multiplier {contract.multiplier.normalize():f}")
    words.append(contract.primary_exchange or contract.exchange)
    if contract.currency not in contract.label:
        words.append(contract.currency)
    return " ".join(filter(None, words))
