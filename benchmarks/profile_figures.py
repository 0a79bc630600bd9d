"""Where a process spent its time, as a table: samples of stacks, and times of functions. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from benchmarks.figures import Table, number

#: Packages and functions that are named of each process: what is below is some hundredths.
PACKAGES, FUNCTIONS = 5, 7
#: Owners of memory that are named, and the name of what belongs to no file.
OWNERS, OWN_DATA = 10, "own data, of no file"
#: Bytes of a MB.
MB = 2**20
#: Packages of this repository, which are named by their folder too.
OURS = frozenset({"benchmarks", "slotwise", "tasks", "tws_simulator", "workers"})
#: Functions in which a thread waits, by their file. Not every system shows which threads run, and a
#: wait is no cost: samples that end in one of these are left out.
WAITS = frozenset(
    {
        "Condition.wait (threading.py)",
        "EpollSelector.select (selectors.py)",
        "PollSelector.select (selectors.py)",
        "SelectSelector.select (selectors.py)",
        "SocketBuffer._read_from_socket (redis/_parsers/socket.py)",
        "Connection._recv (billiard/connection.py)",
        "_epoll.poll (kombu/utils/eventio.py)",
        "_poll.poll (kombu/utils/eventio.py)",
        "_worker (concurrent/futures/thread.py)",
        "_Lane._run (slotwise/handlers.py)",
        # SQLite's commit is within it, which waits for the disk.
        "Spool.put (workers/gateway/outbox/spool.py)",
    }
)
#: Where the words of a frame about the process end and those of its stack begin.
PROCESS = "process "
#: Shares are of 100.
PERCENT = 100.0

#: Samples by the stack that was seen, outermost call first, each as `function (file)`.
Stacks: TypeAlias = Mapping[tuple[str, ...], int]


class Profile(NamedTuple):
    """Hold the samples of one process, or why there are none."""

    name: str
    stacks: Stacks
    refused: str = ""


class Place(NamedTuple):
    """Hold a package or function, and its shares of the samples, of 1."""

    name: str
    #: Of samples in its own code, and of those in what it called too.
    own: float
    whole: float


def parse_raw(text: str) -> Stacks:
    """Parse the raw output of py-spy: a stack, frames divided by semicolons, and its samples."""
    found: Counter[tuple[str, ...]] = Counter()
    for line in text.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = tuple(
            _without_root(one) for one in stack.split(";") if not one.startswith(PROCESS)
        )
        if frames and count.isdecimal():
            found[frames] += int(count)
    return found


def _without_root(frame: str) -> str:
    """Return a frame whose file, where it is an absolute path, is its folder and its name."""
    function, _, path = frame.rpartition(" (")
    if not path.startswith("/"):
        return frame
    return f"{function} ({'/'.join(path.split('/')[-2:])}"


def package_of(frame: str) -> str:
    """Return the package of a frame, as `function (folder/file.py)`; ours with its folder."""
    path = frame.rpartition("(")[2].rstrip(")").removeprefix("<frozen ").rstrip(">")
    first, *rest = path.replace(".", "/").removesuffix("/py").split("/")
    return f"{first}/{rest[0]}" if first in OURS and len(rest) > 1 else first


def packages(stacks: Stacks) -> list[Place]:
    """Return packages by their share of own code, greatest first."""
    return _places(stacks, package_of)


def functions(stacks: Stacks) -> list[Place]:
    """Return functions by their share of own code, greatest first."""
    return _places(stacks, str)


def _places(stacks: Stacks, name_of: Callable[[str], str]) -> list[Place]:
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for stack, count in stacks.items():
        own[name_of(stack[-1])] += count
        for name in set(map(name_of, stack)):
            whole[name] += count
    every = sum(stacks.values())
    return [Place(name, n / every, whole[name] / every) for name, n in own.most_common()]


def without_waits(stacks: Stacks) -> Stacks:
    """Return the samples of threads that did something."""
    return {stack: count for stack, count in stacks.items() if stack[-1] not in WAITS}


def profile_table(title: str, profiles: Sequence[Profile]) -> Table:
    """Tabulate the packages and functions that most samples of each process were in."""
    rows: list[tuple[str, ...]] = []
    for one in profiles:
        stacks = without_waits(one.stacks)
        count = sum(stacks.values())
        if one.refused or not count:
            rows.append((one.name, f"no samples: {one.refused or 'it was idle'}", "", ""))
            continue
        named = f"{one.name}, {count:,} samples"
        rows.extend(
            (named, place.name, _percent(place.own), _percent(place.whole))
            for place in (*packages(stacks)[:PACKAGES], *functions(stacks)[:FUNCTIONS])
        )
    columns = ("process", "package or function", "own code, %", "with what it calls, %")
    return Table(title, columns, tuple(rows))


def _percent(share: float) -> str:
    return number(share * PERCENT)


def by_owner(mapped: Mapping[str, int]) -> dict[str, int]:
    """Sum up the resident bytes of mapped files by package; what is of no file is own data."""
    found: Counter[str] = Counter()
    for path, size in mapped.items():
        if path.startswith("["):
            found[OWN_DATA] += size
        elif "/site-packages/" in path:
            found[path.rpartition("/site-packages/")[2].split("/")[0]] += size
        else:
            found[path.rpartition("/")[2].split(".so")[0]] += size
    return dict(found)


def memory_table(title: str, found: Mapping[str, Mapping[str, int]]) -> Table:
    """Tabulate what most resident bytes of processes belong to, beside each other, in MB."""
    most: Counter[str] = Counter()
    for owners in found.values():
        for name, size in owners.items():
            most[name] = max(most[name], size)
    names = [name for name, _ in most.most_common(OWNERS)]
    rows = [(name, *(number(of.get(name, 0) / MB) for of in found.values())) for name in names]
    rest = [sum(size for name, size in of.items() if name not in names) for of in found.values()]
    rows.append(("all else", *(number(size / MB) for size in rest)))
    return Table(title, ("of what", *(f"{process}, MB" for process in found)), tuple(rows))


class Timed(NamedTuple):
    """Hold what a function took in all, milliseconds: itself, and with what it called."""

    own_ms: float
    whole_ms: float


def times_table(title: str, times: Mapping[str, Mapping[str, Timed]]) -> Table:
    """Tabulate the functions that took most of one call, beside each other by when it was made."""
    own: Counter[str] = Counter()
    for found in times.values():
        for name, timed in found.items():
            own[name] = max(own[name], round(timed.own_ms * 1000))
    names = [name for name, _ in own.most_common(FUNCTIONS)]
    none = Timed(0.0, 0.0)
    return Table(
        title,
        (
            "function",
            *(f"{when}, itself, ms" for when in times),
            *(f"{when}, with what it calls, ms" for when in times),
        ),
        tuple(
            (
                name,
                *(number(found.get(name, none).own_ms) for found in times.values()),
                *(number(found.get(name, none).whole_ms) for found in times.values()),
            )
            for name in names
        ),
    )
