"""What becomes of entries, whatever stops in between."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from slotwise.bus.landing_stream import Kept
from slotwise.errors import BusError
from slotwise.rules.landing import Rows
from tests.support.effort import examples
from tests.support.memory_stream import MemoryStream
from workers.gateway.outbox.spool import Spool
from workers.gateway.outbox.spool_flow import LOOK_S, SpoolFlow


class FailingStream(MemoryStream):
    """A stream that is away now and then, and may lose its newest entries or all."""

    def __init__(self) -> None:
        super().__init__()
        self.fails_after: int | None = None

    def append_kept(self, kept: Kept, spool: str) -> int:
        self._fail()
        return super().append_kept(kept, spool)

    def progress(self, spool: str) -> tuple[int, int]:
        self._fail()
        return super().progress(spool)

    def _fail(self) -> None:
        if self.fails_after is not None:
            self.fails_after -= 1
            if self.fails_after < 0:
                raise BusError("away")

    def lose_newest(self, count: int, spool: str) -> None:
        """Start again from an append-only file that lacks the last entries."""
        lost = self._entries[len(self._entries) - count :] if count else []
        self._entries = self._entries[: len(self._entries) - len(lost)]
        numbers = [e.origin.number for e in lost if e.origin is not None]
        if numbers:
            # The counter is in the same file: it stands before the first that was lost.
            here = self._entries[-1].origin if self._entries else None
            landed = self._landed.get(spool, 0)
            self._here[spool] = here.number if here is not None else landed
            if not self._here[spool]:
                del self._here[spool]


class FlowMachine(RuleBasedStateMachine):
    """A gateway that is killed, a Redis that is emptied, and a lake worker that lands."""

    @initialize()
    def start(self) -> None:
        self.stream = FailingStream()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "s"
        self.spool = Spool(self.path, sync=False)
        self.flow = SpoolFlow(self.stream, self.spool)
        self.clock = 0.0
        self.given = 0
        self.landed: list[int] = []

    @rule(count=st.integers(1, 5))
    def put(self, count: int) -> None:
        heads = [(Rows(f"t{self.given + n}"), None) for n in range(count)]
        self.given += count
        self.flow.put(heads)

    @rule(fails_after=st.none() | st.integers(0, 4))
    def send(self, fails_after: int | None) -> None:
        self.clock += LOOK_S
        self.stream.fails_after = fails_after
        try:
            while self.flow.send(self.clock):
                pass
        except BusError:
            pass
        finally:
            self.stream.fails_after = None

    @rule(count=st.integers(1, 6), reported=st.booleans())
    def land(self, count: int, reported: bool) -> None:
        """As the lander does: marks decide what is new; its acknowledgement may be lost."""
        entries = self.stream.read(0, count)
        for entry in entries:
            assert entry.origin is not None
            assert isinstance(entry.head, Rows)
            number = int(entry.head.table[1:])
            if entry.origin.number > self.mark:
                self.mark = entry.origin.number
                self.landed.append(number)
        if entries:
            self.stream.drop(entries[-1].offset)
            if reported:
                self.stream.report_landed({self.spool.name: self.mark})

    mark = 0

    @rule()
    def wipe(self) -> None:
        self.stream.wipe()

    @rule(count=st.integers(0, 3))
    def restart_redis(self, count: int) -> None:
        self.stream.lose_newest(count, self.spool.name)

    @rule()
    def kill_gateway(self) -> None:
        self.spool.close()
        self.spool = Spool(self.path, sync=False)
        self.flow = SpoolFlow(self.stream, self.spool)

    @invariant()
    def what_landed_landed_once_in_order(self) -> None:
        assert self.landed == list(range(len(self.landed)))

    def teardown(self) -> None:
        """At last everything lands, and is forgotten."""
        if not hasattr(self, "stream"):
            return
        for _ in range(3):
            self.send(None)
            self.land(10_000, reported=True)
        self.send(None)
        self.folder.cleanup()
        assert self.landed == list(range(self.given))
        assert self.spool.count() == 0
        assert self.stream.length() == 0


FlowMachine.TestCase.settings = settings(max_examples=examples(60), stateful_step_count=30)
TestFlow = FlowMachine.TestCase
