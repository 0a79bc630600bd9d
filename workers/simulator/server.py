"""The asyncio shell: listens, keeps the clock, writes the ledger file."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from workers.simulator.appended_file import AppendedFile
from workers.simulator.book.file import read_portfolio
from workers.simulator.building import build_world
from workers.simulator.config import SimulatorConfig
from workers.simulator.connection import Connection
from workers.simulator.control.obey import obey
from workers.simulator.control.port import ControlPort
from workers.simulator.desks.ledger import LedgerEvent
from workers.simulator.errors import LedgerError, ListenError, SimulatorError, WireLogError
from workers.simulator.nightly import next_at, read_clock
from workers.simulator.scenario import read_scenario
from workers.simulator.scenario_player import ScenarioPlayer
from workers.simulator.session import Session
from workers.simulator.wire_log import WireLog
from workers.simulator.world import World

#: Ledger events kept in memory for whoever runs the server in process.
MAX_EVENTS = 100_000
#: The agenda is worked off at most this often, seconds: many quotes, one write.
MIN_PAUSE_S = 0.005
#: Two nightly restarts are further apart than this, seconds.
NIGHTLY_SLACK_S = 60.0
#: Connections at once, with those that have not started: well below what a process may open.
MAX_CONNECTIONS = 256
#: Clients get this long to take their last bytes when the server ends, seconds.
CLOSE_S = 1.0


class SimulatorServer:
    """Run a simulated TWS: `async with SimulatorServer(SimulatorConfig(...)) as sim: sim.port`."""

    def __init__(self, config: SimulatorConfig, wall: Callable[[], float] = time.time) -> None:
        self.config = config
        #: Port that is listened on.
        self.port = config.port
        #: The newest ledger events.
        self.ledger_events: deque[LedgerEvent] = deque(maxlen=MAX_EVENTS)
        self._file: AppendedFile | None = None
        self._wire_file: AppendedFile | None = None
        self._wire_log: WireLog | None = None
        self._world: World | None = None
        self._server: asyncio.Server | None = None
        self._control: ControlPort | None = None
        self._reopening: asyncio.Task[None] | None = None
        self._player: ScenarioPlayer | None = None
        self._nightly: asyncio.TimerHandle | None = None
        self._connections: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._ran_at = 0.0
        self._gone = asyncio.Event()
        self._failure: asyncio.Future[SimulatorError] | None = None
        # A wall clock that never jumps: intervals matter more than agreement with other clocks.
        self._epoch = wall() - time.monotonic()

    @property
    def control_port(self) -> int:
        """Return the port commands are taken on; 0 where there is none."""
        return self._control.port if self._control is not None else 0

    @property
    def world(self) -> World:
        """Return the simulated world; what is changed here reaches clients at once."""
        assert self._world is not None, "the simulator is not started"
        return self._world

    def now(self) -> float:
        """Return the simulator's time, unix seconds."""
        return self._epoch + time.monotonic()

    async def __aenter__(self) -> Self:
        """Start; raises SimulatorError."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Build the world and listen; raises SimulatorError."""
        config = self.config
        self._failure = asyncio.get_running_loop().create_future()
        portfolio = read_portfolio(config.portfolio) if config.portfolio else None
        steps = read_scenario(config.scenario) if config.scenario else ()
        run = uuid.uuid4().hex[:12]
        self._world = build_world(config, portfolio, self.now(), self._keep, run)
        try:
            if config.ledger is not None:
                self._file = AppendedFile(config.ledger, "ledger", LedgerError)
            if config.wire_log is not None:
                self._wire_file = AppendedFile(config.wire_log, "wire log", WireLogError)
                self._wire_log = WireLog(run, self._write_wire, self._plan_wire)
            await self._listen(config.port)
            if config.control_port is not None:
                self._control = ControlPort(self._obey)
                await self._control.listen(config.control_port)
            self._player = ScenarioPlayer(steps, self.now, self._obey, sys.stderr.write)
            self._plan_nightly(self.now())
        except SimulatorError:
            await self.stop()
            raise

    async def _listen(self, port: int) -> None:
        loop, host = asyncio.get_running_loop(), self.config.host
        try:
            self._server = await loop.create_server(self._accept, host, port)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
            raise ListenError(f"cannot listen on {host}:{port}: {reason}") from error
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Disconnect everybody and close all."""
        if self._timer is not None:
            self._timer.cancel()
        if self._server is not None:
            self._server.close()
        if self._reopening is not None:
            self._reopening.cancel()
        if self._nightly is not None:
            self._nightly.cancel()
        if self._player is not None:
            self._player.stop()
        if self._control is not None:
            self._control.close()
        self.drop_clients()
        if self._connections:
            self._gone.clear()
            async with asyncio.timeout(CLOSE_S):
                await self._gone.wait()
        self._close_files()

    async def failed(self) -> SimulatorError:
        """Wait until the server cannot go on, and return why."""
        assert self._failure is not None
        return await self._failure

    def drop_clients(self) -> None:
        """Cut all connections at once."""
        for connection in list(self._connections):
            connection.abort()

    def refuse_clients(self, seconds: float) -> None:
        """Cut all connections, and accept none for a while."""
        self.drop_clients()
        if self._reopening is not None:
            self._reopening.cancel()
        self._reopening = asyncio.create_task(self._reopen_after(seconds))

    def restart(self, seconds: float) -> None:
        """End all sessions after their last bytes, and accept none for a while."""
        before = list(self._connections)
        for connection in before:
            connection.session.close(self.now())
        if self._reopening is not None:
            self._reopening.cancel()
        self._reopening = asyncio.create_task(self._reopen_after(seconds))
        # Who does not take its last bytes does not outlive TWS either.
        for connection in before:
            asyncio.get_running_loop().call_later(min(seconds, CLOSE_S), connection.abort)

    async def _reopen_after(self, seconds: float) -> None:
        if self._server is not None:
            self._server.close()
        await asyncio.sleep(seconds)
        try:
            await self._listen(self.port)
        except ListenError as error:
            self._fail(error)

    def _plan_nightly(self, since: float) -> None:
        if self.config.restart_at:
            at = next_at(read_clock(self.config.restart_at), since)
            self._nightly = asyncio.get_running_loop().call_later(
                at - self.now(), self._restart_nightly
            )

    def _restart_nightly(self) -> None:
        self._obey(json.dumps({"do": "restart", "seconds": self.config.restart_takes_s}).encode())
        # A timer may be early by a moment: the same night must not come twice.
        self._plan_nightly(self.now() + NIGHTLY_SLACK_S)

    def wake(self) -> None:
        """Look at the agenda again: something was added."""
        if self._player is not None and self.world.clients:
            self._player.first_client()
        due = self.world.agenda.next_due
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            now = self.now()
            delay = max(due - now, MIN_PAUSE_S - (now - self._ran_at), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._run)

    def _run(self) -> None:
        self._ran_at = self.now()
        try:
            self.world.agenda.run(self._ran_at)
        finally:
            # Whatever went wrong with one client, the others go on.
            self.wake()
        for connection in self._connections:
            connection.check_backlog()

    def _accept(self) -> Connection:
        config = self.config
        session = Session(
            self.world,
            config.server_version,
            config.messages_per_s,
            reject_fast=config.reject_fast,
        )
        connection = Connection(session, self.now, self.wake, self._forget)
        if self._wire_log is not None:
            session.tap = self._wire_log.tap(session.client, self.now, connection.collect)
        connection.refused = len(self._connections) >= MAX_CONNECTIONS
        self._connections.add(connection)
        return connection

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._gone.set()

    def _obey(self, line: bytes) -> bytes:
        answer = obey(line, self.world, self, self.now())
        self.wake()
        return answer

    def _keep(self, event: LedgerEvent) -> None:
        self.ledger_events.append(event)
        if self._file is None:
            return
        try:
            self._file.write(event.as_json().encode() + b"\n")
        except LedgerError as error:
            self._fail(error)

    def _plan_wire(self) -> None:
        # One write for all that a turn of the loop notes.
        if self._wire_log is not None:
            asyncio.get_running_loop().call_soon(self._wire_log.flush)

    def _write_wire(self, lines: bytes) -> None:
        if self._wire_file is None:
            return
        try:
            self._wire_file.write(lines)
        except WireLogError as error:
            self._fail(error)

    def _fail(self, error: SimulatorError) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_result(error)

    def _close_files(self) -> None:
        if self._wire_log is not None and self._wire_file is not None:
            self._wire_log.flush()
            self._wire_file.close()
            self._wire_file = None
        if self._file is not None:
            self._file.close()
            self._file = None


async def serve(config: SimulatorConfig, until: asyncio.Event) -> None:
    """Run until told to end; says on standard output where it listens. Raises SimulatorError."""
    async with SimulatorServer(config) as simulator:
        sys.stdout.write(f"simulator listening on {config.host}:{simulator.port}\n")
        sys.stdout.flush()
        if simulator.control_port:
            sys.stderr.write(f"control port on 127.0.0.1:{simulator.control_port}\n")
        ended = asyncio.create_task(until.wait())
        failed = asyncio.create_task(simulator.failed())
        done, waiting = await asyncio.wait((ended, failed), return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if failed in done:
            raise failed.result()
