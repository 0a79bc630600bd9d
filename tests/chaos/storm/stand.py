"""The stand: the processes of the demo, twice the poll workers, on ports and folders of its own."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil

from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from tests.chaos.storm.mirror import Mirror
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
SECOND_BEAT = "second beat"


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
        self.ledger = folder / "ledger.jsonl"
        self.children = children
        self.ib_port, self.control_port, self.redis_port = free_port(), free_port(), free_port()
        self._ended = ended
        self._positions = positions
        self._stopped: list[tuple[int, float]] = []
        self._later: list[tuple[float, Callable[[], None]]] = []
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
        Lake(self.env["SLOTWISE_LAKE"]).ensure()
        bus = Bus(self.env["REDIS_URL"])
        self.children.start_redis(redis_spec(self.redis_port, self.folder), bus)
        bus.close()
        simulator = (
            *("--host", "127.0.0.1", "--port", str(self.ib_port)),
            *("--control", str(self.control_port), "--positions", str(self._positions)),
            *("--lines", str(LINES), "--seed", "7", "--ledger", str(self.ledger)),
        )
        self.children.start(simulator_spec(simulator, self.env, self.folder))
        self.children.start(gateway_spec(self.env, self.folder))
        for spec in self._celery():
            self.children.start(spec)

    def _celery(self) -> list[ChildSpec]:
        specs = [s for s in celery_specs(self.env, self.folder, 0) if s.name != "flower"]
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

    def all_run(self) -> bool:
        """Tell whether no child is dead or stopped."""
        return not self._stopped and all(c.pid is not None for c in self.children.children)

    def positions(self) -> list[Held] | None:
        """Ask the simulator for its positions; None while it does not tell them."""
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

    def _go_on(self, now: float) -> None:
        for pid, until in self._stopped:
            if until <= now:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        self._stopped = [(pid, until) for pid, until in self._stopped if until > now]


def say(text: str) -> None:
    """Tell progress, on stderr."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stderr.flush()
