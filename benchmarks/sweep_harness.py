"""A whole system with a number of contracts, none active, that polls when the benchmark asks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.baselines.lake_reader import Landed, batch_times, commits, landed_since
from benchmarks.baselines.redis_memory import PeakMemory
from benchmarks.harness import cpu_s, own_redis
from benchmarks.profile import sampled
from benchmarks.profile_figures import Profile
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow
from slotwise.errors import SlotwiseError
from slotwise.lake.store import Lake
from workers.stack.child import Child, stop_all
from workers.stack.ports import free_port
from workers.stack.processes import celery_specs, gateway_spec, simulator_spec

#: All contracts of a poll have landed within this, seconds.
LANDED_S = 90.0
#: Time between two looks into the lake, seconds: looking takes CPU too, of another process.
LOOK_S = 0.25
#: Processes whose stacks are sampled: those of Python that a poll is worked off by.
PROFILED = ("gateway", "poll worker", "lake worker")
#: After the last row, what remains of a beat's work has ended too, seconds.
AFTER_S = 1.0


class Round(NamedTuple):
    """Hold one poll, from the request to the last row in the lake."""

    #: From the first batch to the commit that has the last row, seconds; and from the request.
    beat_to_landed_s: float
    asked_to_landed_s: float
    #: Of beat to landed: until the last batch was made, then until it was worked off, seconds.
    made_s: float
    worked_s: float
    #: CPU seconds by process, and how long they were counted.
    cpu_s: dict[str, float]
    seconds: float
    rows: int
    commits: int
    redis_bytes: int


class SweepStand:
    """Poll, and count what it took."""

    def __init__(self, folder: Path, url: str, ib_port: int, pids: dict[str, int]) -> None:
        self.lake = folder / "lake"
        self.ib_port = ib_port
        self._url = url
        self._pids = pids

    def idle_cpu_s(self, seconds: float) -> dict[str, float]:
        """Return the CPU that each process uses in an idle second."""
        before = self._cpu_s()
        time.sleep(seconds)
        after = self._cpu_s()
        return {name: (after[name] - before[name]) / seconds for name in after}

    def wait_landed(self, contracts: int, since: datetime) -> Landed:
        """Wait until so many contracts have landed; raises SlotwiseError."""
        end = time.monotonic() + LANDED_S
        while (found := landed_since(self.lake, since)).contracts < contracts:
            if time.monotonic() > end:
                raise SlotwiseError(
                    f"{found.contracts} of {contracts} contracts landed within {LANDED_S:g} s"
                )
            time.sleep(LOOK_S)
        return found

    def poll(self, contracts: int) -> Round:
        """Ask for a poll and wait for its last row."""
        before, made, began = self._cpu_s(), commits(self.lake), time.monotonic()
        asked_at = datetime.now(UTC)
        bus = Bus(self._url)
        with PeakMemory(self._url) as memory:
            Commands(bus).send(PollNow("bench"))
            landed = self.wait_landed(contracts, asked_at)
            time.sleep(AFTER_S)
        bus.close()
        after, seconds = self._cpu_s(), time.monotonic() - began
        times, newest = batch_times(self.lake, asked_at), landed.newest
        assert times is not None
        assert newest is not None
        return Round(
            beat_to_landed_s=(newest - times.first_made).total_seconds(),
            asked_to_landed_s=(newest - asked_at).total_seconds(),
            made_s=(times.last_made - times.first_made).total_seconds(),
            worked_s=(times.last_done - times.last_made).total_seconds(),
            cpu_s={name: after[name] - before[name] for name in after},
            seconds=seconds,
            rows=landed.rows,
            commits=commits(self.lake) - made,
            redis_bytes=memory.peak - memory.before,
        )

    def profile(self, contracts: int) -> list[Profile]:
        """Poll once more, and return where the processes that are Python spent the time."""
        pids = {name: self._pids[name] for name in PROFILED}
        with sampled(self.lake.parent, pids) as profiles:
            self.poll(contracts)
        return profiles

    def _cpu_s(self) -> dict[str, float]:
        return {name: cpu_s(pid) for name, pid in self._pids.items()}


@contextmanager
def sweep_stand(folder: Path, contracts: int) -> Iterator[SweepStand]:
    """Start everything but Flower, wait until all contracts have landed once, and stop it all."""
    ib_port = free_port()
    with own_redis(folder) as redis:
        env = {
            "REDIS_URL": redis.url,
            "SLOTWISE_REDIS_URL": redis.url,
            "SLOTWISE_LAKE": str(folder / "lake"),
            "SLOTWISE_IB_PORT": str(ib_port),
            "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
            # Polls come when the benchmark asks, and nothing else is to be counted.
            "SLOTWISE_POLL_INTERVAL_S": "36000",
            "SLOTWISE_RECONCILE_INTERVAL_S": "36000",
            "SLOTWISE_ROTATION": "false",
            "SLOTWISE_WATCH": "",
        }
        options = ("--port", str(ib_port), "--positions", str(contracts), "--lines", "100")
        Lake(env["SLOTWISE_LAKE"]).create()
        began_at = datetime.now(UTC)
        specs = [
            simulator_spec(options, env, folder),
            gateway_spec(env, folder),
            *(s for s in celery_specs(env, folder, free_port()) if s.name != "flower"),
        ]
        children = [Child(spec) for spec in specs]
        try:
            for child in children:
                child.start()
            pids = {c.spec.name: c.pid for c in children if c.pid is not None}
            pids["redis"] = redis.pid
            stand = SweepStand(folder, redis.url, ib_port, pids)
            stand.wait_landed(contracts, began_at)
            yield stand
        except SlotwiseError as error:
            words = "; ".join(f"{c.spec.name}: {c.last_words()}" for c in children)
            raise SlotwiseError(f"{error} ({words})") from error
        finally:
            stop_all(children)
