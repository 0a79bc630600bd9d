"""What the rotation is asked for: whose age hurts, and how much."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from slotwise.contract import Contract
from slotwise.lines import Claim
from slotwise.position import Position
from slotwise.rotation import Wish

#: An option or future moves most in its last days.
EXPIRES_SOON = timedelta(days=7)
SOON_WEIGHT = 2.0
#: A holding worth more than this many times the mean weighs more.
LARGE_TIMES_MEAN = 2.0
LARGE_WEIGHT = 2.0


def wishes_of(
    portfolio: Iterable[Position],
    active: Mapping[int, Claim],
    watched: Collection[int],
    watch_bound_s: float,
    today: date,
) -> dict[int, Wish]:
    """Wish for a quote of all that is held or watched and has no claim to a line.

    What a holding is worth is taken from its cost: the price is what is being asked for.
    """
    worth: dict[int, float] = {}
    contracts: dict[int, Contract] = {}
    for position in portfolio:
        contract = position.contract
        if position.quantity and contract.con_id not in active:
            cost = abs(float(position.quantity * position.avg_cost))
            worth[contract.con_id] = worth.get(contract.con_id, 0.0) + cost
            contracts[contract.con_id] = contract
    large = LARGE_TIMES_MEAN * sum(worth.values()) / max(len(worth), 1)
    wishes = {
        con_id: Wish(
            weight=(SOON_WEIGHT if _expires_soon(contracts[con_id], today) else 1.0)
            * (LARGE_WEIGHT if cost > large else 1.0)
        )
        for con_id, cost in worth.items()
    }
    for con_id in watched:
        if con_id not in active:
            wishes[con_id] = Wish(bound_s=watch_bound_s)
    return wishes


def _expires_soon(contract: Contract, today: date) -> bool:
    if not contract.expiry:
        return False
    try:
        expiry = datetime.strptime(contract.expiry, "%Y%m%d").date()
    except ValueError:
        return False
    return expiry - today <= EXPIRES_SOON
