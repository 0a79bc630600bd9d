"""AccountHoldings: which contracts an account holds by its own update (request 6).

It comes from another service of IB than the answer to a request for positions, so the two together
prove more than either twice. Messages 6 (a value), 7 (a holding), 54 (end), read from their text.

Rules:
* TWS keeps one subscription of a client, to one account; it is ended as soon as the account's first
  update is complete, so that the next can be asked for.
* An account is ready where its value `AccountReady` is true (IB: while it is false the others may
  be out of date), or where that value does not come and there are holdings.
* Of several rows of one holding the last one counts.
* A request that was given up still owes its end. The next end of that account may be this one, and
  rows before it may have come while nothing was asked: what it would complete is no evidence. Nor
  is what the end after it completes, which may then be that of the request before.
* A row that cannot be read, or names no contract, leaves the list of what is held incomplete;
  what the others are worth stays known.
* An update without holdings whose own values show that something is held is no evidence.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

import structlog

from slotwise.errors import BrokerError, BrokerTimeoutError
from slotwise.rules.witnesses import AccountMark
from workers.gateway.ib.account_values import GROSS, MARGIN, is_above_zero
from workers.gateway.ib.translate import con_id_of, decimal_if_any, decimal_of

log = structlog.get_logger(__name__)

#: Message ids.
VALUE, HOLDING, DOWNLOAD_END = 6, 7, 54
#: Places of fields: in a value, and in a holding as sent from server version 86 on.
KEY, TEXT, OF_VALUE = 2, 3, 5
CON_ID, QUANTITY, PRICE, WORTH, GAIN, OF_HOLDING = 2, 13, 14, 15, 17, 19
READY = "AccountReady"
#: Ends of an account, after a request that was given up, which may be of the request before.
ENDS_IN_DOUBT = 2


class AccountHoldings:
    """Ask for the update of one account after another."""

    def __init__(self, subscribe: Callable[[bool, str], None], check: Callable[[], None]) -> None:
        #: Begins (True) or ends the updates of an account; `check` raises without a connection.
        self._subscribe = subscribe
        self._check = check
        self._turn = asyncio.Lock()
        self._account = ""
        self._con_ids: set[int] = set()
        self._marks: dict[int, AccountMark] = {}
        self._ready = ""
        self._spoilt = self._holds = False
        self._done: asyncio.Future[None] | None = None
        #: How many ends of an account may be of an earlier request.
        self._late: dict[str, int] = {}

    async def ask(self, account: str, timeout_s: float) -> frozenset[int] | None:
        """Return the ids of the contracts that an account holds; None while it is not ready.

        Raises BrokerError, and BrokerTimeoutError where no complete update comes.
        """
        async with self._turn:
            con_ids = await self._ask(account, timeout_s)
            return None if self._spoilt else con_ids

    async def ask_marks(self, account: str, timeout_s: float) -> tuple[AccountMark, ...]:
        """Return IB's value of each holding of an account; raises as `ask` does."""
        async with self._turn:
            if await self._ask(account, timeout_s) is None:
                raise BrokerError("an account's update is not ready: its values may be old")
            return tuple(self._marks.values())

    async def _ask(self, account: str, timeout_s: float) -> frozenset[int] | None:
        self._check()
        self._account, self._con_ids, self._marks = account, set(), {}
        self._ready, self._spoilt, self._holds = "", False, False
        self._done = asyncio.get_running_loop().create_future()
        self._subscribe(True, account)
        try:
            await asyncio.wait((self._done,), timeout=timeout_s)
            if not self._done.done():
                self._late[account] = ENDS_IN_DOUBT
                raise BrokerTimeoutError("TWS did not answer a request for an account's update")
            self._done.result()
        finally:
            self._done, self._account = None, ""
            with contextlib.suppress(BrokerError):
                self._check()
                self._subscribe(False, account)
        if self._ready not in ("", "true"):
            return None
        if self._holds and not self._con_ids and not self._spoilt:
            raise BrokerError("an account's update lists no holdings, and its values say some")
        return frozenset(self._con_ids) if self._ready or self._con_ids else None

    def value(self, fields: Sequence[str]) -> None:
        """Take one value of an account."""
        if fields[OF_VALUE] != self._account:
            return
        if fields[KEY] == READY:
            self._ready = fields[TEXT].lower()
        elif fields[KEY] in (GROSS, MARGIN):
            self._holds = self._holds or is_above_zero(fields[TEXT])

    def holding(self, fields: Sequence[str]) -> None:
        """Take one holding of an account; one that cannot be read spoils its update."""
        try:
            if fields[OF_HOLDING] != self._account:
                return
            con_id, quantity = con_id_of(fields[CON_ID]), decimal_of(fields[QUANTITY])
            if quantity is None:
                raise ValueError(f"quantity {fields[QUANTITY]!r}")
            if quantity:
                self._con_ids.add(con_id)
                self._marks[con_id] = _mark(fields, con_id, quantity)
            else:
                self._con_ids.discard(con_id)
                self._marks.pop(con_id, None)
        except (IndexError, ValueError, InvalidOperation) as error:
            log.warning("holding of an account cannot be read", error=repr(error))
            self._spoilt = True

    def ended(self, fields: Sequence[str]) -> None:
        """Take the end of an update."""
        late = self._late.pop(fields[2], 0)
        if self._done is None or self._done.done() or fields[2] != self._account:
            return
        if late:
            self._late[fields[2]] = late - 1
            error = "the end of an account's update may be that of an earlier request"
            self._done.set_exception(BrokerError(error))
        else:
            self._done.set_result(None)

    def fail(self, error: Exception) -> None:
        """End the request: the connection is gone."""
        if self._done is not None and not self._done.done():
            self._done.set_exception(error)


def _mark(fields: Sequence[str], con_id: int, quantity: Decimal) -> AccountMark:
    return AccountMark(
        account=fields[OF_HOLDING],
        con_id=con_id,
        quantity=quantity,
        price=decimal_if_any(fields[PRICE]),
        value=decimal_if_any(fields[WORTH]),
        unrealized_pnl=decimal_if_any(fields[GAIN]),
        at=datetime.now(UTC),
    )
