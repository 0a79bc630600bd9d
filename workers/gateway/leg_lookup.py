"""Look legs up: ask TWS which contracts a description fits."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from slotwise.contract import Contract
from slotwise.errors import BrokerError, RequestRefusedError
from slotwise.leg import Leg
from slotwise.rules.expiry import expired_words
from slotwise.rules.leg_resolution import AllCandidates, LegCandidates
from workers.gateway.broker import Broker
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.evidence import AT_ONCE
from workers.gateway.tws_codes import NO_SECURITY

#: How other sources write what IB writes with a space: BRK.B, BRK/B, BRK-B.
_JOINED = re.compile(r"[./-]")


async def look_up(
    broker: Broker,
    book: ContractCache,
    legs: Sequence[Leg],
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> AllCandidates:
    """Ask for the contracts that fit each leg; a refusal is reported for that leg alone.

    A contract that is held and whose details are known is not asked for again.
    """
    turns = asyncio.Semaphore(AT_ONCE)

    async def fitting(leg: Leg) -> tuple[Contract, ...]:
        # As quotes do: an activation never waits behind a look-up.
        await asyncio.sleep(max(broker.messages.quote_at(clock()) - clock(), 0.0))
        try:
            found = await broker.details_like(leg)
        except RequestRefusedError as error:
            if error.code != NO_SECURITY:
                raise
            return ()
        if len(found) == 1:
            # It is about to be activated: then nothing has to be asked for.
            book.learn(found[0])
        return tuple(details.contract for details in found)

    def held_besides(leg: Leg, found: Sequence[Contract]) -> list[Contract]:
        """Return what is held under the same words; without a currency they mean dollars."""
        ids = {one.con_id for one in found}
        others = [one for one in book.facts.held_like(leg) if one.con_id not in ids]
        if found:
            return others
        return [one for one in others if one.con_id in book.facts and not book.trouble(one.con_id)]

    async def by_id(con_id: int) -> tuple[Contract, ...]:
        known = book.facts.details(con_id)
        if known is not None and book.facts.held(con_id) is not None and not book.trouble(con_id):
            return (known.contract,)
        error = await book.refresh(con_id)
        if isinstance(error, RequestRefusedError) and error.code == NO_SECURITY:
            # TWS answers for an expired contract as for one that never existed.
            over = known and expired_words(known.contract, now())
            return (known.contract,) if known is not None and over else ()
        if error is not None:
            raise error
        found = book.facts.details(con_id)
        return () if found is None else (found.contract,)

    async def one(leg: Leg) -> LegCandidates:
        async with turns:
            try:
                if leg.con_id:
                    return LegCandidates(leg, await by_id(leg.con_id))
                found = await fitting(leg)
                if not found and leg.sec_type in ("", "STK") and _JOINED.search(leg.symbol):
                    spaced = _JOINED.sub(" ", leg.symbol)
                    found = await fitting(msgspec.structs.replace(leg, symbol=spaced))
                return LegCandidates(leg, (*found, *held_besides(leg, found)))
            except BrokerError as error:
                return LegCandidates(leg, (), str(error))

    return AllCandidates(tuple(await asyncio.gather(*map(one, legs))))
