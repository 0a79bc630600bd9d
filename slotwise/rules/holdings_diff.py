"""What changed between two moments: holdings opened, closed, increased or reduced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import msgspec

from slotwise.contract import Contract
from slotwise.rules.valuation import PERCENT_OF_PAR

What: TypeAlias = Literal["opened", "closed", "changed"]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one holding that changed: its quantities before and after; 0 where it was not held."""

    what: What
    account: str
    con_id: int
    contract: str
    before: Decimal
    after: Decimal


def moved(
    before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]
) -> tuple[Moved, ...]:
    """Compare two answers of `positions_as_of`, as rows; sorted by account and contract id."""
    then = {(row["account"], row["con_id"]): row for row in before}
    now = {(row["account"], row["con_id"]): row for row in after}
    changes = []
    for key in sorted(then.keys() | now.keys()):
        quantities = [of[key]["quantity"] if key in of else Decimal(0) for of in (then, now)]
        if quantities[0] == quantities[1]:
            continue
        what: What = "changed"
        if key not in then:
            what = "opened"
        elif key not in now:
            what = "closed"
        changes.append(
            Moved(
                what=what,
                account=key[0],
                con_id=key[1],
                contract=label((now if key in now else then)[key]),
                before=quantities[0],
                after=quantities[1],
            )
        )
    return tuple(changes)


def label(row: Mapping[str, Any]) -> str:
    """Return a row's contract in words: `SPY 20261218 P 560`, `GAW GBP`, `EUR.USD CASH`."""
    sec_type, local_symbol = row["sec_type"] or "", row["local_symbol"] or ""
    # One issuer has many bonds, and TWS names some without a symbol.
    if local_symbol and (not row["symbol"] or sec_type in PERCENT_OF_PAR):
        return local_symbol
    return Contract(
        con_id=row["con_id"],
        symbol=row["symbol"] or "",
        sec_type=sec_type,
        expiry=row["expiry"] or "",
        strike=row["strike"],
        right=row["right"] or "",
        currency=row["currency"] or "USD",
    ).label
