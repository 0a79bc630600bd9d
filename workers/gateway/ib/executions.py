"""Executions as TWS sends them: message 11, read here from its text.

Rules:
* ib_async reads a time without a zone only with its own `IB` object; so these are read without it.
  TWS gives times in the zone of its log-in unless it names one; without a name it is New York's.
* Of a combination the legs count, which are sent too.
* A correction has the id of what it corrects, with the next number at its end.
* The commission comes apart, in message 59: before the end of the answer or after it, as
  no recording shows which.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import structlog

from slotwise.account import account_name
from slotwise.errors import BrokerError
from slotwise.reconciliation.evidence import Execution
from slotwise.zones import zone_of
from workers.gateway.ib.translate import ContractReader, decimal_of

log = structlog.get_logger(__name__)

#: Message ids of an execution, of the end of an answer, and of what an execution cost.
EXECUTION, END, COMMISSION = 11, 55, 59
#: Places of the fields, of the texts from server version 136 on.
ORDER_ID, CON_ID, SYMBOL, SEC_TYPE, CURRENCY, CONTRACT_END = 2, 3, 4, 5, 11, 14
EXEC_ID, TIME, ACCOUNT, SIDE, SHARES, PRICE, CLIENT_ID, ORDER_REF, MODEL = (
    14, 15, 16, 18, 19, 20, 22, 26, 29,
)  # fmt: skip
#: Commissions that are kept: those of a busy day.
MAX_COMMISSIONS = 50_000
SIGNS = {"BOT": 1, "SLD": -1}
NEW_YORK = ZoneInfo("America/New_York")


class Commission(NamedTuple):
    """The commission of an execution."""

    amount: Decimal
    currency: str


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
            quantity=SIGNS[fields[SIDE]] * _number(fields[SHARES]),
            price=Decimal(fields[PRICE]),
            at=time_from(fields[TIME]),
            client_id=int(fields[CLIENT_ID]),
            order_id=int(fields[ORDER_ID]),
            symbol=_words(tuple(fields[CON_ID:CONTRACT_END])),
            currency=fields[CURRENCY],
            order_ref=fields[ORDER_REF],
        )
    except (ValueError, LookupError, ArithmeticError) as error:
        raise BrokerError(f"TWS sent an execution that cannot be read: {error!r}") from error


def _number(text: str) -> Decimal:
    value = decimal_of(text)
    if value is None:
        raise ValueError(f"{text!r} is no number")
    return value


def time_from(text: str) -> datetime:
    """Read 20261123-14:30:00 (UTC), 20261123 09:30:00 or 20261123 09:30:00 US/Eastern.

    Raises ValueError for any other.
    """
    if "-" in text[:9]:
        return datetime.strptime(text, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
    day, clock, *named = text.split()
    zone = zone_of(" ".join(named)) if named else NEW_YORK
    if zone is None:
        raise ValueError(f"no time zone is named as in {text!r}")
    at = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")
    return at.replace(tzinfo=zone).astimezone(UTC)


def commission_from(fields: Sequence[str]) -> tuple[str, Commission | None]:
    """Read message 59: which execution, and what it cost; None for TWS's ways to send no number.

    Raises BrokerError where it cannot be read.
    """
    try:
        _, _, exec_id, amount, currency = fields[:5]
        cost = decimal_of(amount)
        return exec_id, None if cost is None else Commission(cost, currency)
    except (ValueError, InvalidOperation) as error:
        raise BrokerError(f"TWS sent a commission that cannot be read: {error!r}") from error


class Commissions:
    """Commissions of executions, as far as TWS has sent them on one connection."""

    def __init__(self) -> None:
        self._by_execution: dict[str, Commission] = {}

    def take(self, fields: Sequence[str]) -> None:
        """Take message 59; one that cannot be read leaves the commission unknown."""
        try:
            exec_id, cost = commission_from(fields)
        except BrokerError as error:
            log.error("commission cannot be read", row=list(fields), error=str(error))
            return
        if cost is not None:
            self._by_execution.pop(exec_id, None)
            if len(self._by_execution) >= MAX_COMMISSIONS:
                del self._by_execution[next(iter(self._by_execution))]
            self._by_execution[exec_id] = cost

    def added_to(self, execution: Execution) -> Execution:
        """Return the execution with its commission, where that is known."""
        cost = self._by_execution.get(execution.exec_id)
        if cost is None:
            return execution
        return msgspec.structs.replace(
            execution, commission=cost.amount, commission_currency=cost.currency
        )


@lru_cache(maxsize=4096)  # a day has many executions of few contracts
def _words(contract: tuple[str, ...]) -> str:
    """Return a contract's label, by its fields from the id on."""
    try:
        return ContractReader().of_row(list(contract)).label
    except (ValueError, ArithmeticError):
        return contract[SYMBOL - CON_ID]
