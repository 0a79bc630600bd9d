"""Stakes: what it costs to be wrong about a contract's price, in one currency.

A stake is the money that all that is held of a contract gains or loses when its price moves by one
as quoted: |quantity| x multiplier / magnifier. Times the band of its mark it is what not knowing
the price better may cost, by which contracts are compared.

The currency is the base currency of most holdings. A stake that cannot be converted to it is
unknown: no stake is compared with another one as if their currencies were one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from slotwise.exchange_rates import Rates
from slotwise.position import Position
from slotwise.rules.marks.mark import Mark
from slotwise.rules.valuation import money

ONE = Decimal(1)


def stakes_of(positions: Iterable[Position], rates: Rates) -> dict[int, float]:
    """Return the stake of each contract that is held; those that are unknown are left out.

    The holdings of all accounts are added without their signs: each account needs the value.
    """
    held = [position for position in positions if position.quantity]
    common = common_currency(held, rates)
    accounts = sorted({position.account for position in held})
    found: dict[int, float] = {}
    unknown: set[int] = set()
    for position in held:
        con_id = position.contract.con_id
        worth = money(position.contract, abs(position.quantity), ONE)
        stake = None if worth is None else _convert(position, worth, rates, common, accounts)
        if stake is None:
            unknown.add(con_id)
        else:
            found[con_id] = found.get(con_id, 0.0) + float(stake)
    for con_id in unknown:
        found.pop(con_id, None)
    return found


def costs_of(stakes: Mapping[int, float], marks: Mapping[int, Mark]) -> dict[int, float]:
    """Return the cost of each contract's uncertain price: its stake times its band.

    A contract without a mark is left out: what it may cost is not known.
    """
    return {
        con_id: stake * mark.band
        for con_id, stake in stakes.items()
        if (mark := marks.get(con_id)) is not None and mark.band is not None
    }


def common_currency(held: Sequence[Position], rates: Rates) -> str:
    """Return the currency that most holdings are valued in; empty where nothing is held.

    Of an account whose base currency is not known the contract's own counts.
    """
    counted = Counter(rates.base_of(one.account) or one.contract.currency for one in held)
    # Of equal ones always the same, in whatever order holdings come.
    return max(sorted(counted), key=lambda currency: counted[currency], default="")


def _convert(
    position: Position, worth: Decimal, rates: Rates, common: str, accounts: Sequence[str]
) -> Decimal | None:
    """Return money in the common currency, by the holding's own account where that has a rate."""
    currency = position.contract.currency
    if currency == common:
        return worth
    for account in (position.account, *accounts):
        if rates.base_of(account) == common:
            converted = rates.in_base(account, currency, worth)
            if converted is not None:
                return converted
    return None
