"""Executions of the past, corrected ones in their newest form."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import timestamp, within
from slotwise.lake.schemas import EXECUTIONS
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.reconciliation.evidence import Execution
from slotwise.reconciliation.executions import newest

#: A clock of TWS may be ahead of the lake worker's by this much.
CLOCKS_DIFFER = timedelta(days=1)
#: What may be null in a row and is a text in a value.
_TEXTS = ("symbol", "currency", "order_ref", "commission_currency")


def executions_between(
    lake: Lake,
    since: datetime | None = None,
    until: datetime | None = None,
    con_ids: Sequence[int] | None = None,
    known_at: datetime | None = None,
) -> tuple[Execution, ...]:
    """Return the executions from `since` to before `until`, oldest first; raises LakeError.

    With `known_at` those that had landed by then.

    Empty where the table is not there: a lake of an older version.
    """
    name = EXECUTIONS.name
    if not lake.has(name):
        return ()
    limits = ["exec_id IS NOT NULL"]
    if since is not None:
        landed = (since - CLOCKS_DIFFER).date()
        limits += [f'"at" >= {timestamp(since)}', f"date >= DATE '{landed}'"]
    if until is not None:
        limits.append(f'"at" < {timestamp(until)}')
    limits += within("landed_at", None, known_at)
    if con_ids is not None:
        limits.append(f"con_id IN ({', '.join(str(int(one)) for one in (*con_ids, -1))})")
    columns = ", ".join(
        f"coalesce({column}, '') AS {column}" if column in _TEXTS else f'"{column}"'
        for column in Execution.__struct_fields__
    )
    rows = ask(
        lake,
        f"SELECT {columns} FROM {name} WHERE {' AND '.join(limits)}"
        ' ORDER BY "at", exec_id, coalesce(landing, 0)',
        name,
    )
    found = newest(values_of(rows, Execution, name))
    return tuple(sorted(found, key=lambda one: (one.at, one.exec_id)))
