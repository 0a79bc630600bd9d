"""Where time goes: samples of processes while they work once more, and times of functions here.

A round that is profiled is slower than others, and never one that counts.
"""

from __future__ import annotations

import cProfile
import pstats
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.profile_figures import Profile, Timed, by_owner, parse_raw
from workers.stack.child import wait_until

#: The sampler, of the development's environment.
SAMPLER = Path(sys.executable).with_name("py-spy")
#: Samples a second: 100 are too few for a process that works a tenth of its seconds.
RATE = 500
#: It has attached to a process within this, and ended when it is asked to, seconds.
ATTACHED_S, ENDED_S = 10.0, 20.0
#: What it writes as soon as it samples.
SAMPLES = b"Sampling process"
#: Milliseconds of a second.
MS = 1000.0


@contextmanager
def sampled(
    folder: Path, pids: Mapping[str, int], rate: int = RATE, sampler: Path = SAMPLER
) -> Iterator[list[Profile]]:
    """Sample processes and their children during the block; the list has their profiles after it.

    `rate` is in samples a second.

    Where the system does not permit it, a profile states that, and the block is run all the same.
    """
    found: list[Profile] = []
    started = [(name, _Sampling(folder, pid, rate, sampler)) for name, pid in pids.items()]
    try:
        yield found
    finally:
        found.extend(one.end(name) for name, one in started)


class _Sampling:
    """Samples one process until it is ended."""

    def __init__(self, folder: Path, pid: int, rate: int, sampler: Path) -> None:
        self._out = folder / f"profile-{pid}.raw"
        self._log = folder / f"profile-{pid}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._refused = ""
        argv = (
            str(sampler), "record", "--pid", str(pid), "--subprocesses", "--nolineno",
            "--nonblocking", "--format", "raw", "--rate", str(rate), "--output", str(self._out),
        )  # fmt: skip
        try:
            with self._log.open("wb") as log:
                self._process = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
        except OSError as error:
            self._refused = f"{sampler.name} does not start: {error.strerror}"
            return
        wait_until(self._began, ATTACHED_S)

    def end(self, name: str) -> Profile:
        """Stop sampling; return what was seen."""
        if self._process is None:
            return Profile(name, {}, self._refused)
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(ENDED_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if not self._out.exists():
            return Profile(name, {}, self._last_words())
        return Profile(name, parse_raw(self._out.read_text(errors="replace")))

    def _began(self) -> bool:
        assert self._process is not None
        return self._process.poll() is not None or SAMPLES in self._log.read_bytes()

    def _last_words(self) -> str:
        lines = self._log.read_text(errors="replace").strip().splitlines()
        return lines[0] if lines else "the sampler said nothing"


def resident_by_owner(pid: int) -> dict[str, int]:
    """Return the resident bytes of a process by what they belong to: a library, or its own data.

    Empty where the system does not say.
    """
    try:
        maps = psutil.Process(pid).memory_maps(grouped=True)
    # On some systems psutil has no maps of memory at all, or raises that it has none.
    except (psutil.Error, AttributeError, NotImplementedError, OSError):
        return {}
    return by_owner({one.path: one.rss for one in maps})


def times_of(work: Callable[[], object], calls: int) -> dict[str, Timed]:
    """Call something so often, and return what each function took of one call on average."""
    profiler = cProfile.Profile()
    profiler.enable()
    try:
        for _ in range(calls):
            work()
    finally:
        profiler.disable()
    found: dict[str, Timed] = {}
    for (file, _, function), (_, _, own_s, whole_s, _) in pstats.Stats(profiler).stats.items():  # type: ignore[attr-defined]  # typeshed lacks it
        name = f"{function} ({'/'.join(Path(file).parts[-2:])})" if file != "~" else function
        before = found.get(name, Timed(0.0, 0.0))
        found[name] = Timed(
            before.own_ms + own_s * MS / calls, before.whole_ms + whole_s * MS / calls
        )
    return found
