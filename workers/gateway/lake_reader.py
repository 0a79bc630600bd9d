"""LakeReader: asks the lake by a process of its own, which ends when nothing is asked any more.

Whether the registry has anything new is seen by a look at a local lake's folder, without it.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NoReturn

import msgspec

from slotwise.contract_details import KeptContract
from slotwise.errors import LakeAbsentError, LakeError
from slotwise.lake.table_version import TableVersion, read_table_version
from slotwise.portfolio.opening import Openings
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.rules.registry_changes import (
    RegistryChange,
    RegistryRow,
    RegistryState,
    registry_state,
)
from workers.gateway.lake_questions import (
    LENGTH,
    Answer,
    BookRead,
    ContractsRead,
    OpeningsRead,
    Question,
    QuotesRead,
    Refused,
    RegistryRead,
    What,
    answers,
    packed,
)

#: Time without a question after which the process ends, seconds. Of an object store the registry is
#: asked about with every poll: there it stays.
IDLE_S, IDLE_OF_OBJECT_STORE_S = 10.0, 120.0
#: A process whose input has ended is gone within this, seconds.
END_S = 5.0
#: When the gateway ends, an answer is waited for this long, seconds: it changes nothing.
LAST_ANSWER_S = 0.2
#: A question that is not answered within this, seconds, ends the process: its lake hangs.
ANSWER_S = 300.0
#: How it is started: as all of our processes, whatever folders PYTHONPATH names.
COMMAND = (sys.executable, "-P", "-m", "slotwise_start.lake_reader")
REGISTRY = "strategy_registry"


class LakeReader:
    """Answer from the lake; blocks, so that each call is made in a thread.

    `options` are those of the process, which say how it logs.
    """

    def __init__(
        self,
        address: str,
        expected: Callable[[], str | None],
        *options: str,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._answer_s = answer_s
        self._command = (*COMMAND, *options)
        self._address, self._expected = address, expected
        self._idle_s = IDLE_OF_OBJECT_STORE_S if "://" in address else IDLE_S
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        #: Where the registry stood when it was read last, and which lake was expected.
        self._seen: tuple[TableVersion | None, str | None] = (None, None)

    def read(self, known: RegistryState) -> RegistryState:
        """Read the registry as `DeltaRegistryStore` does; `known` itself where nothing is new."""
        at, expected = read_table_version(self._address, REGISTRY), self._expected()
        before, expected_before = self._seen
        if (
            at is not None
            and before is not None
            and (at.device, at.inode, expected) == (before.device, before.inode, expected_before)
            and at.version == known.version
        ):
            return known
        found = self._ask("registry", known)
        assert isinstance(found, RegistryRead)
        self._seen = (at, expected)
        if found.same:
            return known
        return registry_state(found.lake, found.number, found.version, found.rows)

    def append(
        self, rows: Sequence[RegistryRow], on_change: Callable[[RegistryChange], None]
    ) -> NoReturn:
        """Refuse: a gateway follows changes and makes none."""
        raise LakeError("a gateway changes no strategy")

    def book(self) -> Sequence[Position]:
        """Read what is held; raises LakeError."""
        found = self._ask("book")
        assert isinstance(found, BookRead)
        return found.positions

    def contracts(self) -> Sequence[KeptContract]:
        """Read what is kept of contracts; raises LakeError."""
        found = self._ask("contracts")
        assert isinstance(found, ContractsRead)
        return found.contracts

    def quotes(self) -> dict[int, Quote]:
        """Read the newest quotes; raises LakeError."""
        found = self._ask("quotes")
        assert isinstance(found, QuotesRead)
        return found.quotes

    def openings(self, at: datetime) -> Openings:
        """Read what was held when the day of a time began; not known where that cannot be read."""
        try:
            found = self._ask("openings", at=at)
        except LakeError:
            return Openings()
        assert isinstance(found, OpeningsRead)
        return Openings(known=found.known, begun=found.begun, held=dict(found.held))

    def close(self) -> None:
        """End the process, if it runs; one that does not answer is killed."""
        while not self._lock.acquire(timeout=LAST_ANSWER_S):
            process = self._process
            if process is not None:
                process.kill()
        try:
            self._end()
        finally:
            self._lock.release()

    def _end_idle(self) -> None:
        """End the process unless something is asked again."""
        if self._lock.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._lock.release()

    def pid(self) -> int | None:
        """Return the process; None where none runs."""
        process = self._process
        return None if process is None else process.pid

    def _ask(
        self, what: What, known: RegistryState | None = None, at: datetime | None = None
    ) -> Answer:
        known = known or RegistryState()
        question = Question(what, self._address, self._expected(), known.lake, known.version, at)
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            try:
                found = self._exchange(packed(question))
            except (OSError, msgspec.MsgspecError, EOFError) as error:
                self._end()
                raise LakeError(f"lake {self._address!r} was not read: {error}") from error
            self._timer = threading.Timer(self._idle_s, self._end_idle)
            self._timer.daemon = True
            self._timer.start()
        if isinstance(found, Refused):
            raise LakeAbsentError(found.reason) if found.absent else LakeError(found.reason)
        return found

    def _exchange(self, question: bytes) -> Answer:
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        process = self._process
        time_limit = threading.Timer(self._answer_s, process.kill)
        time_limit.daemon = True
        time_limit.start()
        try:
            data = _exchange_with(process, question)
        finally:
            time_limit.cancel()
        found: Answer = answers.decode(data)
        return found

    def _end(self) -> None:
        process, self._process = self._process, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if process is None:
            return
        try:
            process.communicate(timeout=END_S)
        except (subprocess.TimeoutExpired, ValueError, OSError):
            process.kill()
            process.wait()


def _exchange_with(process: subprocess.Popen[bytes], question: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(question)
    process.stdin.flush()
    head = process.stdout.read(LENGTH)
    length = int.from_bytes(head, "big")
    data = process.stdout.read(length)
    if len(head) < LENGTH or len(data) < length or not data:
        raise EOFError("the process that reads it has ended, or took too long")
    return data
