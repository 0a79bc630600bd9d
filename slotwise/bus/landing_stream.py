"""The landing stream: one ordered Redis Stream of everything on its way to the lake.

Entries stay until every table has committed them. A stream id `milliseconds-sequence` packs
into one growing integer, the offset, which each Delta table keeps as the version of its
transaction: what is landed is known by the lake, not by Redis.

A sender that lost the answer sends again, and cannot know that it did. So Redis keeps a mark of
each entry for a while: an entry that says the very same as one before it is that one.

Entries of a spool need no such mark: they have numbers, and the stream takes them in order and
without a gap. A stream that was emptied, or has lost its last entries, thus says so at the next
one, and the spool sends what is missing. What has landed is reported
back, so that the spool can delete it.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

import msgspec
import pyarrow as pa

from slotwise.bus.client import Bus, translated
from slotwise.lake.arrow import from_bytes, to_bytes
from slotwise.rules.landing import Entry, Head, Offset, Origin, Unreadable

#: Bits of an offset that hold the sequence within a millisecond: 1,048,576 entries.
SEQUENCE_BITS = 20

#: Sequence from which on a millisecond is left: no beat has as many entries as are left then.
FULL = 1 << (SEQUENCE_BITS - 1)

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

# KEYS: stream, last number of the spool. ARGV: number, the one before it in the spool or 0,
# then field and value, alternating. Answers the last number that is here.
_APPEND_KEPT = """
local last = tonumber(redis.call('GET', KEYS[2]) or '0')
local number, before = tonumber(ARGV[1]), tonumber(ARGV[2])
if number <= last or before > last then return string.format('%.0f', last) end
redis.call('XADD', KEYS[1], '*', unpack(ARGV, 3))
redis.call('SET', KEYS[2], ARGV[1])
return ARGV[1]
"""

#: What reading the bytes of an entry may raise.
UNREADABLE = (
    msgspec.MsgspecError, pa.ArrowException, StopIteration, ValueError, OSError, OverflowError,
)  # fmt: skip
#: Largest number of a spool: a Lua number holds 53 bits exactly.
LARGEST_NUMBER = 2**53

_heads = msgspec.msgpack.Decoder(Head)


def offset_of(stream_id: bytes | str) -> Offset:
    """Pack a stream id into an integer of the same order."""
    text = stream_id.decode() if isinstance(stream_id, bytes) else stream_id
    milliseconds, sequence = text.split("-")
    return int(milliseconds) << SEQUENCE_BITS | int(sequence)


def stream_id_of(offset: Offset) -> str:
    """Unpack an offset."""
    return f"{offset >> SEQUENCE_BITS}-{offset & ((1 << SEQUENCE_BITS) - 1)}"


class Kept(msgspec.Struct, frozen=True):
    """Hold one entry of a spool, ready to be sent.

    `before` is the number of the entry before it in the spool, 0 where there is none: what came
    earlier has landed, or was given up.
    """

    number: int
    before: int
    head: bytes
    rows: bytes | None


def encoded(head: Head, rows: pa.RecordBatch | None) -> tuple[bytes, bytes | None]:
    """Turn an entry into bytes."""
    return msgspec.msgpack.encode(head), None if rows is None else to_bytes(rows)


def _entry(offset: Offset, fields: Mapping[bytes, bytes]) -> Entry:
    """Read an entry; one that cannot be read becomes a placeholder and stops no later one."""
    head, rows = fields.get(b"head", b""), fields.get(b"rows")
    origin = None
    try:
        origin = _origin(fields)
        return Entry(
            offset, _heads.decode(head), None if rows is None else from_bytes(rows), origin
        )
    except UNREADABLE as error:
        return Entry(offset, Unreadable(f"cannot be read: {error}", head, rows), None, origin)


def _origin(fields: Mapping[bytes, bytes]) -> Origin | None:
    spool = fields.get(b"spool")
    if spool is None:
        return None
    number = int(fields.get(b"number", b""))
    if not 0 < number <= LARGEST_NUMBER:
        raise ValueError(f"number {number} of a spool")
    return Origin(spool.decode(), number)


class LandingStream:
    """Append entries, read them in order, and drop what every table has committed."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._redis = bus.redis
        self._key = bus.key("landing")
        self._landed = bus.key("landing", "landed")

    def append(self, head: Head, rows: pa.RecordBatch | None = None) -> Offset:
        """Add one entry and return its offset; the same entry again changes nothing."""
        head_bytes, rows_bytes = encoded(head, rows)
        fields = [b"head", head_bytes]
        if rows_bytes is not None:
            fields += [b"rows", rows_bytes]
        content = blake2b(b"".join(fields), digest_size=16).hexdigest()
        keys = (self._key, self._bus.key("landing", "mark", content))
        with translated():
            return offset_of(self._redis.eval(_APPEND, len(keys), *keys, KNOWN_S, *fields))

    def append_raw(self, head: bytes, rows: bytes | None) -> None:
        """Put an entry at the end as it came once: one that was set aside."""
        fields = {b"head": head} if rows is None else {b"head": head, b"rows": rows}
        with translated():
            self._redis.xadd(self._key, fields)

    def append_kept(self, kept: Kept, spool: str) -> int:
        """Put an entry of a spool at the end, unless it is here already or one before it is not.

        Return the last number of the spool that is here: the spool goes on after it.
        """
        fields = [b"head", kept.head, b"spool", spool.encode(), b"number", str(kept.number)]
        if kept.rows is not None:
            fields += [b"rows", kept.rows]
        keys = (self._key, self._bus.key("landing", "spool", spool))
        with translated():
            return int(self._redis.eval(_APPEND_KEPT, 2, *keys, kept.number, kept.before, *fields))

    def progress(self, spool: str) -> tuple[int, int]:
        """Return up to which number a spool's entries have landed, and are here; 0 for unknown."""
        with translated():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.hget(self._landed, spool)
            pipeline.get(self._bus.key("landing", "spool", spool))
            landed, here = pipeline.execute()
        return int(landed or 0), int(here or 0)

    def report_landed(self, upto: Mapping[str, int]) -> None:
        """Record up to which number each spool's entries have landed."""
        if upto:
            with translated():
                self._redis.hset(self._landed, mapping=dict(upto))

    def read(self, after: Offset, count: int) -> list[Entry]:
        """Read up to `count` entries that come after an offset."""
        with translated():
            found = self._redis.xrange(self._key, f"({stream_id_of(after)}", "+", count)
        return [_entry(offset_of(stream_id), fields) for stream_id, fields in found]

    def drop(self, upto: Offset) -> None:
        """Delete the entries up to and with an offset."""
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
                ahead = max(offset_of(newest), offset)
                sequence = ahead & ((1 << SEQUENCE_BITS) - 1)
                if sequence >= FULL:
                    # Redis's clock is behind its newest id, so that all entries share its
                    # millisecond; before its sequence is used up they go on in the next one.
                    offset = ((ahead >> SEQUENCE_BITS) + 1) << SEQUENCE_BITS
                elif ahead == offset_of(newest):
                    return
            # An entry that is taken out again moves the ids on; in one step, so no reader sees it.
            last = stream_id_of(offset)
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.xadd(self._key, {b"head": b""}, id=last)
            pipeline.xdel(self._key, last)
            pipeline.execute()
