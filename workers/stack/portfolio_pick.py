"""Which contracts the demo trades: complete iron condors first, then whatever is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain, zip_longest
from typing import TypeAlias

from slotwise.contract import Contract

#: Legs of an iron condor: a put spread and a call spread of one expiry.
CONDOR_LEGS = 4
#: Priorities given round robin, so that the screen shows that they matter.
PRIORITIES = 3

#: A strategy's name and its contracts.
Named: TypeAlias = tuple[str, list[Contract]]


def pick_strategies(held: Iterable[Contract], active: int) -> Mapping[str, tuple[int, ...]]:
    """Group `active` contracts into strategies of four legs of one symbol and expiry.

    Returns contract ids by strategy name. Contracts that fill no condor, such as stocks, are
    used only when the condors do not suffice.
    """
    groups: dict[tuple[str, str], list[Contract]] = defaultdict(list)
    for contract in sorted({c.con_id: c for c in held}.values(), key=lambda c: c.con_id):
        groups[contract.symbol, contract.expiry if contract.right else ""].append(contract)
    offers = [_condors(*key, contracts) for key, contracts in groups.items()]
    # One from each group in turn, so that the strategies spread over symbols and expiries.
    turns = chain.from_iterable(zip_longest(*(condors for condors, _ in offers)))
    singles = [contract for _, rest in offers for contract in rest]
    chosen: dict[str, tuple[int, ...]] = {}
    left = active
    for name, legs in (*filter(None, turns), *_in_fours("single", singles)):
        if not left:
            break
        chosen[name] = tuple(contract.con_id for contract in legs[:left])
        left -= len(chosen[name])
    return chosen


def _condors(
    symbol: str, expiry: str, contracts: list[Contract]
) -> tuple[list[Named], list[Contract]]:
    """Make as many condors of one symbol and expiry as there are, and give the rest."""
    puts = [contract for contract in contracts if contract.right == "P"]
    calls = [contract for contract in contracts if contract.right == "C"]
    full = min(len(puts), len(calls)) // 2
    condors = [
        (
            f"condor-{symbol}-{expiry}-{number + 1}".lower(),
            [*puts[2 * number : 2 * number + 2], *calls[2 * number : 2 * number + 2]],
        )
        for number in range(full)
    ]
    others = [contract for contract in contracts if not contract.right]
    return condors, [*others, *puts[2 * full :], *calls[2 * full :]]


def _in_fours(word: str, contracts: list[Contract]) -> list[Named]:
    return [
        (f"{word}-{start // CONDOR_LEGS + 1}", contracts[start : start + CONDOR_LEGS])
        for start in range(0, len(contracts), CONDOR_LEGS)
    ]
