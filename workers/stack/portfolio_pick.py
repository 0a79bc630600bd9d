"""Which contracts the demo trades: complete iron condors first, then whatever is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from slotwise.contract import Contract

#: Legs of an iron condor: a put spread and a call spread of one expiry.
CONDOR_LEGS = 4
#: Priorities given round robin, so that the screen shows that they matter.
PRIORITIES = 3


def pick_strategies(held: Iterable[Contract], active: int) -> Mapping[str, tuple[int, ...]]:
    """Group `active` contracts into strategies of four legs of one symbol and expiry.

    Returns contract ids by strategy name. Contracts that fill no condor, such as stocks, are
    used only when the condors do not suffice.
    """
    groups: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in sorted({c.con_id: c for c in held}.values(), key=lambda c: c.con_id):
        groups[contract.symbol, contract.expiry if contract.right else ""].append(contract)
    chosen: dict[str, tuple[int, ...]] = {}
    left = active
    rest: list[Contract] = []
    for (symbol, expiry), contracts in groups.items():
        puts = [c for c in contracts if c.right == "P"]
        calls = [c for c in contracts if c.right == "C"]
        number = 0
        while left and len(puts) > 1 and len(calls) > 1:
            legs = [puts.pop(0), puts.pop(0), calls.pop(0), calls.pop(0)][:left]
            number += 1
            name = f"condor-{symbol}-{expiry}-{number}".lower()
            chosen[name] = tuple(c.con_id for c in legs)
            left -= len(legs)
        rest += [c for c in contracts if not c.right] + puts + calls
    number = 0
    while left and rest:
        legs, rest = rest[: min(CONDOR_LEGS, left)], rest[min(CONDOR_LEGS, left) :]
        number += 1
        chosen[f"single-{number}"] = tuple(c.con_id for c in legs)
        left -= len(legs)
    return chosen
