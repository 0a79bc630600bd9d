"""Causes: why book and broker differ, from what else is known.

Asked in this order; the first that fits is the cause:

    late_landing         the gateway knew it before the request, and its row is on its way
    fill, manual_trade   the newest executions sum up to the difference
    split                shares and cost, or options, became others of the same worth
    exercised, assigned  options are gone, and shares came or went for them
    expired              the contract is over: its day has passed, or TWS knows it no more
    multiplier_changed   the same contract delivers another amount
    incomplete_snapshot  much of an account is missing at once, and nothing explains it
    unknown              nothing of all that
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from slotwise.contract import PositionKey
from slotwise.position import Position
from slotwise.precision import stored_cost, stored_quantity
from slotwise.reconciliation.deliveries import delivered
from slotwise.reconciliation.difference import NOTHING, Difference
from slotwise.reconciliation.evidence import Evidence
from slotwise.reconciliation.splits import split
from slotwise.reconciliation.trades import (
    Explained,
    by_holding,
    explained_by_trades,
    plain,
    since_book,
)
from slotwise.rules.expiry import is_over

#: This many holdings of an account have to be missing, and so great a part of it, before the
#: snapshot is doubted: a trader closes a few, and leaves executions behind when he closes all.
MISSING_AT_LEAST, MISSING_PART = 3, 0.25


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what is known besides the two sides.

    `before` is what the gateway knew when the request came, None where that is unknown. `landing`
    names the holdings that have news on their way to the lake.
    """

    at: datetime
    before: Mapping[PositionKey, Position] | None = None
    landing: Collection[PositionKey] = ()
    evidence: Evidence | None = None


def causes(
    found: Sequence[Difference], book: Mapping[PositionKey, Position], known: Known
) -> dict[PositionKey, Explained]:
    """Explain each difference: its cause, and what it was seen from, in words."""
    explained: dict[PositionKey, Explained] = {}
    executions = by_holding((known.evidence and known.evidence.executions) or ())

    def left(differences: Sequence[Difference] = found) -> list[Difference]:
        return [one for one in differences if one.key not in explained]

    for one in found:
        why = _late(one, known) or explained_by_trades(one, executions)
        if why is not None:
            explained[one.key] = why
    for (account, _), group in _by_underlying(found).items():
        for con_id, why in split(left(group)).items():
            explained[account, con_id] = why
        stock = next((d for d in left(group) if d.contract.sec_type == "STK"), None)
        if stock is not None:
            traded = since_book(stock, executions.get(stock.key, ()))
            shares = stock.change - sum((one.quantity for one in traded), NOTHING)
            options = [d for d in left(group) if d.contract.right]
            for con_id, why in delivered(options, stock, shares, _is_over(known)).items():
                explained[account, con_id] = why
    for one in left():
        over = _over(one, known) if one.broker is None else ""
        if over:
            explained[one.key] = ("expired", over)
        elif one.book and one.broker and _multiplier(one.book) != _multiplier(one.broker):
            explained[one.key] = (
                "multiplier_changed",
                f"from {_multiplier(one.book)} to {_multiplier(one.broker)}",
            )
    for account, why in _incomplete(left(), book).items():
        explained.update((one.key, why) for one in left() if one.account == account
                         and one.kind == "missing_at_broker")  # fmt: skip
    for one in left():
        explained[one.key] = ("unknown", _nothing_found(known))
    return explained


def _by_underlying(found: Sequence[Difference]) -> dict[tuple[str, str], list[Difference]]:
    groups: dict[tuple[str, str], list[Difference]] = defaultdict(list)
    for one in found:
        groups[one.account, one.contract.symbol].append(one)
    return groups


def _late(one: Difference, known: Known) -> Explained | None:
    """Return whether the broker's side was known before, and is on its way."""
    if known.before is None or one.key not in known.landing:
        return None
    before = known.before.get(one.key)
    if _state(before) != _state(one.broker):
        return None
    if before is not None and one.book is not None and before.observed_at <= one.book.observed_at:
        return None
    when = f" since {before.observed_at:%H:%M:%S} UTC" if before is not None else ""
    return "late_landing", f"known{when}, on its way to the lake"


def _state(position: Position | None) -> object:
    if position is None or position.quantity == 0:
        return None
    return stored_quantity(position.quantity), stored_cost(position.avg_cost)


def _is_over(known: Known) -> Callable[[Difference], bool]:
    return lambda one: bool(_over(one, known))


def _over(one: Difference, known: Known) -> str:
    """Return why a contract is over; empty where it is not."""
    expiry = one.contract.expiry
    if not expiry:
        return ""
    if is_over(one.contract, None, known.at):
        return f"its last day was {expiry}"
    details = known.evidence.contracts if known.evidence else {}
    if one.con_id in details and details[one.con_id] is None:
        return f"TWS knows the contract no more, though its last day is {expiry}"
    return ""


def _incomplete(
    left: Sequence[Difference], book: Mapping[PositionKey, Position]
) -> dict[str, Explained]:
    """Return the accounts of which more is missing than is plausible."""
    missing: dict[str, int] = defaultdict(int)
    for one in left:
        missing[one.account] += one.kind == "missing_at_broker"
    doubted: dict[str, Explained] = {}
    for account, count in missing.items():
        of = sum(key[0] == account for key in book)
        if count >= MISSING_AT_LEAST and count >= MISSING_PART * of:
            why = f"{count} of {of} holdings of {account} are missing at once, unexplained"
            doubted[account] = ("incomplete_snapshot", why)
    return doubted


def _nothing_found(known: Known) -> str:
    evidence = known.evidence
    if evidence is None:
        return "the gateway was not asked, or gave no answer"
    if evidence.executions is None:
        return "TWS did not give its executions"
    return f"none of the day's {len(evidence.executions)} executions, nor a date, explains it"


def _multiplier(position: Position) -> str:
    return plain(position.contract.multiplier)
