"""Executions and changes of a holding: which executions count, and what they leave unexplained."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import accumulate

import msgspec
from msgspec.structs import replace

from slotwise.account import login_account
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.trades import CLOCKS_DIFFER

NOTHING = Decimal(0)


class QuantityChange(msgspec.Struct, frozen=True):
    """A change of a holding's quantity, when it was observed."""

    at: datetime
    quantity: Decimal


def newest(executions: Iterable[Execution]) -> tuple[Execution, ...]:
    """Drop what was corrected: of one stem the highest number counts."""
    kept: dict[str, Execution] = {}
    for one in executions:
        known = kept.get(one.stem)
        if known is None or one.number >= known.number:
            kept[one.stem] = one
    return tuple(kept.values())


def of_accounts(executions: Iterable[Execution]) -> tuple[Execution, ...]:
    """Take executions of models as those of their accounts, where holdings are not kept apart."""
    return tuple(
        one if (account := login_account(one.account)) == one.account
        else replace(one, account=account)
        for one in executions
    )  # fmt: skip


def unexplained(
    changes: Sequence[QuantityChange], executions: Sequence[Execution]
) -> list[Decimal]:
    """Return what executions of one holding leave of each change; both oldest first.

    A change is explained by successive executions up to a minute after it that sum up to it: clocks
    differ. Where none do, those before it are its part, and the rest is left.
    """
    rests, begin = [], 0
    for change in changes:
        near = [one for one in executions[begin:] if one.at <= change.at + CLOCKS_DIFFER]
        sums = list(accumulate((one.quantity for one in near), initial=NOTHING))
        first, end = _run(sums, change.quantity)
        if not end:
            end = sum(one.at <= change.at for one in near)
        rests.append(change.quantity - (sums[end] - sums[first]))
        begin += end
    return rests


def _run(sums: Sequence[Decimal], wanted: Decimal) -> tuple[int, int]:
    """Return which run sums up to what is wanted, (0, 0) for none; `sums` begin with 0."""
    begins: dict[Decimal, int] = {}
    for place, total in enumerate(sums):
        begin = begins.get(total - wanted)
        if begin is not None:
            return begin, place
        begins.setdefault(total, place)
    return 0, 0
