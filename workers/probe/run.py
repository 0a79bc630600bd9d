"""Run the steps of a probe in their order, within its time, whatever becomes of one of them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from slotwise.contract_details import ContractDetails
from slotwise.errors import BrokerError, SlotwiseError
from slotwise.position import Position
from slotwise.settings import Settings
from workers.gateway.wire_log import Tap
from workers.probe.fact import FORMAT, Fact, ProbeReport, unknown
from workers.probe.session import ProbeSession
from workers.probe.steps import (
    probe_details,
    probe_lines,
    probe_marks,
    probe_positions,
    probe_quotes,
    requestable,
)
from workers.probe.suggestions import suggestions
from workers.probe.summary import account_fact, contract_facts, greeting_facts, notice_fact
from workers.probe.times import ProbeTimes

#: A probe takes this long at most, minutes.
MOST_MINUTES = 15.0

T = TypeVar("T")


class ProbeOptions(msgspec.Struct, frozen=True):
    """What a probe is allowed to do."""

    #: Find how many lines are usable, by asking until TWS refuses one.
    limit: bool = False
    #: Wait for IB's own marks, which come every three minutes.
    marks: bool = False
    minutes: float = MOST_MINUTES


class Probe:
    """Collect facts; what cannot be found out is a fact too, with its reason."""

    def __init__(
        self,
        settings: Settings,
        options: ProbeOptions,
        say: Callable[[str], None],
        *,
        client_id: int,
        times: ProbeTimes | None = None,
        recording: Callable[[], Tap] | None = None,
    ) -> None:
        self._settings = settings
        self._options = options
        self._say = say
        self._session = ProbeSession(
            settings.ib_host,
            settings.ib_port,
            client_id,
            times=times,
            delayed=settings.delayed_data,
            recording=recording,
        )
        self._facts: list[Fact] = []
        self._asking: asyncio.Task[None] | None = None
        self._began = time.monotonic()
        self._deadline = self._began + 60 * min(options.minutes, MOST_MINUTES)

    def stop(self) -> None:
        """End early: what was found until now is reported."""
        if self._asking is not None:
            self._asking.cancel()

    async def run(self) -> ProbeReport:
        """Run all steps; ends early where the connection ends, and closes everything."""
        began = datetime.now(UTC)
        self._asking = asyncio.create_task(self._connect_and_ask())
        await asyncio.wait((self._asking,))
        if self._asking.cancelled():
            self._facts.append(unknown("rest", "it was ended early"))
        elif isinstance(error := self._asking.exception(), TimeoutError):
            self._facts.append(unknown("rest", "the time was up"))
        elif isinstance(error, BrokerError):
            self._facts.append(unknown("rest", str(error)))
        elif error is not None:
            await self._close()
            raise error
        await self._close()
        self._facts.append(notice_fact(self._session.frames))
        return ProbeReport(
            FORMAT,
            began.isoformat(timespec="seconds"),
            round(time.monotonic() - self._began, 1),
            tuple(self._facts),
            suggestions(self._facts, self._settings),
        )

    async def _connect_and_ask(self) -> None:
        session, options = self._session, self._options
        self._say(f"connecting to {self._settings.ib_host}:{self._settings.ib_port}")
        try:
            await session.connect()
        except SlotwiseError as error:
            self._facts.append(unknown("login", str(error)))
            return
        async with asyncio.timeout_at(
            asyncio.get_running_loop().time() + self._deadline - time.monotonic()
        ):
            await session.wait(session.times.greeting_s)
            self._facts += greeting_facts(session.frames)
            self._facts.append(account_fact(session.broker.accounts))
            answer = await self._step("positions", probe_positions(session))
            if answer is None:
                return
            facts, positions = answer
            self._facts += facts
            held = [position for position in positions if position.quantity]
            found = await self._step("contract details", probe_details(session, held))
            details, refused = found if found is not None else ([], 0)
            self._facts += contract_facts(details, refused)
            contracts = requestable(held, details)
            if not contracts:
                self._facts.append(unknown("market data", "no contract is held to ask about"))
                return
            self._facts += await self._step("quotes", probe_quotes(session, contracts)) or []
            await self._lines(held)
            if options.marks and session.broker.accounts:
                account = session.broker.accounts[0]
                waiting = probe_marks(session, account, self._deadline)
                self._facts += await self._step("marks of the account", waiting) or []
            else:
                self._facts.append(unknown("account_marks", "not asked for (--marks)"))

    async def _lines(self, held: list[Position]) -> None:
        if not self._options.limit:
            self._facts.append(unknown("lines_usable", "not asked for (--limit)"))
            return
        session = self._session
        # The rest of what is held is looked up too: it takes a hundred contracts to find a limit.
        holdings = list(
            dict.fromkeys((each.account, each.contract.con_id) for each in held if each.account)
        )
        contracts = await self._step("contracts for the limit", self._all(held))
        if contracts:
            self._say("opening lines until TWS refuses one; streams of others may be refused now")
            account = session.broker.accounts[0]
            step = probe_lines(session, list(contracts.values()), account, holdings)
            self._facts += await self._step("lines", step) or []

    async def _all(self, held: list[Position]) -> dict[int, Any]:
        """Return contracts to ask for, up to a third more than the settings' lines."""
        wanted = int(self._settings.lines * 4 / 3) + 1
        found: list[ContractDetails] = []
        for position in {one.contract.con_id: one for one in held}.values():
            if len(found) >= wanted:
                break
            await self._session.pace()
            try:
                found.append(await self._session.broker.details(position.contract.con_id))
            except SlotwiseError:
                if self._session.ended:
                    raise
        return requestable(held, found)

    async def _step(self, name: str, step: Coroutine[Any, Any, T]) -> T | None:
        """Run one step; a refusal or a missing answer is noted, a lost connection ends all."""
        self._say(name)
        try:
            return await step
        except BrokerError as error:
            if self._session.ended:
                raise
            self._facts.append(unknown(name, str(error)))
            return None

    async def _close(self) -> None:
        try:
            await self._session.close()
        except BrokerError as error:
            # The connection went while its lines were closed; they went with it.
            self._say(f"ended: {error}")
