"""The stand: the processes of the demo, twice the poll workers, on ports and folders of its own."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
import psutil

from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from tests.chaos.storm.clocks import Clocks
from tests.chaos.storm.kinds import MORE_KINDS
from tests.chaos.storm.mirror import Mirror
from tests.chaos.storm.mount import Volume
from tests.chaos.storm.outsider import Held, OutsideError, ask_positions
from workers.stack.child import Child, ChildSpec
from workers.stack.interrupt import Flag
from workers.stack.ports import free_port
from workers.stack.processes import celery_specs, gateway_spec, redis_spec, simulator_spec
from workers.stack.supervisor import Supervisor

#: Time between two looks at everything, seconds.
LOOK_S = 0.1
#: Market data lines, more than the active contracts need.
LINES = 60
#: Polls and beats come faster than usual, so that more of them are hit, seconds.
POLL_S, BEAT_S, LEASE_S = "2", "1", "6"
SECOND_BEAT, STANDBY, SECOND_GATEWAY = "second beat", "standby", "second gateway"
#: Client ids of the gateways beside the first.
CLIENT_IDS = {STANDBY: "18", SECOND_GATEWAY: "19"}
#: A process that was killed is started again after this, seconds; it fails by no fault of its own,
#: so the pause of the supervisor does not grow.
STARTED_AGAIN_S = 0.5
#: A process that was killed is dead within this, seconds.
DEAD_S = 5.0
#: A disturbance whose end fails, because Redis or the simulator is dead now, ends later, seconds.
AGAIN_S = 1.0


class EndedError(Exception):
    """The run was interrupted, or its time is over."""


class Stand:
    """Hold the running stack and what is done to it from outside."""

    def __init__(
        self,
        folder: Path,
        positions: int,
        children: Supervisor,
        ended: Flag,
        store: Mapping[str, str] | None = None,
    ) -> None:
        self.folder, self.lake = folder, folder / "lake"
        self.ledger, self.holdings = folder / "ledger.jsonl", folder / "holdings.jsonl"
        self.clocks = Clocks(folder)
        self.volume = Volume(self.lake)
        self.children = children
        self.ib_port, self.control_port, self.redis_port = free_port(), free_port(), free_port()
        self._ended = ended
        self._positions = positions
        self._stopped: list[tuple[int, float]] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
        #: Ends of disturbances that go on now.
        self._ends: list[tuple[float, Callable[[], object]]] = []
        url = f"redis://127.0.0.1:{self.redis_port}/0"
        self.env = {
            "REDIS_URL": url,
            "SLOTWISE_REDIS_URL": url,
            "SLOTWISE_LAKE": str(self.lake),
            "SLOTWISE_SPOOL": str(folder / "spool"),
            "SLOTWISE_IB_HOST": "127.0.0.1",
            "SLOTWISE_IB_PORT": str(self.ib_port),
            "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
            "SLOTWISE_LINES": str(LINES),
            "SLOTWISE_POLL_INTERVAL_S": POLL_S,
            "SLOTWISE_STREAM_ROW_INTERVAL_S": "1",
            "SLOTWISE_QUOTE_ROW_INTERVAL_S": "10",
            "SLOTWISE_BEAT_S": BEAT_S,
            "SLOTWISE_LEASE_S": LEASE_S,
            "SLOTWISE_RECONCILE_INTERVAL_S": "30",
        }
        self._mirror = None if store is None else Mirror(store, self.lake)
        if store is not None and self._mirror is not None:
            self.env |= {**store, "SLOTWISE_LAKE": self._mirror.address}

    def start(self) -> None:
        """Start every process."""
        if self._mirror is None:
            self.volume.begin()
            if self.volume.why_renamed:
                say(f"the lake is renamed, not unmounted: {self.volume.why_renamed}")
        Lake(self.env["SLOTWISE_LAKE"]).create()
        bus = Bus(self.env["REDIS_URL"])
        self.children.start_redis(redis_spec(self.redis_port, self.folder), bus)
        bus.close()
        simulator = (
            *("--host", "127.0.0.1", "--port", str(self.ib_port)),
            *("--control", str(self.control_port), "--positions", str(self._positions)),
            *("--lines", str(LINES), "--seed", "7", "--ledger", str(self.ledger)),
            *("--holdings", str(self.holdings), "--settle", "quick"),
            *(part for kind in MORE_KINDS for part in ("--do", json.dumps(kind))),
        )
        self.children.start(simulator_spec(simulator, self.env, self.folder))
        self.children.start(self._gateway())
        for spec in self._celery():
            self.children.start(spec)

    def _gateway(self) -> ChildSpec:
        return gateway_spec({**self.env, **self.clocks.environment("gateway")}, self.folder)

    def _celery(self) -> list[ChildSpec]:
        env = {**self.env, **self.clocks.environment("workers")}
        specs = [s for s in celery_specs(env, self.folder, 0) if s.name != "flower"]
        [poll] = [spec for spec in specs if spec.name == "poll worker"]
        argv = tuple(part.replace("poll@%h", "poll2@%h") for part in poll.argv)
        log = poll.log.with_name("poll-worker-2.log")
        return [*specs, msgspec.structs.replace(poll, name="poll worker 2", argv=argv, log=log)]

    def look(self) -> None:
        """Have in the folder what the lake holds now, wherever the lake is."""
        if self._mirror is not None:
            self._mirror.bring()

    def child(self, name: str) -> Child | None:
        """Find a child by its name."""
        return next((child for child in self.children.children if child.spec.name == name), None)

    def kill(self, pid: int) -> None:
        """Kill a process as the kernel does when memory ends."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self._stopped = [(other, until) for other, until in self._stopped if other != pid]
        for child in self.children.children:
            if child.pid == pid:
                self._later.append(
                    (time.monotonic() + STARTED_AGAIN_S, partial(self._again, child))
                )

    def _again(self, child: Child) -> None:
        if child in self.children.children and child.pid is None:
            # What it started is still there, as its pool.
            child.wait_stopped(time.monotonic())
            child.start()
            say(f"{child.spec.name} is started again")

    def stop_for(self, pid: int, seconds: float) -> None:
        """Stop a process, and let it go on later."""
        os.kill(pid, signal.SIGSTOP)
        self._stopped.append((pid, time.monotonic() + seconds))

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        """Do something later."""
        self._later.append((time.monotonic() + seconds, what))

    def pool_children(self, name: str) -> list[int]:
        """List the processes of a poll worker's pool."""
        child = self.child(name)
        with suppress(psutil.Error):
            if child is not None and child.pid is not None:
                return [process.pid for process in psutil.Process(child.pid).children()]
        return []

    def toggle_second_beat(self) -> bool:
        """Start a second beat, or stop it; True when it runs now."""
        if self.child(SECOND_BEAT) is not None:
            self.children.stop(SECOND_BEAT)
            return False
        [beat] = [spec for spec in self._celery() if spec.name == "beat"]
        log = beat.log.with_name("second-beat.log")
        self.children.start(msgspec.structs.replace(beat, name=SECOND_BEAT, log=log))
        return True

    def toggle_gateway(self, name: str) -> bool:
        """Start another gateway, or stop it; True when it runs now.

        A standby waits for the first one's end; one that runs by mistake ends, and is started again
        by its supervisor each time.
        """
        if self.child(name) is not None:
            self.children.stop(name)
            return False
        spec = self._gateway()
        env = {**spec.env, "SLOTWISE_IB_CLIENT_ID": CLIENT_IDS[name]}
        log = spec.log.with_name(f"{name.replace(' ', '-')}.log")
        argv = (*spec.argv, "--standby") if name == STANDBY else spec.argv
        self.children.start(msgspec.structs.replace(spec, name=name, argv=argv, env=env, log=log))
        return True

    def take_away(self, name: str, seconds: float) -> bool:
        """End a child, and start it again so much later; False where it is away already."""
        child = self.child(name)
        if child is None or child.pid is None:
            return False
        # Stopped processes end too.
        self.kill(child.pid)
        self.children.stop(name)
        self.until(seconds, lambda: self.children.start(child.spec))
        return True

    def all_run(self) -> bool:
        """Return True where no child is dead or stopped; of several gateways one has to run."""
        dead = {c.spec.name for c in self.children.children if c.pid is None}
        names = {"gateway", *CLIENT_IDS}
        gateways = {c.spec.name for c in self.children.children} & names
        if not gateways <= dead:
            dead -= gateways
        return not self._stopped and not dead

    def until(self, seconds: float, end: Callable[[], object]) -> None:
        """Note how a disturbance ends, and when; what fails then is tried again."""
        self._ends.append((time.monotonic() + seconds, end))

    @property
    def disturbed(self) -> bool:
        """Return True while a disturbance that ends by itself goes on."""
        return bool(self._ends)

    def positions(self) -> list[Held] | None:
        """Ask the simulator for its positions; None while it does not send them."""
        with suppress(OutsideError):
            return ask_positions(self.ib_port)
        return None

    def turn(self) -> None:
        """Restart what died and do what is due; raises EndedError when the run is over."""
        if self._ended():
            raise EndedError
        for child in self.children.tend():
            say(f"{child.spec.name} is started again")
        now = time.monotonic()
        self._go_on(now)
        due = [what for at, what in self._later if at <= now]
        self._later = [(at, what) for at, what in self._later if at > now]
        for what in due:
            with suppress(OutsideError):
                what()
        over = [end for at, end in self._ends if at <= now]
        self._ends = [(at, end) for at, end in self._ends if at > now]
        for end in over:
            try:
                end()
            except OutsideError:
                self.until(AGAIN_S, end)

    def wait(self, ready: Callable[[], bool], timeout_s: float) -> bool:
        """Tend until something holds; False when it does not in time."""
        until = time.monotonic() + timeout_s
        while True:
            self.turn()
            if ready():
                return True
            if time.monotonic() > until:
                return False
            time.sleep(LOOK_S)

    def calm(self) -> None:
        """Let everything go on that was stopped, and forget what was to be done later."""
        self._go_on(float("inf"))
        self._later.clear()
        self._ends = [(0.0, end) for _, end in self._ends]

    def _go_on(self, now: float) -> None:
        for pid, until in self._stopped:
            if until <= now:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        self._stopped = [(pid, until) for pid, until in self._stopped if until > now]


def say(text: str) -> None:
    """Write progress to stderr."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()
