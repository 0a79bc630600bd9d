"""The quotes that were known when the newest snapshot was taken, one of each holding's contract.

A polled position is valued with a quote from before it. The quote board holds only the newest of a
contract, which in a rotation of seconds is nearly always from after the poll.

Written after the snapshot, and read before it or in one transaction with it, so a batch never meets
quotes of a later snapshot than its positions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.bus.readable import readable
from slotwise.quote import Quote

#: Quotes written to Redis in one command: keeps each well under a megabyte.
CHUNK = 1000

_quotes = msgspec.msgpack.Decoder(Quote)


class PolledQuotes:
    """Board of the quotes that polled positions are valued with."""

    def __init__(self, bus: Bus) -> None:
        self._redis = bus.redis
        self._key = bus.key("quotes", "polled")

    def put(self, quotes: Iterable[Quote], held: Collection[int]) -> None:
        """Replace the quotes of a snapshot's contracts, and drop those of all others.

        A contract that is held and has no new quote keeps the one it has: it is from before too,
        and a gateway that has just started knows no other.
        """
        encoded = [(str(quote.con_id), msgspec.msgpack.encode(quote)) for quote in quotes]
        kept = {str(con_id).encode() for con_id in held}
        with translated():
            gone = [field for field in self._redis.hkeys(self._key) if field not in kept]
            pipeline = self._redis.pipeline(transaction=True)
            for start in range(0, len(gone), CHUNK):
                pipeline.hdel(self._key, *gone[start : start + CHUNK])
            for start in range(0, len(encoded), CHUNK):
                pipeline.hset(self._key, mapping=dict(encoded[start : start + CHUNK]))
            pipeline.execute()

    def add(self, quote: Quote) -> None:
        """Replace the quote of one contract, whose position was pushed."""
        with translated():
            self._redis.hset(self._key, str(quote.con_id), msgspec.msgpack.encode(quote))

    def get(self, con_ids: Sequence[int]) -> Mapping[int, Quote]:
        """Read the quotes of some contracts; one that had none is absent."""
        if not con_ids:
            return {}
        with translated():
            return self.answer(self.ask(con_ids, self._redis))

    def ask(self, con_ids: Sequence[int], commands: Any) -> Any:
        """Ask by a client, or within a transaction, for some contracts."""
        return commands.hmget(self._key, [str(con_id) for con_id in con_ids] or [""])

    def answer(self, data: Sequence[bytes | None]) -> dict[int, Quote]:
        """Read what `ask` was answered."""
        found = (readable(_quotes, item, self._key) for item in data if item is not None)
        return {quote.con_id: quote for quote in found if quote is not None}
