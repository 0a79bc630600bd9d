"""The benchmarks by name; each is a module with `run(share)`, found when it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterable
from importlib import import_module

import msgspec

from benchmarks.figures import Part
from slotwise.errors import InputError

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


def run_part(name: str, share: float) -> Part:
    """Run one benchmark with a share of its full effort; raises InputError for another name."""
    check_names((name,))
    module = import_module(f"benchmarks.{name}")
    began = time.monotonic()
    part: Part = module.run(share)
    return msgspec.structs.replace(part, seconds=round(time.monotonic() - began, 1))
