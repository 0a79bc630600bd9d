"""Shares of strategies in what is held: which quantity belongs to which strategy.

A leg may say how much of its contract a strategy holds, signed. Of what accounts hold then:

* Strategies that claim the same side get theirs in order of importance, as far as it is held.
* Where some claim the long side and some the short one, what is held is their net: each gets what
  it claims, though no account shows it.
* What is left goes to the most important strategy that names no quantity, else to none: it is
  unassigned. It may be of the other side where strategies claim more than is held.

Shares of an account add up to what it holds. Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

#: The name of what belongs to no strategy.
NO_STRATEGY = ""
NOTHING = Decimal(0)


class ShareClaim(NamedTuple):
    """The quantity of a contract that a strategy claims; None is all that is left."""

    strategy: str
    quantity: Decimal | None = None


class Share(NamedTuple):
    """The part of one holding that belongs to a strategy."""

    strategy: str
    quantity: Decimal


def shares_of(
    held: Mapping[str, Decimal], claims: Sequence[ShareClaim]
) -> dict[str, tuple[Share, ...]]:
    """Return the shares of each account's holding of one contract.

    `held` is the quantity by account, `claims` are of the most important strategy first. Empty
    where no strategy names a quantity, or nothing is held.
    """
    named = [claim for claim in claims if claim.quantity is not None]
    left = {account: held[account] for account in sorted(held) if held[account]}
    if not named or not left:
        return {}
    found: dict[str, dict[str, Decimal]] = {account: defaultdict(Decimal) for account in left}
    sides = {claim.quantity > NOTHING for claim in named if claim.quantity}
    for strategy, quantity in named:
        wanted = quantity or NOTHING
        for account, rest in left.items():
            if wanted and rest and (rest > NOTHING) == (wanted > NOTHING):
                taken = min(abs(rest), abs(wanted)).copy_sign(wanted)
                found[account][strategy] += taken
                left[account] -= taken
                wanted -= taken
        if wanted and len(sides) > 1:
            first = next(iter(left))
            found[first][strategy] += wanted
            left[first] -= wanted
    owner = next((claim.strategy for claim in claims if claim.quantity is None), NO_STRATEGY)
    for account, rest in left.items():
        if rest:
            found[account][owner] += rest
    return {
        account: tuple(Share(name, quantity) for name, quantity in of.items() if quantity)
        for account, of in found.items()
    }
