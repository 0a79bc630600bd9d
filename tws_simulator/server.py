"""The asyncio shell: listens, keeps the clock, writes the ledger file."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

from tws_simulator.book.file import read_portfolio
from tws_simulator.build import build_world
from tws_simulator.config import SimulatorConfig
from tws_simulator.connection import Connection
from tws_simulator.control.dispatch import dispatch
from tws_simulator.control.port import ControlPort
from tws_simulator.errors import SimulatorError, UsageError
from tws_simulator.holdings import Holding
from tws_simulator.nightly import next_at, read_clock
from tws_simulator.ports import Ports
from tws_simulator.records import Records
from tws_simulator.scenario import read_scenario
from tws_simulator.scenario_player import ScenarioPlayer
from tws_simulator.services.common.connection_refusals import ACCEPT
from tws_simulator.services.market_data.ledger import LedgerEvent
from tws_simulator.session import Session
from tws_simulator.world import World

#: The scheduler is worked off at most this often, seconds: many quotes, one write.
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
        self._run_name = uuid.uuid4().hex[:12]
        self._records = Records(config, self._run_name, self._fail)
        self._ports = Ports(config.host, self._accept, self._fail)
        self._world: World | None = None
        self._control: ControlPort | None = None
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
    def port(self) -> int:
        """Return the port that clients are to use."""
        return self._ports.port or self.config.port

    @property
    def ledger_events(self) -> deque[LedgerEvent]:
        """Return the newest ledger events."""
        return self._records.ledger_events

    @property
    def holdings(self) -> deque[Holding]:
        """Return what was held at the start, and the newest changes."""
        return self._records.holdings

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
        self._world = build_world(config, portfolio, self.now(), self._records.keep, self._run_name)
        try:
            self._records.open()
            self._records.watch(self._world.accounts, self.now())
            self._give_first_commands()
            await self._ports.listen(config.port)
            if config.control_port is not None:
                self._control = ControlPort(self._dispatch)
                await self._control.listen(config.control_port)
            self._player = ScenarioPlayer(steps, self.now, self._dispatch, sys.stderr.write)
            self._plan_nightly(self.now())
        except SimulatorError:
            await self.stop()
            raise

    def _give_first_commands(self) -> None:
        """Apply the command line's words; raises UsageError for what cannot be done."""
        for command in self.config.commands:
            answer = json.loads(self._dispatch(command.encode()))
            if not answer["ok"]:
                raise UsageError(f"--do {command!r}: {answer['error']}")

    async def stop(self) -> None:
        """Disconnect everybody and close all."""
        if self._timer is not None:
            self._timer.cancel()
        self._ports.close()
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
        self._records.close()

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
        self._ports.be_away(seconds)

    def restart(self, seconds: float) -> None:
        """End all sessions after their last bytes, and accept none for a while."""
        self._ports.be_away(seconds)
        self._end_sessions(min(seconds, CLOSE_S))

    def open_port(self, port: int) -> int:
        """Listen at one more port, 0 for any; return it, or raise ControlError."""
        return self._ports.open_port(port)

    def leave_port(self, *, drop: bool) -> None:
        """Listen only at the port opened last; end connections after their last bytes, or not."""
        self._ports.leave_port()
        if drop:
            self._end_sessions(CLOSE_S)

    def _end_sessions(self, within_s: float) -> None:
        before = list(self._connections)
        for connection in before:
            connection.session.close(self.now())
        # Who does not take its last bytes does not outlive TWS either.
        for connection in before:
            asyncio.get_running_loop().call_later(within_s, connection.abort)

    def _plan_nightly(self, since: float) -> None:
        if self.config.restart_at:
            at = next_at(read_clock(self.config.restart_at), since)
            self._nightly = asyncio.get_running_loop().call_later(
                at - self.now(), self._restart_nightly
            )

    def _restart_nightly(self) -> None:
        self._dispatch(
            json.dumps({"do": "restart", "seconds": self.config.restart_takes_s}).encode()
        )
        # A timer may be early by a moment: the same night must not come twice.
        self._plan_nightly(self.now() + NIGHTLY_SLACK_S)

    def wake(self) -> None:
        """Look at the scheduler again: something was added."""
        if self._player is not None and self.world.clients:
            self._player.first_client()
        due = self.world.scheduler.next_due
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
            self.world.scheduler.run(self._ran_at)
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
        if self._records.wire_log is not None:
            session.tap = self._records.wire_log.tap(session.client, self.now, connection.collect)
        turned_away = self.world.faults.doors.take(self.now(), accepting=True).kind == ACCEPT
        connection.refused = turned_away or len(self._connections) >= MAX_CONNECTIONS
        self._connections.add(connection)
        return connection

    def _forget(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._gone.set()

    def _dispatch(self, line: bytes) -> bytes:
        now = self.now()
        self._records.keep_command(line, now)
        answer = dispatch(line, self.world, self, now)
        self.wake()
        return answer

    def _fail(self, error: SimulatorError) -> None:
        if self._failure is not None and not self._failure.done():
            self._failure.set_result(error)


async def serve(config: SimulatorConfig, until: asyncio.Event) -> None:
    """Run until stopped; write the listening address to standard output. Raises SimulatorError."""
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
