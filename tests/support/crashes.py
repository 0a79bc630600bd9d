"""A process that dies at a chosen step: wrappers around what a landing touches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import pyarrow as pa

from slotwise.lake.lander import Stream
from slotwise.lake.landing_memory import Writer
from slotwise.lake.store import Lake
from slotwise.lake.writer import OpenSince, TableWriter
from slotwise.rules.landing import Entry, Offset


class CrashError(BaseException):
    """The process dies here. No `except Exception` may stop it."""


def crash() -> None:
    """Die."""
    raise CrashError


class Fuse:
    """Count the steps of a landing, and let something happen at one of them."""

    def __init__(self) -> None:
        self._left: int | None = None
        self._then: Callable[[], None] = crash

    def set(self, steps: int | None, then: Callable[[], None] = crash) -> None:
        """Crash, or do something else, after this many more steps; None never."""
        self._left = steps
        self._then = then

    def step(self) -> None:
        """Take one step."""
        if self._left is None:
            return
        if self._left > 0:
            self._left -= 1
            return
        self._left = None
        self._then()


class CrashingStream:
    """A stream whose user may die before and after each call."""

    def __init__(self, stream: Stream, fuse: Fuse) -> None:
        self._stream = stream
        self._fuse = fuse

    def read(self, after: Offset, count: int) -> list[Entry]:
        self._fuse.step()
        return self._stream.read(after, count)

    def drop(self, upto: Offset) -> None:
        self._fuse.step()
        self._stream.drop(upto)
        self._fuse.step()

    def never_below(self, offset: Offset) -> None:
        self._stream.never_below(offset)

    def report_landed(self, upto: Mapping[str, int]) -> None:
        self._stream.report_landed(upto)
        self._fuse.step()


class CrashingWriter:
    """A writer whose user may die before and after each commit."""

    def __init__(self, lake: Lake, table: str, fuse: Fuse) -> None:
        self._writer: Writer = TableWriter(lake, table)
        self._fuse = fuse

    @property
    def landing(self) -> int:
        return self._writer.landing

    @property
    def offset(self) -> Offset:
        return self._writer.offset

    def spool_offset(self, spool: str) -> int:
        return self._writer.spool_offset(spool)

    def land(
        self,
        batches: Sequence[pa.RecordBatch],
        upto: Offset,
        now: datetime,
        marks: Mapping[str, int] | None = None,
        open_since: OpenSince | None = None,
    ) -> int:
        self._fuse.step()
        rows = self._writer.land(batches, upto, now, marks, open_since)
        self._fuse.step()
        return rows
