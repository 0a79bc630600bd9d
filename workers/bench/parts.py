"""The benchmarks by name; each is a module with `run(share)`, found when it is asked for."""

from __future__ import annotations

import time
from importlib import import_module

import msgspec

from slotwise.errors import InputError
from workers.bench.figures import Part

#: In the order of the page.
NAMES = ("sweep", "ticks", "rotation", "activation", "year", "workers", "day", "celery")


def run_part(name: str, share: float) -> Part:
    """Run one benchmark with a share of its full effort; raises InputError for another name."""
    if name not in NAMES:
        raise InputError(f"there is no benchmark {name!r}: choose of {', '.join(NAMES)}")
    module = import_module(f"workers.bench.{name}")
    began = time.monotonic()
    part: Part = module.run(share)
    return msgspec.structs.replace(part, seconds=round(time.monotonic() - began, 1))
