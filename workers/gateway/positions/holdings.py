"""Holdings: decide what TWS's positions prove, pass on what holds, and look for evidence.

`closings` has the rules. In doubt positions are asked for again soon, and so is what is independent
of them: the day's executions, the accounts' own updates and their values. Requests that hang hold
up nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from datetime import UTC, datetime
from functools import partial

import msgspec
import structlog

from slotwise.contract import Contract, PositionKey
from slotwise.errors import BrokerError, BrokerTimeoutError
from slotwise.position import PollFailure, Position, Snapshot, Unknown
from slotwise.reconciliation.evidence import Execution
from workers.gateway.broker import Broker
from workers.gateway.position_answer import ALL_ACCOUNTS
from workers.gateway.positions.closings import Closings
from workers.gateway.positions.doubts import Closing
from workers.gateway.positions.router import Router
from workers.gateway.positions.routing import closed_at

log = structlog.get_logger(__name__)

#: Evidence is looked for this often while there is doubt, seconds: an execution that closes a
#: holding is to be seen within ten.
EVIDENCE_S = 5.0
#: Executions are listed again after new holdings or many fills of one, at most this often, seconds.
LIST_S = 30.0
#: A request for evidence that was not answered is made again after this, seconds: some versions of
#: TWS never answer one for executions (ib_async #54, #82, #137).
HANGS_S = 60.0
#: An account's own update, or values, that were not given are asked for again after this, seconds:
#: whether TWS gives them is to be known of the time before a decision.
WITNESS_HANGS_S = 15.0


class Holdings:
    """Take snapshots, pushes and failures; what is believed goes to the router."""

    def __init__(
        self,
        broker: Broker,
        router: Router,
        poll_again: Callable[[], None],
        is_over: Callable[[Contract], bool] = lambda contract: False,
        in_values: Callable[[Position], bool] = lambda position: False,
        clock: Callable[[], float] = time.monotonic,
        evidence_s: float = EVIDENCE_S,
        executions: Callable[[], Awaitable[Collection[Execution]]] | None = None,
    ) -> None:
        self._broker = broker
        self._router = router
        self._poll_again = poll_again
        self._clock = clock
        self._evidence_s = evidence_s
        self._list_executions = executions or broker.executions
        self._closings = Closings(is_over, in_values)
        #: Whether an answer was taken since the start.
        self.taken = False
        self._again: asyncio.TimerHandle | None = None
        self._look = asyncio.Event()
        #: When executions were listed last, and whether holdings have come since.
        self._listed_at: float | None = None
        self._new_since = True
        #: When a kind of evidence may be asked for again, seconds of the clock.
        self._retry_at: dict[str, float] = {}
        #: Kinds of evidence that are being asked for.
        self._asking: dict[str, asyncio.Task[None]] = {}
        #: Sessions that began: silence on a request from before the last one puts nothing off.
        self._sessions = 0

    @property
    def unseen(self) -> frozenset[PositionKey]:
        """Return the holdings that are kept though the newest answer lacks them."""
        return self._closings.unseen

    @property
    def unknown(self) -> dict[str, Unknown]:
        """Return the accounts whose positions are not known; "" stands for all."""
        return self._closings.unknown

    def session_began(self) -> None:
        """Take a connection, or TWS's own to IB, as new."""
        self._closings.session_began(self._clock())
        self._listed_at = None
        self._sessions += 1
        self._retry_at.clear()

    async def take(self, snapshot: Snapshot) -> None:
        """Take an answer, and pass on what is believed of it."""
        held = self._router.portfolio.by_key
        unknown_before = self.unknown
        rows = {one.key: one for one in snapshot.positions if one.quantity != 0}
        closed = self._closings.answered(snapshot, held, self._clock(), self._broker.accounts)
        gone = {one.key: one.reason for one in closed}
        zeros = [one.row for one in closed if one.row is not None]
        kept = {key: one for key, one in held.items() if key not in rows and key not in gone}
        self._new_since = self._new_since or not rows.keys() <= held.keys()
        believed = msgspec.structs.replace(
            snapshot,
            positions=(*rows.values(), *zeros, *kept.values()),
            unseen=frozenset(kept),
            unknown=self.unknown,
        )
        self._say(unknown_before)
        await self._router.take(believed, gone)
        self.taken = True
        self._follow_up()

    def push(self, position: Position) -> None:
        """Take a change that TWS sent by itself."""
        self._new_since = self._new_since or position.key not in self._router.portfolio.by_key
        closing = self._closings.pushed(position, self._clock())
        self._router.push(position, closing.reason if closing is not None else "")

    def failed(self, error: BrokerError, requested_at: datetime) -> PollFailure:
        """Take a poll that failed; return since when positions are not known, and why."""
        unknown_before = self.unknown
        silent = isinstance(error, BrokerTimeoutError)
        at = datetime.now(UTC)
        self._closings.failed(str(error), at, self._clock(), silent=silent)
        self._say(unknown_before)
        self._look.set()
        return PollFailure(requested_at, self.unknown[ALL_ACCOUNTS].since, str(error))

    async def run(self, ready: asyncio.Event) -> None:
        """Look for evidence without end, while there is a connection and something to ask."""
        while True:
            await self._look.wait()
            await ready.wait()
            self._look.clear()
            now = self._clock()
            if self._is_doubted() or self._is_list_due(now):
                self._gather()
            if self._is_doubted():
                await asyncio.sleep(self._evidence_s)
                self._look.set()

    def close(self) -> None:
        """Ask for nothing more."""
        self._cancel_again()
        for asking in self._asking.values():
            asking.cancel()

    # What follows from TWS's messages.

    def _follow_up(self) -> None:
        again_s = self._closings.ask_again_s(self._clock())
        if again_s is not None:
            self._cancel_again()
            self._again = asyncio.get_running_loop().call_later(again_s, self._poll_again)
        if self._is_doubted() or self._is_list_due(self._clock()):
            self._look.set()

    def _is_doubted(self) -> bool:
        return bool(self._closings.unseen) or ALL_ACCOUNTS in self._closings.unknown

    def _is_list_due(self, now: float) -> bool:
        """Return True where executions are listed to compare later ones with."""
        wanted = self._new_since or self._closings.is_list_wanted
        return self._listed_at is None or (wanted and now - self._listed_at >= LIST_S)

    def _cancel_again(self) -> None:
        if self._again is not None:
            self._again.cancel()

    def _gather(self) -> None:
        """Ask for each kind of evidence that is not being waited for.

        Together they would be as slow as an account's update that never comes: an execution would
        be seen after 15 s.
        """
        asked = dict(self._router.portfolio.by_key)
        self._ask("executions", partial(self._executions, asked))
        for name in self._closings.accounts_missing():
            self._ask(f"account {name}", partial(self._account, name), WITNESS_HANGS_S)
        if self._closings.are_values_wanted:
            self._ask("account values", self._values, WITNESS_HANGS_S)

    def _ask(
        self,
        what: str,
        asking: Callable[[], Coroutine[None, None, None]],
        pause_s: float = HANGS_S,
    ) -> None:
        """Ask, unless it is being asked for or was not answered lately."""
        if what not in self._asking and self._retry_at.get(what, 0.0) <= self._clock():
            task = asyncio.get_running_loop().create_task(self._answer(what, asking, pause_s))
            self._asking[what] = task
            task.add_done_callback(partial(self._on_answered, what))

    async def _answer(
        self, what: str, asking: Callable[[], Coroutine[None, None, None]], pause_s: float
    ) -> None:
        session = self._sessions
        try:
            await asking()
            self._retry_at.pop(what, None)
        except BrokerTimeoutError as error:
            log.info("evidence of closings not answered", what=what, reason=str(error))
            if session == self._sessions:
                self._retry_at[what] = self._clock() + pause_s
        except BrokerError as error:
            log.info("no evidence of closings", what=what, reason=str(error))

    def _on_answered(self, what: str, task: asyncio.Task[None]) -> None:
        self._asking.pop(what, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("evidence of closings failed", what=what, error=repr(error))

    async def _executions(self, asked: Mapping[PositionKey, Position]) -> None:
        self._listed_at, self._new_since = self._clock(), False
        executions = await self._list_executions()
        held = self._router.portfolio.by_key
        self._close(self._closings.traded(executions, asked, held))

    async def _account(self, account: str) -> None:
        try:
            con_ids = await self._broker.account_holdings(account)
        except BrokerTimeoutError:
            self._closings.not_given(account, self._clock())
            raise
        held = self._router.portfolio.by_key
        self._close(self._closings.listed(account, con_ids, held, self._clock()))

    async def _values(self) -> None:
        try:
            holds = await self._broker.accounts_hold()
        except BrokerTimeoutError:
            self._closings.not_valued(self._clock())
            raise
        held = self._router.portfolio.by_key
        self._close(self._closings.valued(holds, held, self._clock()))

    def _close(self, closed: Collection[Closing]) -> None:
        held = self._router.portfolio.by_key
        for one in closed:
            if one.key in held:
                number = self._broker.numbering.next()
                gone = closed_at(held[one.key], datetime.now(UTC), number)
                self._router.push(gone, one.reason)

    def _say(self, before: Mapping[str, Unknown]) -> None:
        """Log each account that has become unknown, or is known again."""
        for account, unknown in self.unknown.items():
            if account not in before:
                log.warning("positions unknown", account=account or "all", reason=unknown.reason)
        for account in before.keys() - self.unknown.keys():
            log.info("positions known again", account=account or "all")
