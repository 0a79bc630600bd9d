"""The benchmarks by name; each is a module with `run(share)`, found when it is asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from importlib import import_module

import msgspec

from benchmarks.figures import Part
from slotwise.errors import InputError, SlotwiseError

#: In the order of the page.
NAMES = (
    "sweep",
    "ticks",
    "rotation",
    "activation",
    "year",
    "workers",
    "scale",
    "day",
    "celery",
    "marks",
    "portfolio",
    "web_pages",
    "start",
    "notices",
)


def check_names(names: Iterable[str]) -> None:
    """Raise InputError unless each is a benchmark's name."""
    for name in names:
        if name not in NAMES:
            raise InputError(f"there is no benchmark {name!r}: choose of {', '.join(NAMES)}")


def run_again(
    name: str,
    share: float,
    say: Callable[[str], None],
    run: Callable[[str, float], Part] | None = None,
) -> Part:
    """Run one benchmark, and once more where it fails: a whole run of many is not lost by one.

    The failure is printed. Raises as `run_part` does where it fails again.
    """
    run = run or run_part
    try:
        return run(name, share)
    except InputError:
        raise
    except (SlotwiseError, TimeoutError) as error:
        say(f"{name} failed, and is run once more: {error}")
        return run(name, share)


def run_part(name: str, share: float) -> Part:
    """Run one benchmark with a share of its full effort; raises InputError for another name."""
    check_names((name,))
    module = import_module(f"benchmarks.{name}")
    began = time.monotonic()
    part: Part = module.run(share)
    return msgspec.structs.replace(part, seconds=round(time.monotonic() - began, 1))
