"""What changed between two moments: opened, closed, more or less of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import msgspec

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
    """Name a row's contract in a few words: `SPY 20261218 P 560`."""
    strike = row["strike"]
    words = [row["symbol"], row["expiry"], row["right"]]
    words.append(f"{strike.normalize():f}" if strike is not None and row["right"] else None)
    return " ".join(word for word in words if word)
