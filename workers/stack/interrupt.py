"""INT and TERM as a flag: every child is stopped before this process ends."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeAlias

#: Returns whether a signal has come.
Flag: TypeAlias = Callable[[], bool]


@contextmanager
def until_interrupted() -> Iterator[Flag]:
    """Note INT and TERM instead of dying of them; yields the flag."""
    seen: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        seen.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(seen)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
