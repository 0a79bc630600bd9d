"""A random walk through all that may happen to positions, in virtual time.

Modes of answers, account updates and values, requests that hang, other sessions, losses of IB and
of connections, notices; beside trades with an execution or without, pushed or not. After each step
the witness has seen nothing untrue. Now and then TWS is well: then a closing that is pushed is
taken within 10 s, and all that is held, and nothing else, is believed within 90 s.

Part of an account, or all but one account, is left out without a word for less than a minute where
neither the account's own update nor its values say anything: nothing distinguishes that from the
truth.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

from slotwise.contract import PositionKey
from tests.integration.gateway.positions_stand import ACCOUNTS, Stand, running_stand
from tests.support.virtual_time import virtual_time
from workers.gateway.session.states import State

#: Ways to answer positions that say so themselves, or list nothing at all; and those that do not.
PLAIN = ("whole", "empty", "empty2151", "2151noend", "silent", "readonly", "err10275")
DECEPTIVE = ("absent", "partial")
#: Longest time that an answer deceives while nothing else speaks, seconds.
DECEIVES_S = 40.0
#: What TWS says plainly is taken within this; what it does not, within that, seconds.
PLAINLY_S, BOUND_S = 10.0, 90.0
#: TWS that is well leads the session back to ready within this, seconds.
READY_S = 30.0
WAITS_S = (0.2, 1.0, 5.0, 20.0, 60.0, 150.0)
LONG_S = (40.0, 100.0, 300.0)
INTERVALS_S = (2.0, 5.0, 30.0)
NOTICES = (1100, 1102, 2103, 2104, 2105, 2106, 2107, 2108, 2110, 2119, 2157, 2158, 10275, 10197)
#: Kinds of steps, and how often each is taken.
KINDS = (
    ("wait", 8), ("answers", 6), ("trade", 6), ("sell", 3), ("well", 2), ("siege", 2), ("hang", 2),
    ("notice", 2), ("late", 1), ("drop", 1), ("restart", 1), ("outage", 1), ("rival", 1),
    ("no_end", 1),
)  # fmt: skip
#: Makes all well again.
WELL: tuple[Mapping[str, Any], ...] = (
    {"do": "position_answers", "mode": "whole"}, {"do": "late_accounts", "on": 0},
    {"do": "competing", "on": 0}, {"do": "flap", "on": 0}, {"do": "hang", "on": 0},
    {"do": "withhold_position_end", "count": 0},
    {"do": "outage", "code": 0, "seconds": 0.1, "back": "ticks"},
)  # fmt: skip


class Walk:
    """Take random steps at a stand."""

    def __init__(self, stand: Stand, random: Random) -> None:
        self.stand, self.random = stand, random
        self.steps: Counter[str] = Counter()
        self.mode = "whole"
        #: Holdings that a transfer has changed, and that may not have been seen since.
        self._transferred: set[PositionKey] = set()
        #: Virtual seconds that it took.
        self.took_s = 0.0

    async def run(self, steps: int) -> None:
        """Take so many steps, and let all be well at the end."""
        began = asyncio.get_running_loop().time()
        await self.well()
        names, weights = zip(*KINDS, strict=True)
        for name in self.random.choices(names, weights, k=steps):
            self.steps[name] += 1
            await getattr(self, name)()
            await asyncio.sleep(self.random.choice((0.0, 0.0, 0.5, 3.0)))
            assert not self.stand.witness.broken, self.stand.witness.broken[:3]
        await self.well()
        self.took_s = asyncio.get_running_loop().time() - began

    # Steps.

    async def wait(self) -> None:
        await asyncio.sleep(self.random.choice(WAITS_S))

    async def siege(self) -> None:
        """Answer for a long time in one way; trades may come in its midst."""
        await self.answers()
        for _ in range(self.random.randrange(1, 4)):
            await asyncio.sleep(self.random.choice(LONG_S))
            if self.random.random() < 0.3:
                await self.sell()

    async def answers(self) -> None:
        random, do = self.random, self.stand.do
        if random.random() < 0.6:
            self.mode = random.choice(PLAIN)
            do(
                do="position_answers", mode=self.mode,
                **({} if self.mode == "whole" else self._evidence() | self._pushes()),
            )  # fmt: skip
            return
        mode, account = random.choice(DECEPTIVE), random.choice(ACCOUNTS[: self._accounts])
        evidence = self._evidence()
        # Evidence that is withheld or hangs tells nothing.
        do(do="hang", on=0)
        command: dict[str, object] = {
            "do": "position_answers",
            "mode": mode,
            "account": account,
            **evidence,
        }
        if mode == "partial":
            command |= {"missing": random.choice((0.1, 0.25, 0.5)), "seed": random.randrange(9)}
        self.mode = mode
        tells = mode == "absent" and self._is_of_worth(account)
        if evidence["updates"] == "silent" and not tells:
            do(**command)
            await asyncio.sleep(DECEIVES_S)
            do(do="position_answers", mode="whole")
            self.mode = "whole"
            await asyncio.sleep(max(INTERVALS_S))
        else:
            do(**command, **self._pushes())

    def _evidence(self) -> dict[str, str]:
        return {
            "updates": self.random.choice(("given", "given", "not_ready", "silent")),
            "values": self.random.choice(("given", "given", "zero", "absent")),
        }

    def _pushes(self) -> dict[str, int]:
        return {"pushes": self.random.choice((1, 1, 0))}

    async def trade(self) -> None:
        """Change a holding by a few, or open a new one."""
        key, change = self._any(), self.random.choice((-2, -1, 1, 2))
        held = self.stand.truth.get(key, 0)
        if self.random.random() < 0.5 and not self._has_unseen_transfer(key):
            self.stand.do(do="fill", account=key[0], con_id=key[1], quantity=change)
        else:
            self._transferred.add(key)
            self.stand.do(
                do="position", account=key[0], con_id=key[1], quantity=float(held + change)
            )

    async def sell(self) -> None:
        """Close one holding, or all of an account."""
        truth = self.stand.truth
        if not truth:
            return
        account, con_id = self.random.choice([*truth])
        whole = self.random.random() < 0.2
        with_execution = self.random.random() < 0.5
        for key, quantity in truth.items():
            if key == (account, con_id) or (whole and key[0] == account):
                if with_execution and not self._has_unseen_transfer(key):
                    self.stand.do(
                        do="fill", account=account, con_id=key[1], quantity=float(-quantity)
                    )
                else:
                    self._transferred.add(key)
                    self.stand.do(do="position", account=account, con_id=key[1], quantity=0)

    async def hang(self) -> None:
        kinds = ["executions", "positions"]
        if self.mode not in DECEPTIVE:
            kinds += ["account_updates", "account_summary"]
        seconds = self.random.choice((20, 120, 600))
        self.stand.do(do="hang", request=self.random.choice(kinds), seconds=seconds)

    async def late(self) -> None:
        mode = self.random.choice(PLAIN[1:])
        self.stand.do(
            do="late_accounts", mode=mode, seconds=self.random.choice((2, 20)), **self._evidence()
        )
        self.stand.do(do="drop")

    async def drop(self) -> None:
        self.stand.do(do="drop")

    async def restart(self) -> None:
        self.stand.do(do="restart", seconds=self.random.choice((1, 10)))
        self.mode = "whole"

    async def outage(self) -> None:
        back = self.random.choice(("1101", "1102", "farms", "ticks"))
        code, seconds = self.random.choice((1100, 2110)), self.random.choice((1, 60))
        self.stand.do(do="outage", code=code, seconds=seconds, back=back)

    async def rival(self) -> None:
        mode = self.random.choice(("whole", "empty", "empty2151", "silent"))
        self.stand.do(do="competing", on=1, seconds=30, positions=mode)

    async def notice(self) -> None:
        code = self.random.choice(NOTICES)
        self.stand.do(do="say", code=code, text="words in any language")

    async def no_end(self) -> None:
        self.stand.do(do="withhold_position_end", count=self.random.choice((1, 3)))

    async def well(self) -> None:
        """Let TWS be well: the session is ready soon, a push closes at once, the rest in time."""
        stand = self.stand
        for command in WELL:
            stand.do(**command)
        self.mode = "whole"
        await self._until(lambda: stand.session.state is State.READY, READY_S, "ready")
        answers = stand.answers
        await self._until(lambda: stand.answers > answers and self._is_true(), BOUND_S, "believed")
        truth = stand.truth
        if truth:
            account, con_id = self.random.choice([*truth])
            stand.do(do="position", account=account, con_id=con_id, quantity=0)
            await self._until(
                lambda: (account, con_id) not in stand.held, PLAINLY_S, "closed by a push"
            )

    async def _until(self, condition: Any, seconds: float, what: str) -> None:
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not condition():
            assert loop.time() < end, f"not {what} within {seconds:g} s: {self._differences()}"
            await asyncio.sleep(0.25)

    def _is_true(self) -> bool:
        return self.stand.held == self.stand.truth and not self.stand.holdings.unknown

    def _differences(self) -> str:
        held, truth = self.stand.held, self.stand.truth
        wrong = [k for k in held.keys() | truth.keys() if held.get(k) != truth.get(k)]
        return f"{len(wrong)} differ, {self.stand.session.state}, {self.stand.holdings.unknown}"

    @property
    def _accounts(self) -> int:
        return len(self.stand.simulator.world.accounts.names)

    def _is_of_worth(self, account: str) -> bool:
        return any(self.stand.has_worth(c) for name, c in self.stand.truth if name == account)

    def _has_unseen_transfer(self, key: PositionKey) -> bool:
        """Return True where a transfer, which has no execution, has not been seen.

        An execution on top of it may look like a closing, and nothing distinguishes the two.
        """
        if self.stand.held.get(key) == self.stand.truth.get(key):
            self._transferred.discard(key)
        return key in self._transferred

    def _any(self) -> PositionKey:
        """Choose a holding that is or was."""
        return self.random.choice([*self.stand.witness.history])


def portfolio(path: Path, holdings: int, accounts: int) -> Path:
    """Share so many options among accounts of every form."""
    shared = [
        {"account": name, "positions": [_option(n) for n in range(place, holdings, accounts)]}
        for place, name in enumerate(ACCOUNTS[:accounts])
    ]
    path.write_text(json.dumps({"accounts": shared}))
    return path


def _option(n: int) -> dict[str, Any]:
    expiry = ("20261218", "20270115", "20270319", "20270618")[n % 4]
    strike, right = 100 + n // 8, "PC"[n // 4 % 2]
    return {
        "symbol": "SPY", "sec_type": "OPT", "expiry": expiry, "strike": strike, "right": right,
        "quantity": n % 7 - 8,
    }  # fmt: skip


def walk(folder: Path, seed: int, steps: int, holdings: int, accounts: int) -> Walk:
    """Walk so many steps from a seed; raises AssertionError where a promise is broken."""
    random = Random(seed)
    interval_s = random.choice(INTERVALS_S)
    path = portfolio(folder / "portfolio.json", holdings, accounts)

    async def run() -> Walk:
        async with running_stand(loop, path, interval_s) as stand:
            walking = Walk(stand, random)
            await walking.run(steps)
            return walking

    with virtual_time() as loop:
        return loop.run_until_complete(run())
