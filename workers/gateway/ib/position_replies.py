"""PositionReplies: TWS's messages on positions go to the request they answer, else on as pushes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from slotwise.account import account_name, know_accounts, known_accounts, masked_in
from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from slotwise.numbering import Numbering
from slotwise.position import Position
from workers.gateway.broker import BrokerListener
from workers.gateway.ib.position_answers import PositionAnswers, numbered
from workers.gateway.ib.requests import AccountRequest, Request
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.ib.translate import ContractReader, con_id_of, position_of_row
from workers.gateway.ib.unaddressed import Bearing, accounts_named, bearing_of
from workers.gateway.position_answer import ALL_ACCOUNTS, PositionAnswer

log = structlog.get_logger(__name__)


class PositionReplies:
    """Take position rows, their ends and the errors about them."""

    def __init__(
        self,
        listener: BrokerListener,
        contracts: ContractReader,
        requests: Mapping[int, Request],
        numbering: Numbering | None = None,
    ) -> None:
        self.numbering = numbering or Numbering()
        self.answers = PositionAnswers(self.numbering)
        self.done: asyncio.Future[PositionAnswer] | None = None
        #: When the packet that is being read came.
        self.now = datetime.now(UTC)
        #: Names the accounts of the login.
        self.accounts: Callable[[], Sequence[str]] = tuple
        self._listener = listener
        self._contracts = contracts
        self._requests = requests

    # All accounts together.

    def row(self, fields: list[str]) -> None:
        """Take a position row; raises ValueError or ArithmeticError when it cannot be read."""
        _, _, account, *contract, quantity, avg_cost = fields
        know_accounts((account,))
        ours = self._contracts.of_row(contract)
        number = self.numbering.next()
        position = position_of_row(account, ours, quantity, avg_cost, self.now, number)
        if (push := self.answers.add(position)) is not None:
            self._push((push,))

    def unreadable_row(self, fields: list[str], error: Exception) -> None:
        """Take a position row that could not be read: without it the holding would seem closed."""
        log.error("position cannot be read", row=fields, error=str(error))
        account, con_id = [*fields[2:4], "", ""][:2]
        self.answers.add_unreadable(
            account.strip(), _con_id_if_any(con_id), _unreadable(error, fields[3:])
        )

    def ended(self) -> None:
        """Take the end of an answer."""
        self.answer(self.answers.ended())

    def answer(self, answer: PositionAnswer | None) -> None:
        """Complete the request for positions, where there is an answer."""
        if answer is not None and self.done is not None and not self.done.done():
            self.done.set_result(answer)

    async def come(self, timeouts: Timeouts) -> None:
        """Wait while the answer makes progress; raises BrokerError where no more of it comes."""
        answers, done = self.answers, self.done
        assert done is not None, "nothing was asked"
        step_s = min(timeouts.remarked_s, timeouts.positions_s)
        progress, progressed_at = answers.progress, time.monotonic()
        while not done.done():
            await asyncio.wait((done,), timeout=step_s)
            if answers.progress != progress:
                progress, progressed_at = answers.progress, time.monotonic()
            waited_s = time.monotonic() - progressed_at
            enough_s = timeouts.remarked_s if answers.expects_little else timeouts.positions_s
            if done.done() or waited_s < enough_s:
                continue
            if (early := answers.take_early()) is not None:
                self.answer(early)
            elif answers.words:
                raise BrokerError(answers.words)
            else:
                raise BrokerTimeoutError("TWS did not finish its answer of positions")

    def give_up(self) -> None:
        """End the request for positions, and pass on what came of its answer."""
        self._push(self.answers.given_up())

    # By account.

    def account_row(self, fields: list[str]) -> None:
        """Take a position row of an account.

        Raises ValueError or ArithmeticError when it cannot be read.
        """
        _, _, req_id, account, *contract, quantity, avg_cost, model = fields
        request = self._requests.get(int(req_id))
        if not isinstance(request, AccountRequest):
            return
        know_accounts((account,))
        ours, name = self._contracts.of_row(contract), account_name(account, model)
        position = position_of_row(name, ours, quantity, avg_cost, self.now)
        request.heard_at = time.monotonic()
        if request.done.done():
            self._push((numbered(position, self.numbering.next()),))
        else:
            request.rows.append(position)

    def account_ended(self, req_id: int) -> None:
        """Take the end of a request by account."""
        request = self._requests.get(req_id)
        if isinstance(request, AccountRequest) and not request.done.done():
            request.heard_at = time.monotonic()
            request.number_rows(self.numbering.next())
            request.done.set_result(None)

    def unreadable_account_row(self, fields: list[str], error: Exception) -> None:
        """Take a row that cannot be read: without it the holding would seem closed."""
        log.error("position cannot be read", row=fields, error=str(error))
        request = self._requests.get(int(fields[2]))
        if isinstance(request, AccountRequest) and not request.done.done():
            request.words = _unreadable(error, fields[4:])
            if (con_id := _con_id_if_any(fields[4])) is not None:
                request.unreadable.append(con_id)
            else:
                request.lacks_named_only = False

    # Errors.

    def take_unaddressed(self, code: int, text: str) -> bool:
        """Take an error without an id; False where it means nothing for positions."""
        bearing = bearing_of(code)
        known = {*self.accounts(), *known_accounts()}
        named, text = accounts_named(text, known), masked_in(text)
        if bearing is Bearing.REMARK:
            log.debug("tws remarks on positions", code=code, text=text)
            self._remark(named, f"TWS notice {code}: {text}")
            return True
        if bearing is Bearing.NONE or not self.answers.is_open:
            return False
        error = RequestRefusedError(code, text)
        if bearing is Bearing.DOUBT or self.answers.has_rows:
            log.info("error without a request may refuse positions", code=code, text=text)
            self.answers.remark(named, str(error))
            return True
        self._push(self.answers.refused())
        if self.done is not None and not self.done.done():
            self.done.set_exception(error)
        return True

    def _remark(self, accounts: tuple[str, ...], words: str) -> None:
        self.answers.remark(accounts, words)
        for request in self._requests.values():
            if isinstance(request, AccountRequest) and (
                ALL_ACCOUNTS in accounts or request.account in accounts
            ):
                request.words, request.lacks_named_only = words, False

    def _push(self, positions: Iterable[Position]) -> None:
        for position in positions:
            try:
                self._listener.on_position(position)
            except Exception:
                # ib_async would swallow it.
                log.exception("a position could not be passed on")


def _con_id_if_any(text: str) -> int | None:
    """Return the contract that an unreadable row names; None where it names none."""
    try:
        return con_id_of(text)
    except ValueError:
        return None


def _unreadable(error: Exception, fields: list[str]) -> str:
    return f"TWS sent a position that cannot be read: {error} in {fields}"
