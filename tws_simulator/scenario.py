"""A scenario: commands of the control port, each at its time.

    {"at": 30, "do": "notice", "code": 1100}
    {"at": 5, "after": "first_client", "do": "restart", "seconds": 60}
    {"at": 0, "every": 10, "times": 100, "do": "position", "con_id": 756733, "quantity": 50}

`at` counts seconds from the start, or with `after` from when the first client had started.
`every` (seconds) and `times` repeat a step. Empty lines and lines that begin with # say nothing.
No I/O but the reading of the file, no clock: the player tells the time.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tws_simulator.control.dispatch import names
from tws_simulator.errors import ScenarioError

#: Longest time to or between steps, seconds: a year.
MAX_S = 31_536_000
#: Most repetitions of a step, and most lines of a file.
MAX_TIMES, MAX_LINES = 100_000, 10_000
#: Shortest time between two repetitions, seconds.
MIN_EVERY_S = 0.01
#: What `at` counts from.
START, FIRST_CLIENT = "start", "first_client"
#: Fields that say when; the others are the command.
TIMING = ("at", "after", "every", "times")


@dataclass(frozen=True, slots=True)
class Step:
    """Hold a command as a line of the control port, and when it is given, seconds."""

    line: int
    at: float
    after: str
    every: float
    times: int
    command: bytes


def read_scenario(path: Path) -> tuple[Step, ...]:
    """Read a scenario file; raises ScenarioError that names the line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise ScenarioError(f"scenario {str(path)!r} cannot be read: {reason}") from error
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise ScenarioError(f"scenario {str(path)!r}: there are more than {MAX_LINES} lines")
    steps = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.startswith("#"):
            try:
                steps.append(_step(number, line))
            except ScenarioError as error:
                raise ScenarioError(f"scenario {str(path)!r}: line {number}: {error}") from error
    return tuple(steps)


def _step(number: int, line: str) -> Step:
    try:
        fields = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(f"no JSON: {error}") from error
    if not isinstance(fields, dict):
        raise ScenarioError("a step must be a JSON object")
    after = fields.get("after", START)
    if after not in (START, FIRST_CLIENT):
        raise ScenarioError(f'"after" must be {START} or {FIRST_CLIENT}')
    if not isinstance(fields.get("do"), str) or fields["do"] not in names():
        raise ScenarioError(f'"do" must be one of {", ".join(names())}')
    if ("every" in fields) != ("times" in fields):
        raise ScenarioError('"every" and "times" need each other')
    times = fields.get("times", 1)
    if not isinstance(times, int) or isinstance(times, bool) or not 1 <= times <= MAX_TIMES:
        raise ScenarioError(f'"times" must be a whole number from 1 to {MAX_TIMES}')
    every = _seconds(fields, "every", MIN_EVERY_S) if "every" in fields else 0.0
    at = _seconds(fields, "at", 0.0)
    command = {name: value for name, value in fields.items() if name not in TIMING}
    return Step(number, at, after, every, times, _encode(command))


def _seconds(fields: Mapping[str, object], name: str, least: float) -> float:
    value = fields.get(name)
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise ScenarioError(f'"{name}" must be a number of seconds')
    if not least <= value <= MAX_S:
        raise ScenarioError(f'"{name}" must be from {least:g} to {MAX_S} seconds')
    return float(value)


def _encode(command: Mapping[str, object]) -> bytes:
    return json.dumps(command, default=float).encode()


class Script:
    """Return which steps are due; all times are unix seconds."""

    def __init__(self, steps: Iterable[Step], started_at: float) -> None:
        self._heap: list[tuple[float, int, int, Step]] = []
        self._later: list[Step] = []
        for step in steps:
            if step.after == START:
                self._plan(step, started_at)
            else:
                self._later.append(step)

    @property
    def next_due(self) -> float | None:
        """Return when the next step is due, as far as that is known."""
        return self._heap[0][0] if self._heap else None

    def first_client(self, now: float) -> None:
        """Take note that the first client has started."""
        later, self._later = self._later, []
        for step in later:
            self._plan(step, now)

    def take(self, now: float) -> list[Step]:
        """Return what is due: by time, then by line."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            at, line, done, step = heapq.heappop(self._heap)
            due.append(step)
            if done + 1 < step.times:
                heapq.heappush(self._heap, (at + step.every, line, done + 1, step))
        return due

    def _plan(self, step: Step, since: float) -> None:
        heapq.heappush(self._heap, (since + step.at, step.line, 0, step))
