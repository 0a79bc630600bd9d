"""What the rotation is asked for: whose age hurts, and how much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime, timedelta

from slotwise.contract import Contract
from slotwise.exchange_rates import Rates
from slotwise.position import Position
from slotwise.rules.lines import Claim
from slotwise.rules.quote_shares import QuoteTarget

#: An option or future moves most in its last days.
EXPIRES_SOON = timedelta(days=7)
SOON_WEIGHT = 2.0
#: A holding worth more than this many times the mean weighs more.
LARGE_TIMES_MEAN = 2.0
LARGE_WEIGHT = 2.0
#: An underlying of held options is quoted this often, seconds: as often as any contract is.
UNDERLYING_S = 5.0
#: All of them together get this many quotes a second at most, a quarter of what messages allow.
UNDERLYINGS_PER_S = 10.0


def targets_of(
    portfolio: Iterable[Position],
    active: Mapping[int, Claim],
    watched: Collection[int],
    watch_bound_s: float,
    today: date,
    is_settled: Callable[[int], bool] = lambda con_id: True,
    rates: Rates | None = None,
    underlyings: Collection[int] = (),
) -> dict[int, QuoteTarget]:
    """Return a target for all that is held or watched and has no claim to a line.

    The underlyings of held options are quoted often: marks of all their options move with them.
    What a holding is worth is taken from its cost: the price is what is being asked for. Held
    contracts whose details are still being looked up (not `is_settled`) wait for them.
    """
    held = [
        position
        for position in portfolio
        if position.quantity
        and position.contract.con_id not in active
        and is_settled(position.contract.con_id)
    ]
    large = _large(held, rates or Rates())
    targets = {
        position.contract.con_id: QuoteTarget(
            weight=(SOON_WEIGHT if _expires_soon(position.contract, today) else 1.0)
            * (LARGE_WEIGHT if position.contract.con_id in large else 1.0)
        )
        for position in held
    }
    often_s = max(UNDERLYING_S, len(underlyings) / UNDERLYINGS_PER_S)
    for con_id in underlyings:
        if con_id not in active:
            targets[con_id] = QuoteTarget(bound_s=often_s)
    for con_id in watched:
        if con_id not in active:
            bound_s = min(watch_bound_s, often_s) if con_id in underlyings else watch_bound_s
            targets[con_id] = QuoteTarget(bound_s=bound_s)
    return targets


def _large(held: Iterable[Position], rates: Rates) -> set[int]:
    """Return the contracts of high value, each compared with others in the same currency.

    Costs are compared in the base currency of their account. Those in a currency without a rate are
    compared among themselves; an unknown cost makes no holding large, and is in no mean.
    """
    worth: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for position in held:
        if position.avg_cost is None:
            continue
        currency, cost = position.contract.currency, abs(position.quantity * position.avg_cost)
        converted = rates.in_base(position.account, currency, cost)
        base = rates.base_of(position.account)
        money = currency if converted is None or base is None else base
        worth[money][position.contract.con_id] += float(cost if converted is None else converted)
    large: set[int] = set()
    for by_contract in worth.values():
        limit = LARGE_TIMES_MEAN * sum(by_contract.values()) / len(by_contract)
        large.update(con_id for con_id, cost in by_contract.items() if cost > limit)
    return large


def _expires_soon(contract: Contract, today: date) -> bool:
    if not contract.expiry:
        return False
    try:
        expiry = datetime.strptime(contract.expiry, "%Y%m%d").date()
    except ValueError:
        return False
    return expiry - today <= EXPIRES_SOON
