"""The demo that a user starts, while another session takes its market data (10197).

Three figures: how soon the verdict names it, the command of the user is told, and all of it is left
after the data is back. These words print them:

    SLOTWISE_TEST_EFFORT=1 pytest -n 0 -s tests/walks/test_demo_without_market_data.py

On a machine that does other things the bounds are longer by how much slower it was.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard, VerdictStatus
from slotwise.errors import BusError
from tests.chaos.demo_process import child_of, interrupt, start_demo
from tests.chaos.storm.outsider import give
from tests.support.effort import with_effort
from tests.support.slowness import Slowness
from workers.stack.child import wait_until

#: The promises: the verdict names it, is sent, and is left once the data is back, seconds.
NAMED_S, SENT_S, BACK_S = 3.0, 10.0, 3.0
#: The demo is well within this after its start, seconds, on a loaded machine.
WELL_S = 150.0
ROUNDS = 3
#: The test looks this often, seconds.
LOOK_S = 0.02
WELL, TAKEN = "well", "competing_session"
#: What the user's command does: it notes each state that it is told.
COMMAND = "import os, sys; open(sys.argv[1], 'a').write(os.environ['VERDICT_STATE'] + '\\n')"

pytestmark = [pytest.mark.timeout(600), with_effort]


class RunningDemo:
    """A demo's verdict, its simulator, and what the user's command received."""

    def __init__(self, folder: Path, process: psutil.Process, simulator: psutil.Process) -> None:
        [env] = folder.glob("slotwise-demo-*/env")
        lines = [shlex.split(line)[1] for line in env.read_text().splitlines()]
        values = dict(line.split("=", 1) for line in lines)
        self._bus = Bus(values["SLOTWISE_REDIS_URL"], values["SLOTWISE_KEY_PREFIX"])
        self._commands = folder / "told"
        words = simulator.cmdline()
        self._control_port = int(words[words.index("--control") + 1])
        self._slowness = Slowness(lambda: [one.pid for one in process.children()])

    def state(self) -> str:
        """Return the state that the monitor published last."""
        try:
            found = StatusBoard(self._bus).get(VerdictStatus)
        except BusError:
            return ""
        return "" if found is None else found.state

    def sent_commands(self) -> list[str]:
        """Return the states that the user's command received, in order."""
        return self._commands.read_text().split() if self._commands.exists() else []

    def take(self, on: int) -> float:
        """Have another session take the data, or give it back; return when, seconds."""
        self._slowness.begin()
        give(self._control_port, do="competing", on=on)
        return time.monotonic()

    def until(self, holds: Callable[[], bool], since: float, within_s: float) -> float:
        """Wait until something holds, and return the seconds it took; fail where it is too late."""
        assert wait_until(holds, within_s * 10, step_s=LOOK_S), (self.state(), self.sent_commands())
        took_s = time.monotonic() - since
        factor = self._slowness.factor()
        assert took_s <= within_s * factor, f"{took_s:.1f} s, the machine was {factor:.1f} x slower"
        return took_s


def test_a_demo_without_market_data_says_so_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "told.py"
    script.write_text(COMMAND)
    sent_commands = [sys.executable, "-S", str(script), str(tmp_path / "told")]
    monkeypatch.setenv("SLOTWISE_NOTIFY_COMMAND", shlex.join(sent_commands))
    started = start_demo(tmp_path)
    try:
        assert wait_until(lambda: child_of(started, "monitor") is not None, WELL_S)
        simulator = child_of(started, "--control")
        assert simulator is not None, psutil.Process(started.pid).children()
        demo = RunningDemo(tmp_path, psutil.Process(started.pid), simulator)
        assert wait_until(lambda: demo.state() == WELL, WELL_S, step_s=0.2), demo.state()
        for number in range(ROUNDS):
            before = len(demo.sent_commands())
            taken = demo.take(1)
            named_s = demo.until(lambda: demo.state() == TAKEN, taken, NAMED_S)
            sent_s = demo.until(lambda: demo.sent_commands()[before:] == [TAKEN], taken, SENT_S)  # noqa: B023
            given = demo.take(0)
            back_s = demo.until(lambda: demo.state() != TAKEN, given, BACK_S)
            demo.until(lambda: demo.sent_commands()[-1] == WELL, given, SENT_S + BACK_S)
            load = os.getloadavg()[0]
            print(  # noqa: T201  # the figures are what the test is run for
                f"round {number + 1}: named {named_s:.2f} s, sent {sent_s:.2f} s, "
                f"back {back_s:.2f} s; load {load:.1f}"
            )
            assert wait_until(lambda: demo.state() == WELL, WELL_S, step_s=0.2), demo.state()
    finally:
        if started.poll() is None:
            interrupt(started)
