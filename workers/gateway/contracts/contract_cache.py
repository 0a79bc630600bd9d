"""ContractCache: contracts that requests can be made of, with what their details say.

Rules:
* Nothing is asked for at the market before a contract's details are known, or known to be out of
  reach. Each contract's details are asked for once; TWS's answer is kept, also for the next start.
* A refusal (TWS has no such contract) is kept too, and asked again after `RETRY_REFUSED_S`.
* Where no answer comes, a contract that is held is asked for at a guessed exchange, its magnifier
  unknown, and its details again after a pause that grows.
* Where TWS refuses market data of a known contract as of an unknown one (error 200), its details
  are looked up once more: at once the first time, then after a pause that grows. Until they are
  there nothing is asked for at the market; its magnifier stays known, for the past does not change.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import structlog

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, KeptContract
from slotwise.contract_routing import guessed_exchange
from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from workers.gateway.broker import Broker
from workers.gateway.contracts.facts import ContractFacts
from workers.gateway.contracts.retries import (
    RETRY_DOUBTED_S,
    RETRY_FAILED_S,
    RETRY_REFUSED_S,
    Doubt,
    Trouble,
)
from workers.gateway.contracts.symbols import Symbols
from workers.gateway.tws_codes import NO_SECURITY

log = structlog.get_logger(__name__)


def routed(held: Contract) -> Contract | None:
    """Return a held contract with the exchange to try where its details cannot be had.

    None where there is no guess: SMART routes neither futures nor options on them.
    """
    exchange = guessed_exchange(held.sec_type, held.exchange)
    if not exchange:
        return None
    primary = held.exchange if held.sec_type == "STK" else ""
    return msgspec.structs.replace(
        held, exchange=exchange, primary_exchange=held.primary_exchange or primary
    )


class ContractCache:
    """A cache of contracts by their ids; TWS is asked for the others, each once."""

    def __init__(
        self,
        broker: Broker,
        keep: Callable[[KeptContract], None] = lambda kept: None,
        on_news: Callable[[int, bool], None] = lambda con_id, moved: None,
        on_needed: Callable[[int], None] = lambda con_id: None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._broker = broker
        self._keep = keep
        self._on_news = on_news
        self._on_needed = on_needed
        self._clock = clock
        self._now = now
        self._troubles: dict[int, Trouble] = {}
        self.facts = ContractFacts(self._troubles, self._ask_contradicted)
        #: Contracts that can be asked for at once, and their position rows at that time.
        self._known: dict[int, tuple[Contract, Contract | None]] = {}
        self._doubts: dict[int, Doubt] = {}
        self._asking: dict[int, asyncio.Task[BrokerError | None]] = {}
        self._symbols = Symbols(broker, self.facts, self.learn, clock)
        self._turn = asyncio.Lock()

    def get(self, con_id: int) -> Contract | None:
        """Return a contract that can be asked for at once."""
        ready = self._known.get(con_id)
        if ready is None:
            return None
        held = self.facts.held(con_id)
        if ready[1] is not held and ready[1] != held and con_id in self.facts:
            # A position row came since; it may name another of the exchanges that are listed.
            self._make_ready(con_id)
            ready = self._known[con_id]
        return ready[0]

    def named(self, con_id: int) -> Contract:
        """Return a contract, or one of which nothing but its id is known."""
        return self.get(con_id) or self.facts.named(con_id)

    def is_held(self, con_id: int) -> bool:
        """Return True where a position row named the contract."""
        return self.facts.held(con_id) is not None

    def trouble(self, con_id: int) -> str:
        """Return why the details of a contract are not there; empty where they are, or are due."""
        trouble = self._troubles.get(con_id)
        return "" if trouble is None else str(trouble.error)

    def is_settled(self, con_id: int) -> bool:
        """Return True where a contract can be asked for, or it is known why it cannot."""
        return con_id in self._known or con_id in self._troubles

    def needs_details(self, con_id: int) -> bool:
        """Return True where a contract's details are to be asked for now."""
        if con_id in self._asking:
            return False
        trouble = self._troubles.get(con_id)
        if trouble is not None:
            return trouble.retry_at <= self._clock()
        return con_id not in self.facts or con_id not in self._known

    def asking(self) -> int:
        """Count the look-ups under way."""
        return len(self._asking)

    def recall(self, kept: Iterable[KeptContract]) -> None:
        """Take up what an earlier gateway kept."""
        clock, now = self._clock(), self._now()
        for one in kept:
            self.facts.recall(one)
            if one.refusal:
                left_s = (one.at + timedelta(seconds=RETRY_REFUSED_S) - now).total_seconds()
                error = RequestRefusedError(one.code, one.refusal, one.con_id)
                pause_s = min(max(left_s, 0.0), RETRY_REFUSED_S)
                self._troubles[one.con_id] = Trouble(error, clock + pause_s, RETRY_REFUSED_S)
            elif one.details is not None:
                self._make_ready(one.con_id)

    async def find(self, con_id: int) -> Contract:
        """Return a contract that can be asked for; raises BrokerError.

        A refusal that is known is raised again without asking.
        """
        known = self.get(con_id)
        if known is not None:
            return known
        trouble = self._troubles.get(con_id)
        if trouble is None or trouble.retry_at <= self._clock():
            error = await self.refresh(con_id)
            if error is not None and con_id not in self._known:
                raise error
        elif con_id not in self._known:
            raise trouble.error
        return self._known[con_id][0]

    async def find_symbol(self, symbol: str) -> Contract:
        """Return the stock or index of a symbol; raises BrokerError."""
        return await self.find(await self._symbols.con_id(symbol))

    def learn(self, details: ContractDetails) -> None:
        """Take details that came by another way, where none are known."""
        if details.contract.con_id not in self.facts:
            self._learnt(details)

    async def refresh(self, con_id: int) -> BrokerError | None:
        """Ask for the details of a contract; return why they did not come.

        One look-up serves all callers that ask while it runs.
        """
        task = self._asking.get(con_id)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._ask(con_id))
            self._asking[con_id] = task
        return await asyncio.shield(task)

    def doubt(self, con_id: int) -> bool:
        """Mark the exchange of a contract as doubtful; False where that was done not long ago.

        Its details are needed again.
        """
        now = self._clock()
        before = self._doubts.get(con_id)
        ready = self._known.get(con_id)
        if ready is None or con_id in self._asking or (before and before.due_at > now):
            return False
        pause_s = min(2 * before.pause_s, RETRY_REFUSED_S) if before else RETRY_DOUBTED_S
        self._doubts[con_id] = Doubt(ready[0], now + pause_s, pause_s)
        del self._known[con_id]
        self._troubles.pop(con_id, None)
        self._on_needed(con_id)
        return True

    def rerouted(self, con_id: int, to_con_id: int) -> None:
        """Take note that TWS gives quotes of another contract, in the units of that one."""
        if not self.facts.reroute(con_id, to_con_id):
            return
        log.info("quotes are those of another contract", con_id=con_id, of=to_con_id)
        if con_id in self.facts:
            self._keep(self.facts.kept(con_id, self._now()))
        if self.needs_details(to_con_id):
            self._on_needed(to_con_id)
        self._notify(con_id)

    def close(self) -> None:
        """End the look-ups under way."""
        for task in self._asking.values():
            task.cancel()

    async def _ask(self, con_id: int) -> BrokerError | None:
        try:
            async with self._turn:
                # Many wait here for room, not in the queue of the socket: a cancel would wait
                # behind them there.
                now = self._clock()
                await asyncio.sleep(max(self._broker.messages.line_at(now) - now, 0.0))
            self._learnt(await self._broker.details(con_id))
        except BrokerError as error:
            self._note_failure(con_id, error)
            return error
        finally:
            del self._asking[con_id]
        trouble = self._troubles.get(con_id)
        return None if trouble is None else trouble.error

    def _learnt(self, details: ContractDetails) -> None:
        con_id = details.contract.con_id
        self.facts.learn(details)
        self._troubles.pop(con_id, None)
        self._make_ready(con_id)
        self._keep(self.facts.kept(con_id, details.looked_up_at))
        self._notify(con_id)

    def _note_failure(self, con_id: int, error: BrokerError) -> None:
        now, before = self._clock(), self._troubles.get(con_id)
        if isinstance(error, RequestRefusedError) and error.code == NO_SECURITY:
            pause_s = RETRY_REFUSED_S
            self._known.pop(con_id, None)
            self._keep(self.facts.kept(con_id, self._now(), error))
        elif isinstance(error, (RequestRefusedError, BrokerTimeoutError)):
            pause_s = RETRY_FAILED_S if before is None else min(2 * before.pause_s, RETRY_REFUSED_S)
            if isinstance(error, BrokerTimeoutError):
                self._guess(con_id)
        else:
            # The connection is gone; on the next one it is asked for again.
            return
        log.info("contract details not known", con_id=con_id, reason=str(error))
        self._troubles[con_id] = Trouble(error, now + pause_s, pause_s)
        self._notify(con_id)

    def _guess(self, con_id: int) -> None:
        """Make a contract ready without its details, where a position row names it."""
        if con_id in self.facts:
            self._make_ready(con_id)
            return
        held = self.facts.held(con_id)
        if held is not None and (guess := routed(held)) is not None:
            self._known[con_id] = (guess, held)

    def _make_ready(self, con_id: int) -> None:
        ready = self.facts.request_contract(con_id)
        if ready.exchange:
            self._known[con_id] = (ready, self.facts.held(con_id))
            return
        self._known.pop(con_id, None)
        error = BrokerError(f"TWS names no exchange for contract {con_id}")
        self._troubles[con_id] = Trouble(error, self._clock() + RETRY_REFUSED_S, RETRY_REFUSED_S)

    def _ask_contradicted(self, con_id: int) -> None:
        """Request details again that a position row contradicts."""
        log.info("kept details are those of another contract", con_id=con_id)
        self._known.pop(con_id, None)
        self._troubles.pop(con_id, None)
        self._on_needed(con_id)

    def _notify(self, con_id: int) -> None:
        """Pass on that details are known, or are known not to be there."""
        ready, doubt = self._known.get(con_id), self._doubts.get(con_id)
        moved = doubt is not None and ready is not None and ready[0] != doubt.contract
        if moved and doubt is not None and ready is not None:
            self._doubts[con_id] = replace(doubt, contract=ready[0])
        for one in self.facts.forget_completed(con_id):
            self._on_news(one, moved and one == con_id)
