"""Look legs up: ask TWS which contracts a description fits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.leg import Leg
from slotwise.legs_meant import Meaning, Meanings
from workers.gateway.broker import Broker
from workers.gateway.evidence import AT_ONCE, NO_SECURITY


async def look_up(
    broker: Broker, legs: Sequence[Leg], clock: Callable[[], float] = time.monotonic
) -> Meanings:
    """Ask for the contracts that fit each leg; what TWS refuses is said of that leg alone."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(leg: Leg) -> Meaning:
        async with turns:
            # As quotes do: an activation never waits behind a look-up.
            await asyncio.sleep(max(broker.messages.quote_at(clock()) - clock(), 0.0))
            try:
                return Meaning(leg, await broker.contracts_like(leg))
            except RequestRefusedError as error:
                return Meaning(leg, (), "" if error.code == NO_SECURITY else str(error))
            except BrokerError as error:
                return Meaning(leg, (), str(error))

    return Meanings(tuple(await asyncio.gather(*map(one, legs))))
