"""The landing stream: one ordered Redis Stream of everything on its way to the lake.

Entries stay until every table has committed them. A stream id `milliseconds-sequence` packs
into one growing integer, the offset, which each Delta table keeps as the version of its
transaction: what is landed is known by the lake, not by Redis.

A sender that lost the answer sends again, and cannot know that it did. So Redis keeps a mark of
each entry for a while: an entry that says the very same as one before it is that one.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec
import pyarrow as pa

from slotwise.bus.client import Bus, translated
from slotwise.lake.arrow import from_bytes, to_bytes
from slotwise.landing import Entry, Head, Offset

#: Bits of an offset that hold the sequence within a millisecond: 1,048,576 entries.
SEQUENCE_BITS = 20

#: An entry is known again for this long, seconds: longer than a sender is cut off from Redis.
KNOWN_S = 1800

# KEYS: stream, mark. ARGV: seconds, then field and value, alternating.
_APPEND = """
local known = redis.call('GET', KEYS[2])
if known then return known end
local id = redis.call('XADD', KEYS[1], '*', unpack(ARGV, 2))
redis.call('SET', KEYS[2], id, 'EX', ARGV[1])
return id
"""

_heads = msgspec.msgpack.Decoder(Head)


def offset_of(stream_id: bytes | str) -> Offset:
    """Pack a stream id into an integer of the same order."""
    text = stream_id.decode() if isinstance(stream_id, bytes) else stream_id
    milliseconds, sequence = text.split("-")
    return int(milliseconds) << SEQUENCE_BITS | int(sequence)


def stream_id_of(offset: Offset) -> str:
    """Unpack an offset."""
    return f"{offset >> SEQUENCE_BITS}-{offset & ((1 << SEQUENCE_BITS) - 1)}"


class LandingStream:
    """Append entries, read them in order, and drop what every table has committed."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._redis = bus.redis
        self._key = bus.key("landing")

    def append(self, head: Head, rows: pa.RecordBatch | None = None) -> Offset:
        """Add one entry and return its offset; the same entry again changes nothing."""
        fields = [b"head", msgspec.msgpack.encode(head)]
        if rows is not None:
            fields += [b"rows", to_bytes(rows)]
        said = blake2b(b"".join(fields), digest_size=16).hexdigest()
        keys = (self._key, self._bus.key("landing", "mark", said))
        with translated():
            return offset_of(self._redis.eval(_APPEND, len(keys), *keys, KNOWN_S, *fields))

    def read(self, after: Offset, count: int) -> list[Entry]:
        """Read up to `count` entries that come after an offset."""
        with translated():
            found = self._redis.xrange(self._key, f"({stream_id_of(after)}", "+", count)
        return [
            Entry(
                offset_of(stream_id),
                _heads.decode(fields[b"head"]),
                from_bytes(fields[b"rows"]) if b"rows" in fields else None,
            )
            for stream_id, fields in found
        ]

    def drop(self, upto: Offset) -> None:
        """Forget the entries up to and with an offset."""
        with translated():
            self._redis.xtrim(self._key, minid=stream_id_of(upto + 1), approximate=False)

    def length(self) -> int:
        """Count the entries not yet dropped."""
        with translated():
            return int(self._redis.xlen(self._key))

    def never_below(self, offset: Offset) -> None:
        """Make new entries come after an offset, also in an emptied Redis with a slow clock."""
        if not offset:
            return
        with translated():
            if self._redis.exists(self._key):
                newest = self._redis.xinfo_stream(self._key)["last-generated-id"]
                if offset_of(newest) >= offset:
                    return
            # An entry that is taken out again moves the ids on; in one step, so nobody reads it.
            last = stream_id_of(offset)
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.xadd(self._key, {b"head": b""}, id=last)
            pipeline.xdel(self._key, last)
            pipeline.execute()
