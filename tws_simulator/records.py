"""What a run of the simulator writes down: the ledger, the wire log, and what was really held."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from tws_simulator.appended_file import AppendedFile
from tws_simulator.book.accounts import Accounts
from tws_simulator.book.position import Position
from tws_simulator.config import SimulatorConfig
from tws_simulator.errors import HoldingsError, LedgerError, SimulatorError, WireLogError
from tws_simulator.holdings import Given, Holding, command_line, holding_of
from tws_simulator.services.market_data.ledger import LedgerEvent
from tws_simulator.wire_log import WireLog

#: Ledger events, and changes of holdings, kept in memory for programs that run the server.
MAX_EVENTS = 100_000


class Writes(Protocol):
    """Append bytes to a file."""

    def write(self, data: bytes) -> None:
        """Append; raises SimulatorError."""
        ...


class Records:
    """Open the files of a run, and write to them; a file that cannot be written is a failure."""

    def __init__(
        self, config: SimulatorConfig, run: str, on_failure: Callable[[SimulatorError], None]
    ) -> None:
        self._config = config
        self._run = run
        self._on_failure = on_failure
        #: The newest ledger events.
        self.ledger_events: deque[LedgerEvent] = deque(maxlen=MAX_EVENTS)
        #: What was held at the start, then each change.
        self.holdings: deque[Holding] = deque(maxlen=MAX_EVENTS)
        #: Frames of all connections, where a file for them is given.
        self.wire_log: WireLog | None = None
        self._ledger: AppendedFile | None = None
        self._wire: AppendedFile | None = None
        self._holdings: AppendedFile | None = None

    def open(self) -> None:
        """Open the files; raises SimulatorError."""
        config = self._config
        if config.ledger is not None:
            self._ledger = AppendedFile(config.ledger, "ledger", LedgerError)
        if config.wire_log is not None:
            self._wire = AppendedFile(config.wire_log, "wire log", WireLogError)
            self.wire_log = WireLog(self._run, self._write_wire, self._plan_wire)
        if config.holdings is not None:
            self._holdings = AppendedFile(config.holdings, "holdings", HoldingsError)

    def watch(self, accounts: Accounts, now: float) -> None:
        """Write down what is held, and from now on each change of it."""
        for held in accounts.positions():
            self._keep_holding(holding_of(held, "start", now, self._run))
        # The truth stands in the record before a client is sent anything of it.
        accounts.listen_first(self._on_change)

    def keep(self, event: LedgerEvent) -> None:
        """Write down an event of market data."""
        self.ledger_events.append(event)
        self._write_line(self._ledger, event)

    def keep_command(self, line: bytes, now: float) -> None:
        """Write down a command that was given."""
        fields = command_line(line, now, self._run)
        self._note(fields)
        self._write_line(self._holdings, fields)

    def close(self) -> None:
        """Write what is left, and close the files."""
        if self.wire_log is not None:
            self.wire_log.flush()
        for file in (self._wire, self._ledger, self._holdings):
            if file is not None:
                file.close()
        self._wire = self._ledger = self._holdings = None

    def _on_change(self, held: Position, now: float) -> None:
        self._keep_holding(holding_of(held, "change", now, self._run))

    def _keep_holding(self, holding: Holding) -> None:
        self.holdings.append(holding)
        self._note(holding)
        self._write_line(self._holdings, holding)

    def _note(self, fact: Holding | Given) -> None:
        if self.wire_log is not None:
            self.wire_log.note_fact(fact.as_fields())

    def _plan_wire(self) -> None:
        # One write for all that a turn of the loop notes.
        if self.wire_log is not None:
            asyncio.get_running_loop().call_soon(self.wire_log.flush)

    def _write_wire(self, lines: bytes) -> None:
        self._write(self._wire, lines)

    def _write_line(self, file: Writes | None, line: LedgerEvent | Holding | Given) -> None:
        # Of 10,000 positions at the start it is not cheap, so nothing is encoded for no file.
        if file is not None:
            self._write(file, line.as_json().encode() + b"\n")

    def _write(self, file: Writes | None, data: bytes) -> None:
        if file is None:
            return
        try:
            file.write(data)
        except SimulatorError as error:
            self._on_failure(error)
