"""Executions as TWS sends them: message 11, read here from its text.

Rules:
* ib_async reads a time without a zone only with its own `IB` object; so these are read without it.
  TWS tells times in the zone of its log-in unless it names one; without a name New York's is meant.
* Of a combination the legs count, which are told of besides.
* A correction has the id of what it corrects, with the next number at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slotwise.account import account_name
from slotwise.errors import BrokerError
from slotwise.reconciliation.evidence import Execution

#: Message id of an execution, and of the end of an answer.
EXECUTION, END = 11, 55
#: Places of the fields, of the texts from server version 136 on.
ORDER_ID, CON_ID, SEC_TYPE, EXEC_ID, TIME, ACCOUNT, SIDE, SHARES, PRICE, CLIENT_ID, MODEL = (
    2, 3, 5, 14, 15, 16, 18, 19, 20, 22, 29,
)  # fmt: skip
SIGNS = {"BOT": 1, "SLD": -1}
NEW_YORK = ZoneInfo("America/New_York")


def execution_from(fields: Sequence[str]) -> Execution | None:
    """Read one message; None for a combination. Raises BrokerError where it cannot be read."""
    try:
        if fields[SEC_TYPE] == "BAG":
            return None
        account, model = fields[ACCOUNT], fields[MODEL]
        return Execution(
            exec_id=fields[EXEC_ID],
            account=account_name(account, model),
            con_id=int(fields[CON_ID]),
            quantity=SIGNS[fields[SIDE]] * Decimal(fields[SHARES]),
            price=Decimal(fields[PRICE]),
            at=time_from(fields[TIME]),
            client_id=int(fields[CLIENT_ID]),
            order_id=int(fields[ORDER_ID]),
        )
    except (ValueError, KeyError, IndexError, InvalidOperation, ZoneInfoNotFoundError) as error:
        raise BrokerError(f"TWS sent an execution that cannot be read: {error!r}") from error


def time_from(text: str) -> datetime:
    """Read 20261123-14:30:00 (UTC), 20261123 09:30:00 or 20261123 09:30:00 US/Eastern."""
    if "-" in text[:9]:
        return datetime.strptime(text, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    day, clock, *zone = text.split()
    at = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")
    return at.replace(tzinfo=ZoneInfo(zone[0]) if zone else NEW_YORK).astimezone(UTC)


def newest(executions: Iterable[Execution]) -> tuple[Execution, ...]:
    """Leave out what was corrected: of one stem the highest number counts."""
    kept: dict[str, Execution] = {}
    for one in executions:
        stem, _, number = one.exec_id.rpartition(".")
        known = kept.get(stem or one.exec_id)
        if known is None or _number(number) >= _number(known.exec_id.rpartition(".")[2]):
            kept[stem or one.exec_id] = one
    return tuple(kept.values())


def _number(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return -1
