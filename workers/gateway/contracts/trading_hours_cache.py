"""Trading hours of all contracts that trade alike: those in the details, asked for when they end.

The details of any contract of a kind serve the others; so a start that knows its contracts asks
nothing, and each kind is asked for again when what is known of it is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import structlog

from slotwise.contract import Contract
from slotwise.errors import InputError
from slotwise.rules.trading_hours import TradingHours, read_hours
from workers.gateway.contracts.contract_cache import ContractCache

log = structlog.get_logger(__name__)

#: Contracts that share their sessions: type, symbol, class, exchange.
_Kind: TypeAlias = tuple[str, str, str, str]

#: Ask again after this, seconds, where TWS did not answer; until then the market counts as open.
RETRY_S = 300.0
#: Ask again after this, seconds, where details name no hours: bonds and funds never do.
RETRY_NONE_S = 6 * 3600.0


class TradingHoursCache:
    """A cache of the sessions of each kind of contract."""

    def __init__(self, contracts: ContractCache, clock: Callable[[], float]) -> None:
        self._contracts = contracts
        self._clock = clock
        self._known: dict[_Kind, TradingHours] = {}
        self._retry_at: dict[_Kind, float] = {}
        self._asking: dict[_Kind, asyncio.Task[None]] = {}

    def closed_until(self, contract: Contract, now: datetime) -> datetime | None:
        """Return until when a contract does not trade; None when it does, or that is unknown."""
        hours = self._known.get(_kind(contract))
        if hours is None or hours.is_open(now):
            return None
        return hours.next_change(now)

    def closed_since(self, contract: Contract, now: datetime) -> datetime | None:
        """Return when a contract's market closed last, where TWS's hours have it."""
        hours = self._known.get(_kind(contract))
        return None if hours is None else hours.last_end(now)

    def hours(self, contract: Contract, now: datetime) -> TradingHours | None:
        """Return the sessions of a contract, as far as they are known without asking."""
        return self._known.get(_kind(contract)) if self.is_known(contract, now) else None

    def trades(self, contract: Contract, now: datetime) -> bool:
        """Return whether a contract is known to trade; asks TWS where that is unknown."""
        if not self.is_known(contract, now):
            self.ask(contract, lambda: None)
            return False
        return self.closed_until(contract, now) is None

    def is_known(self, contract: Contract, now: datetime) -> bool:
        """Return whether asking would bring nothing new for now."""
        kind = _kind(contract)
        hours = self._known.get(kind)
        if hours is not None and now < hours.known_until:
            return True
        if self._retry_at.get(kind, 0.0) > self._clock():
            return True
        return self._read(kind, contract, now)

    def ask(self, contract: Contract, then: Callable[[], None]) -> None:
        """Look the hours up, and call back; callers that ask while it runs share one look-up."""
        kind = _kind(contract)
        if kind not in self._asking:
            self._asking[kind] = asyncio.get_running_loop().create_task(
                self._look_up(kind, contract, then)
            )

    def asking(self) -> int:
        """Count the look-ups under way."""
        return len(self._asking)

    def close(self) -> None:
        """End the look-ups under way."""
        for task in self._asking.values():
            task.cancel()

    async def _look_up(self, kind: _Kind, contract: Contract, then: Callable[[], None]) -> None:
        try:
            error = await self._contracts.refresh(contract.con_id)
            if error is not None:
                log.warning("trading hours unknown", contract=contract.label, reason=str(error))
        finally:
            # Also where what TWS sent is over already: nothing is asked on and on.
            self._retry_at[kind] = self._clock() + RETRY_S
            del self._asking[kind]
        self._read(kind, contract, None)
        then()

    def _read(self, kind: _Kind, contract: Contract, now: datetime | None) -> bool:
        """Take the hours from a contract's details; False where they are over, or not known."""
        details = self._contracts.facts.details(contract.con_id)
        if details is None:
            return False
        text, zone = details.trading_hours, details.time_zone
        if not text.strip(" ;"):
            self._retry_at[kind] = self._clock() + RETRY_NONE_S
            return True
        try:
            hours = read_hours(text, zone)
        except InputError as error:
            log.warning("trading hours unknown", contract=contract.label, reason=str(error))
            self._retry_at[kind] = self._clock() + RETRY_NONE_S
            return True
        if now is not None and hours.known_until <= now:
            # A text without a zone cannot be used, now or later.
            if zone.strip():
                return False
            self._retry_at[kind] = self._clock() + RETRY_NONE_S
            return True
        self._known[kind] = hours
        return True


def _kind(contract: Contract) -> _Kind:
    return contract.sec_type, contract.symbol, contract.trading_class, contract.exchange
