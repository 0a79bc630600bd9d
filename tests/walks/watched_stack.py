"""A running stack of which each verdict is awaited, by the monitor's own log, within its bound."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.status import StatusBoard, VerdictStatus
from slotwise.errors import BusError
from slotwise.health.verdict.changes import HOLD_S
from tests.support.receiver import Receiver, receiver
from tests.support.slowness import Slowness
from tests.support.verdict_bounds import bound_of
from tests.walks.running_stack import RunningStack, running_stack
from workers.stack.child import wait_until

#: The whole system is well within this after its start, seconds, on an idle machine.
WELL_S = 60.0
#: The test looks this often, seconds, and its own commands take as long besides.
LOOK_S, OWN_S = 0.05, 0.5
#: A process that is started again has this long until it works, seconds.
START_S = 10.0
#: Settings of the stacks: a poll and a beat, seconds.
POLL_S, BEAT_S = 5.0, 2.0


class Watched:
    """A stack, the verdicts of its monitor, and the receiver of their changes."""

    def __init__(self, stack: RunningStack, server: Receiver) -> None:
        self.stack = stack
        self.board = StatusBoard(stack.bus)
        self._server = server
        self._slowness = Slowness(self._pids)
        self._log = stack.folder / "logs" / "monitor.log"
        self._began = time.monotonic()
        self._seen = 0
        self._received = 0

    def begin(self) -> None:
        """Begin to measure: a cause begins or ends now."""
        self._seen = len(self.verdicts())
        self.measure()

    def measure(self) -> None:
        """Measure from now on; verdicts since `begin` count."""
        self._slowness.begin()
        self._began = time.monotonic()

    def verdicts(self) -> list[Mapping[str, Any]]:
        """Return every verdict that the monitor logged, each where its state changed."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        # What follows the last end of a line is being written now.
        lines = text.split("\n")[:-1]
        found = [json.loads(line) for line in lines if line.startswith("{")]
        return [one for one in found if one.get("event") == "verdict"]

    def becomes(self, state: str, *, more_s: float = 0.0) -> Mapping[str, Any]:
        """Wait until the monitor has this verdict; fail where it takes longer than its bound.

        The bound is that of the table, longer by how much slower the machine was in this time.
        """
        within_s = bound_of(state).within_s(POLL_S, BEAT_S) + more_s
        return self._wait(lambda new: next((v for v in new if v["state"] == state), None), within_s)

    def leaves(self, state: str, *, more_s: float = 0.0) -> Mapping[str, Any]:
        """Wait until the newest verdict is another one, within the same bound."""
        within_s = bound_of(state).within_s(POLL_S, BEAT_S) + more_s
        return self._wait(
            lambda new: new[-1] if new and new[-1]["state"] != state else None, within_s
        )

    def is_well(self, *, within_s: float = WELL_S) -> None:
        """Wait until all is well."""
        wells = ("well", "closed")
        if self.verdicts() and self.verdicts()[-1]["state"] in wells:
            return
        self._wait(lambda new: new[-1] if new and new[-1]["state"] in wells else None, within_s)

    def says(self, words: str, within_s: float) -> VerdictStatus:
        """Wait until the published verdict has these words."""
        found: list[VerdictStatus] = []

        def said() -> bool:
            try:
                verdict = self.board.get(VerdictStatus)
            except BusError:
                return False
            if verdict is not None and words in verdict.sentence:
                found.append(verdict)
            return bool(found)

        patience_s = within_s
        while not found and time.monotonic() - self._began < patience_s:
            wait_until(said, LOOK_S * 4, step_s=LOOK_S)
            patience_s = within_s * self._slowness.factor()
        assert found, f"not within {patience_s:.1f} s: {words}; {self.board.get(VerdictStatus)}"
        return found[0]

    def sent(self, state: str, within_s: float) -> None:
        """Wait until a change to this state was sent."""

        def came() -> bool:
            bodies = [json.loads(one.body) for one in self._server.came[self._received :]]
            return state in [one["state"] for one in bodies]

        assert wait_until(came, (within_s + HOLD_S) * self._slowness.factor(), step_s=LOOK_S), (
            f"{state} was not sent: {[json.loads(one.body) for one in self._server.came]}"
        )

    def expect_sent(self) -> None:
        """Look from now on for changes that are sent."""
        self._received = len(self._server.came)

    def status(self) -> tuple[int, str]:
        """Return exit status and first line of `slotwise status`, as a user reads them."""
        answer = self.stack.slotwise("status", "--json")
        verdict = json.loads(answer.stdout)["verdict"]
        return answer.returncode, str(verdict["state"])

    def _wait(
        self,
        find: Callable[[list[Mapping[str, Any]]], Mapping[str, Any] | None],
        within_s: float,
    ) -> Mapping[str, Any]:
        while True:
            found = find(self.verdicts()[self._seen :])
            elapsed_s = time.monotonic() - self._began
            allowed_s = (within_s + OWN_S) * self._slowness.factor()
            if found is not None and elapsed_s <= allowed_s:
                return found
            assert elapsed_s <= allowed_s, (
                f"not within {within_s:.1f} s ({elapsed_s:.1f} s, the machine was "
                f"{self._slowness.factor():.1f} times slower): "
                f"{[(v['timestamp'], v['state'], v['sentence']) for v in self.verdicts()[-5:]]}\n"
                f"{self.stack.logs()}"
            )
            time.sleep(LOOK_S)

    def _pids(self) -> list[int]:
        return [one.pid for one in self.stack.children.children if one.pid is not None]


@contextmanager
def watched_stack(
    folder: Path,
    *,
    positions: int,
    legs: int = 4,
    well: bool = True,
    more_env: Mapping[str, str] | None = None,
    **options: Any,
) -> Iterator[Watched]:
    """Run a stack with one active strategy, `condor`, from when it is `well` on."""
    env = {
        "SLOTWISE_LOG_JSON": "true",
        "SLOTWISE_POLL_INTERVAL_S": f"{POLL_S:g}",
        "SLOTWISE_BEAT_S": f"{BEAT_S:g}",
        "SLOTWISE_RECONCILE_INTERVAL_S": "60",
        "SLOTWISE_WATCH": "",
        **(more_env or {}),
    }
    with (
        receiver() as server,
        running_stack(
            folder,
            positions=positions,
            more_env={"SLOTWISE_WEBHOOK_URL": server.url, **env},
            **options,
        ) as stack,
    ):
        watched = Watched(stack, server)
        if legs:
            chosen = ",".join(map(str, options_held(watched)[:legs]))
            done = stack.slotwise("strategies", "activate", "condor", "--legs", chosen)
            assert done.returncode == 0, done.stderr
        if well:
            watched.is_well()
        yield watched


def options_held(watched: Watched) -> list[int]:
    """Return the options that are held, once positions are known."""
    board = SnapshotBoard(watched.stack.bus)
    assert wait_until(lambda: bool((board.all() or (0, ()))[1]), WELL_S), watched.stack.logs()
    known = board.all()
    assert known is not None
    return sorted(one.contract.con_id for one in known[1] if one.contract.sec_type == "OPT")
