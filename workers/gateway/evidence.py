"""Evidence for a reconciliation: the broker's data on contracts in doubt."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice

import structlog

from slotwise.contract import Contract
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.reconciliation.evidence import Evidence, Execution
from workers.gateway.broker import Broker
from workers.gateway.tws_codes import NO_SECURITY

log = structlog.get_logger(__name__)

#: Contracts looked up for one question at most: a second's messages, less what others need.
MAX_LOOK_UPS = 40
#: This many look-ups are under way at once: a TWS that is far away slows them down by no more.
AT_ONCE = 8


async def gather(
    broker: Broker, con_ids: Iterable[int], clock: Callable[[], float] = time.monotonic
) -> Evidence:
    """Ask for the day's executions and for the details of contracts; what fails is left out."""
    asked_at = datetime.now(UTC)
    executions = await _executions(broker)
    turns = asyncio.Semaphore(AT_ONCE)
    contracts: dict[int, Contract | None] = {}

    async def look_up(con_id: int) -> None:
        async with turns:
            # As quotes do: an activation never waits behind a look-up.
            await asyncio.sleep(max(broker.messages.quote_at(clock()) - clock(), 0.0))
            try:
                contracts[con_id] = (await broker.details(con_id)).contract
            except RequestRefusedError as error:
                if error.code == NO_SECURITY:
                    contracts[con_id] = None
            except BrokerError as error:
                log.info("contract in doubt not looked up", con_id=con_id, reason=str(error))

    await asyncio.gather(*(look_up(con_id) for con_id in islice(con_ids, MAX_LOOK_UPS)))
    return Evidence(
        asked_at=asked_at,
        accounts=broker.accounts,
        executions=executions,
        contracts=contracts,
    )


async def _executions(broker: Broker) -> tuple[Execution, ...] | None:
    try:
        return await broker.executions()
    except BrokerError as error:
        log.warning("executions not available", reason=str(error))
        return None
