"""Trading hours, looked up once for all contracts that trade alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

import structlog

from slotwise.contract import Contract
from slotwise.errors import BrokerError, InputError
from slotwise.trading_hours import TradingHours
from workers.gateway.broker import Broker

log = structlog.get_logger(__name__)

#: Contracts that share their sessions: type, symbol, class, exchange.
_Kind: TypeAlias = tuple[str, str, str, str]

#: Ask again after this, seconds, where TWS did not tell; until then the market counts as open.
RETRY_S = 300.0


class HoursBook:
    """Know the sessions of each kind of contract."""

    def __init__(self, broker: Broker, clock: Callable[[], float]) -> None:
        self._broker = broker
        self._clock = clock
        self._known: dict[_Kind, TradingHours] = {}
        self._retry_at: dict[_Kind, float] = {}
        self._asking: dict[_Kind, asyncio.Task[None]] = {}

    def closed_until(self, contract: Contract, now: datetime) -> datetime | None:
        """Tell until when a contract does not trade; None when it does, or nobody knows."""
        hours = self._known.get(_kind(contract))
        if hours is None or hours.is_open(now):
            return None
        return hours.next_change(now)

    def trades(self, contract: Contract, now: datetime) -> bool:
        """Tell whether a contract is known to trade; asks where nobody knows."""
        if not self.is_known(contract, now):
            self.ask(contract, lambda: None)
            return False
        return self.closed_until(contract, now) is None

    def is_known(self, contract: Contract, now: datetime) -> bool:
        """Tell whether asking would bring nothing new for now."""
        kind = _kind(contract)
        hours = self._known.get(kind)
        if hours is not None and now < hours.known_until:
            return True
        return self._retry_at.get(kind, 0.0) > self._clock()

    def ask(self, contract: Contract, then: Callable[[], None]) -> None:
        """Look the hours up, and call back; one look-up serves everybody who asks meanwhile."""
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
            self._known[kind] = await self._broker.trading_hours(contract)
            self._retry_at.pop(kind, None)
        except (BrokerError, InputError) as error:
            log.warning("trading hours unknown", contract=contract.label, reason=str(error))
        finally:
            # Also where what was told is over already: nobody asks on and on.
            self._retry_at[kind] = self._clock() + RETRY_S
            del self._asking[kind]
        then()


def _kind(contract: Contract) -> _Kind:
    return contract.sec_type, contract.symbol, contract.trading_class, contract.exchange
