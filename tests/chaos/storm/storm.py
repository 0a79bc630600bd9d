"""The storm: kills and disturbances in bursts, and the time until all is whole again."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from os import environ
from random import Random

import msgspec
import psutil

from tests.chaos.storm.events import DISTURBANCES, KILLS, TRADES, in_turn
from tests.chaos.storm.freshness import Freshness
from tests.chaos.storm.kinds import KINDS_HELD
from tests.chaos.storm.lines import Lines
from tests.chaos.storm.outsider import Held, OutsideError, give
from tests.chaos.storm.stand import CLIENT_IDS, DEAD_S, LINES, SECOND_BEAT, Stand, say
from tests.chaos.storm.world import Event, World
from tests.support.command_process import run_command

#: Contracts of active strategies, and of one of them.
ACTIVE, LEGS = 16, 4
#: Everything is there again within this, seconds, on a machine that does ten other things.
WHOLE_S = 180.0
#: Time between two looks whether a process is dead, seconds.
DEAD_LOOK_S = 0.01
#: Most kills of one burst, and most trades that come with each.
LONGEST_BURST, MOST_TRADES = 3, 3


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Strength and length of a storm; `every_s` is the mean time between the kills of a burst.

    At each kill up to `at_once` processes are killed at one moment.
    """

    minutes: float
    kills: int
    seed: int
    positions: int
    every_s: float
    without: tuple[str, ...]
    at_once: int = 1


class Storm:
    """Do what the options say to a stand, and keep count."""

    def __init__(self, stand: Stand, options: Options) -> None:
        self._stand, self._options = stand, options
        self._random = Random(options.seed)
        self.lines = Lines(stand.ledger)
        self.freshness = Freshness(stand.lake, stand.look)
        self.held: list[Held] = []
        self.active: tuple[int, ...] = ()
        self.kills: Counter[str] = Counter()
        self.disturbances: Counter[str] = Counter()
        #: Seconds from a burst's last kill until all was whole again, by that kill's kind.
        self.recoveries: dict[str, list[float]] = defaultdict(list)
        self.broken: list[str] = []
        self.strays = 0

    def prepare(self) -> None:
        """Activate strategies as a user does, and wait until all works for the first time."""
        self._stand.wait(self._positions_reported, WHOLE_S)
        if lacking := KINDS_HELD - {held.sec_type for held in self.held}:
            say(f"the portfolio is too small for {', '.join(sorted(lacking))}")
        options = [held for held in self.held if held.sec_type == "OPT"]
        chosen = self._random.sample(options, ACTIVE)
        self.active = tuple(sorted(held.con_id for held in chosen))
        for number in range(0, ACTIVE, LEGS):
            legs = ",".join(str(con_id) for con_id in self.active[number : number + LEGS])
            # The contracts are held; a gateway that is being killed need not say so.
            activated = ("strategies", "activate", f"condor-{number}", "--legs", legs, "--force")
            self._slotwise(*activated)
        self._until_whole("the start")

    def rage(self) -> None:
        """Break things until the time or the kills are used up."""
        until = time.monotonic() + self._options.minutes * 60
        without = self._options.without
        kinds = in_turn([kind for kind in KILLS if kind not in without], self._random)
        others = in_turn([kind for kind in DISTURBANCES if kind not in without], self._random)
        world = World(self._stand, self.lines, self.held, self.active, self._random)
        while time.monotonic() < until and not self.broken:
            last = ""
            for _ in range(self._random.randint(1, LONGEST_BURST)):
                if self.kills.total() >= self._options.kills:
                    return
                if "trades" not in without:
                    for _ in range(self._random.randint(0, MOST_TRADES)):
                        self._do(world, "trades", TRADES["trades"], self.disturbances)
                other = next(others, None)
                if other is not None and self._random.random() < 0.7:
                    self._do(world, other, DISTURBANCES[other], self.disturbances)
                    self._stand.wait(lambda: False, self._random.uniform(0, 1))
                last = self._kill(world, kinds) or last
                pause_s = self._random.uniform(0, 2 * self._options.every_s)
                self._stand.wait(lambda: False, pause_s)
            if last:
                self._until_whole(last)
            self.broken += world.broken
            world.broken.clear()
            self.strays = world.strays

    def _kill(self, world: World, kinds: Iterator[str]) -> str:
        """Kill processes at one moment, and count those that died; return the last one's kind."""
        left = self._options.kills - self.kills.total()
        for _ in range(min(left, self._random.randint(1, self._options.at_once))):
            world.may_kill = left - len(world.killed)
            if world.may_kill and (kind := next(kinds, "")):
                self._do(world, kind, KILLS[kind], Counter())
        last = ""
        for kind, pid in world.killed:
            until = time.monotonic() + DEAD_S
            while not is_dead(pid) and time.monotonic() < until:
                time.sleep(DEAD_LOOK_S)
            if is_dead(pid):
                self.kills[kind] += 1
                last = kind
            else:
                self.broken.append(f"process {pid} ({kind}) lives on after kill -9")
        world.killed.clear()
        return last

    def settle(self) -> None:
        """Mend the world around: what is broken after this is ours."""
        self._stand.calm()
        if self._stand.child(SECOND_BEAT) is not None:
            self._stand.toggle_second_beat()
        self._stand.wait(lambda: not self._stand.disturbed and self._mended(), WHOLE_S)
        self._until_whole("")
        for name in CLIENT_IDS:
            if self._stand.child(name) is not None:
                self._stand.toggle_gateway(name)
                self._until_whole("")

    def _positions_reported(self) -> bool:
        self.held = self._stand.positions() or []
        return bool(self.held)

    def _mended(self) -> bool:
        port = self._stand.control_port
        try:
            give(port, do="half_open", on=0)
            give(port, do="silence", on=0, then="cut")
            give(port, do="notice", code=1101)
            give(port, do="limit", lines=LINES)
            give(port, do="position_answers", mode="whole")
        except OutsideError:
            return False
        return True

    def _do(self, world: World, kind: str, event: Event, counts: Counter[str]) -> bool:
        try:
            what = event(world)
        except OutsideError as error:
            say(f"  ({kind}: {error})")
            return False
        say(f"  {what}")
        counts[kind] += 1
        return True

    def _until_whole(self, last: str) -> None:
        """Wait until all processes run, all active contracts stream, and new rows have landed.

        The time counts from the last kill, or from the end of what was disturbed beside it.
        """
        self._stand.wait(lambda: not self._stand.disturbed, WHOLE_S)
        began, moment = time.monotonic(), datetime.now(UTC)
        if not self._stand.wait(lambda: self._whole(moment), WHOLE_S):
            self.broken.append(f"not whole {WHOLE_S:.0f} s after {last}: {self._missing(moment)}")
            return
        took = time.monotonic() - began
        say(f"whole again after {took:.1f} s; {self.kills.total()} kills")
        if last in KILLS:
            self.recoveries[last].append(took)

    def _whole(self, moment: datetime) -> bool:
        self.lines.read()
        return (
            self._stand.all_run()
            and set(self.lines.streamed) >= set(self.active)
            and self.freshness.since(moment)
        )

    def _missing(self, moment: datetime) -> str:
        dead = [c.spec.name for c in self._stand.children.children if c.pid is None]
        blind = sorted(set(self.active) - set(self.lines.streamed))
        old = {
            source: (moment - newest).total_seconds()
            for source, newest in self.freshness.newest.items()
            if newest <= moment
        }
        return f"dead {dead}; not streamed {blind}; seconds since a row's observation {old}"

    def _slotwise(self, *args: str) -> None:
        done = run_command(*args, env={**environ, **self._stand.env}, timeout_s=WHOLE_S)
        if done.returncode:
            self.broken.append(f"slotwise {' '.join(args)}: {done.stderr.strip()}")


def is_dead(pid: int) -> bool:
    """Return True for a process that has ended, whether its parent has looked or not."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
