"""ContractService: everything about contracts in one place: book, look-ups, hours, rows, recall."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

import structlog

from slotwise.contract_details import KeptContract
from slotwise.errors import LakeError
from slotwise.position_writer import Append
from workers.gateway.broker import Broker
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.contracts.fetch import ContractFetch
from workers.gateway.contracts.rows import ContractRows
from workers.gateway.contracts.trading_hours_cache import TradingHoursCache

log = structlog.get_logger(__name__)


class ContractService:
    """Hold what is known of contracts, and have looked up and kept what is not."""

    def __init__(
        self,
        broker: Broker,
        append: Append,
        kept: Callable[[], Sequence[KeptContract]],
        on_details: Callable[[int, bool], None],
        on_all_details: Callable[[], None],
    ) -> None:
        self._kept = kept
        self._on_details = on_details
        self._rows = ContractRows(append)
        self._on_all_details = on_all_details
        #: Whether details came since `news` was called last, and since the last look-ups ended.
        self._came = self._learnt = False
        self.book = ContractCache(
            broker,
            self._rows.keep,
            self._took,
            lambda con_id: self.fetch.want_first(con_id),
        )
        self.facts = self.book.facts
        self.fetch = ContractFetch(self.book, broker.messages, self._took_all)
        self.hours = TradingHoursCache(self.book, time.monotonic)

    async def recall(self) -> None:
        """Take up the contracts that the lake keeps; without them each is asked for once."""
        try:
            kept = await asyncio.to_thread(self._kept)
            # Also in the thread: nothing else has begun yet, and 10,000 take a moment.
            await asyncio.to_thread(self.book.recall, kept)
        except LakeError as error:
            log.warning("kept contracts not read, details are asked for again", reason=str(error))
        else:
            log.info("contracts recalled", contracts=len(kept))

    def want(self, con_ids: Iterable[int]) -> None:
        """Request the details that are missing, the first contracts first."""
        self.fetch.want((*con_ids, *self.facts.reroutes()))

    def news(self) -> bool:
        """Return True where details came since this was asked last."""
        came, self._came = self._came, False
        return came

    def flush(self) -> None:
        """Send what was learnt on its way to the lake."""
        self._rows.flush()
        # Details that an activation asked for by itself come without an end of the look-ups.
        self._took_all()

    def close(self) -> None:
        """End the look-ups under way."""
        self.hours.close()
        self.book.close()

    def _took_all(self) -> None:
        """Pass on that all look-ups have ended, where any was of use to what is held."""
        if self._learnt and not self.fetch.waiting and not self.book.asking():
            self._learnt = False
            self._on_all_details()

    def _took(self, con_id: int, moved: bool) -> None:
        self._came = True
        self._learnt = self._learnt or (self.book.is_held(con_id) and con_id in self.facts)
        self._on_details(con_id, moved)
