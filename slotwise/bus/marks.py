"""The board of marks: the newest marks of all holdings, written together.

They are one value of columns, compressed: 10,000 marks are 230 kB at most and take 15 ms.
What Redis keeps on disk grows by every write, so who writes counts the bytes
(`workers/gateway/marks/board_writer.py`). The value ends by itself a while after its gateway.
"""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite, nan

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.bus.readable import readable
from slotwise.rules.marks.mark import Mark
from slotwise.rules.marks.marked import SOURCES, Marked

#: Marks live on this long after their gateway, seconds: longer than two writes are ever apart.
TTL_S = 180
#: Who asks for the marks of a few contracts again and again reads the board at most this often,
#: seconds: marks are made once a second, and a worker answers a hundred batches in one.
AGAIN_S = 0.5
#: Quickest level of compression: columns of alike numbers gain little from better ones.
LEVEL = 1
#: Most bytes that marks are read into: some 100,000 holdings. More is not ours.
MOST_BYTES = 4_000_000


class Columns(msgspec.Struct, frozen=True):
    """Marks of one moment, a column each, little-endian; NaN is unknown."""

    at: datetime
    count: int
    con_ids: bytes
    values: bytes
    bands: bytes
    sources: bytes
    quote_ages: bytes
    greeks_ages: bytes
    underlying_ages: bytes
    #: 1 of a mark by a delayed feed; a gateway of an earlier version writes none.
    delayed: bytes = b""


_columns = msgspec.msgpack.Decoder(Columns)


def encoded(marks: Sequence[Mark], at: datetime) -> bytes:
    """Encode marks of one moment; `at` is that moment by the machine's clock."""
    count = len(marks)

    def column(kind: str, values: list[float]) -> bytes:
        return struct.pack(f"<{count}{kind}", *values)

    columns = Columns(
        at=at,
        count=count,
        con_ids=struct.pack(f"<{count}q", *[mark.con_id for mark in marks]),
        values=column("d", [nan if mark.value is None else mark.value for mark in marks]),
        bands=column("f", [nan if mark.band is None else mark.band for mark in marks]),
        sources=bytes([_NUMBERS[mark.source] for mark in marks]),
        quote_ages=column("f", [_age(mark.at_s, mark.quoted_at_s) for mark in marks]),
        greeks_ages=column("f", [_age(mark.at_s, mark.greeks_at_s) for mark in marks]),
        underlying_ages=column("f", [_age(mark.at_s, mark.underlying_at_s) for mark in marks]),
        delayed=bytes([mark.delayed for mark in marks]),
    )
    return zlib.compress(msgspec.msgpack.encode(columns), LEVEL)


def decoded(data: bytes) -> dict[int, Marked]:
    """Decode marks; raises msgspec.DecodeError."""
    return _marks_of(_Unpacking().decode(data))


class MarksBoard:
    """Hold the newest marks of all holdings."""

    def __init__(self, bus: Bus) -> None:
        self._redis = bus.redis
        self._key = bus.key("marks")
        self._last: tuple[bytes, dict[int, Marked]] = (b"", {})
        self._columns: tuple[bytes, Columns | None, dict[int, int]] = (b"", None, {})
        #: When `of` read the board last, by the steady clock.
        self._read_s = float("-inf")

    def put(self, data: bytes) -> None:
        """Replace all marks by encoded ones."""
        with translated():
            self._redis.set(self._key, data, ex=TTL_S)
        self._read_s = float("-inf")

    def get(self) -> Mapping[int, Marked]:
        """Read the newest mark of every holding's contract; those without one are absent.

        What has not changed since it was read last is not decoded again.
        """
        with translated():
            data = self._redis.get(self._key)
        if data != self._last[0]:
            columns = readable(_Unpacking(), data, self._key)
            self._last = (data or b"", {} if columns is None else _marks_of(columns))
        return self._last[1]

    def of(self, con_ids: Iterable[int]) -> Mapping[int, Marked]:
        """Read the marks of a few contracts, at most AGAIN_S old as marks.

        Of 10,000 most are not decoded then.
        """
        now_s = time.monotonic()
        if now_s - self._read_s >= AGAIN_S:
            with translated():
                data = self._redis.get(self._key)
            self._read_s = now_s
            if data != self._columns[0]:
                columns = readable(_Unpacking(), data, self._key)
                self._columns = (data or b"", columns, {} if columns is None else _places(columns))
        _, columns, places = self._columns
        if columns is None:
            return {}
        known = ((con_id, places.get(con_id)) for con_id in con_ids)
        return {
            con_id: _mark_at(columns, place, con_id) for con_id, place in known if place is not None
        }


class _Unpacking:
    """Decodes what `encoded` made; anything else cannot be read."""

    def decode(self, data: bytes, /) -> Columns:
        try:
            unpacking = zlib.decompressobj()
            columns = _columns.decode(unpacking.decompress(data, MOST_BYTES))
        except zlib.error as error:
            raise msgspec.DecodeError(str(error)) from error
        lengths = {
            8: (columns.con_ids, columns.values),
            4: (columns.bands, columns.quote_ages, columns.greeks_ages, columns.underlying_ages),
            1: (columns.sources,),
        }
        for width, found in lengths.items():
            if any(len(column) != columns.count * width for column in found):
                raise msgspec.DecodeError("columns of marks have different lengths")
        if columns.sources and max(columns.sources) >= len(SOURCES):
            raise msgspec.DecodeError("a source of marks is not known")
        if columns.delayed and len(columns.delayed) != columns.count:
            raise msgspec.DecodeError("columns of marks have different lengths")
        return columns


def _marks_of(columns: Columns) -> dict[int, Marked]:
    count, at = columns.count, columns.at

    def numbers(kind: str, data: bytes) -> tuple[float, ...]:
        return struct.unpack(f"<{count}{kind}", data)

    rows = zip(
        struct.unpack(f"<{count}q", columns.con_ids),
        numbers("d", columns.values),
        numbers("f", columns.bands),
        columns.sources,
        numbers("f", columns.quote_ages),
        numbers("f", columns.greeks_ages),
        numbers("f", columns.underlying_ages),
        columns.delayed or bytes(count),
        strict=True,
    )
    return {
        con_id: Marked(
            con_id,
            at,
            _finite_or_none(value),
            _finite_or_none(band),
            SOURCES[source],
            _moment(at, quoted),
            _moment(at, computed),
            _moment(at, under),
            bool(delayed),
        )
        for con_id, value, band, source, quoted, computed, under, delayed in rows
    }


def _places(columns: Columns) -> dict[int, int]:
    numbers = struct.unpack(f"<{columns.count}q", columns.con_ids)
    return {con_id: place for place, con_id in enumerate(numbers)}


def _mark_at(columns: Columns, place: int, con_id: int) -> Marked:
    def single(data: bytes) -> float:
        [number] = struct.unpack_from("<f", data, 4 * place)
        return float(number)

    [value] = struct.unpack_from("<d", columns.values, 8 * place)
    return Marked(
        con_id,
        columns.at,
        _finite_or_none(value),
        _finite_or_none(single(columns.bands)),
        SOURCES[columns.sources[place]],
        _moment(columns.at, single(columns.quote_ages)),
        _moment(columns.at, single(columns.greeks_ages)),
        _moment(columns.at, single(columns.underlying_ages)),
        bool(columns.delayed and columns.delayed[place]),
    )


def _age(at_s: float, then_s: float | None) -> float:
    return nan if then_s is None else at_s - then_s


def _finite_or_none(number: float) -> float | None:
    return number if isfinite(number) else None


def _moment(at: datetime, age_s: float) -> datetime | None:
    return at - timedelta(seconds=age_s) if isfinite(age_s) else None


_NUMBERS = {source: number for number, source in enumerate(SOURCES)}
