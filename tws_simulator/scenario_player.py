"""The asyncio shell of a scenario: gives each command at its time, and logs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from tws_simulator.scenario import Script, Step


class ScenarioPlayer:
    """Play steps from now on; `dispatch` takes a line of the control port and answers one."""

    def __init__(
        self,
        steps: Sequence[Step],
        clock: Callable[[], float],
        dispatch: Callable[[bytes], bytes],
        say: Callable[[str], object],
    ) -> None:
        self._started_at = clock()
        self._script = Script(steps, self._started_at)
        self._clock = clock
        self._dispatch = dispatch
        self._say = say
        self._timer: asyncio.TimerHandle | None = None
        self._waits = True
        self._wake()

    def first_client(self) -> None:
        """Begin with what waits for the first client; later calls say nothing new."""
        if self._waits:
            self._waits = False
            self._script.first_client(self._clock())
            self._wake()

    def stop(self) -> None:
        """Send no more commands."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _wake(self) -> None:
        self.stop()
        due = self._script.next_due
        if due is not None:
            delay = max(due - self._clock(), 0.0)
            self._timer = asyncio.get_running_loop().call_later(delay, self._play)

    def _play(self) -> None:
        now = self._clock()
        for step in self._script.take(now):
            answer = self._dispatch(step.command)
            self._say(
                f"scenario line {step.line} at {now - self._started_at:.1f} s: "
                f"{step.command.decode()} -> {answer.decode().strip()}\n"
            )
        self._wake()
