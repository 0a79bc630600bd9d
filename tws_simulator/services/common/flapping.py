"""Farms that break and come back, over and over, as they do at night.

Each farm in turn is said to be broken and, `down_s` later, to be back: by 2103, 2119 and 2104, or
by 2105 and 2106 for a farm of history (its name ends in hmds), or by 2157 and 2158 for one of
definitions (its name begins with secdef).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tws_simulator.services.common.notices import Notice
from tws_simulator.services.common.plans import Plans
from tws_simulator.wire.ids import ErrorCode

#: Names what is planned here.
FLAPPING = "flapping"
#: What begins and ends an outage of a farm.
_MARKET = (ErrorCode.MARKET_FARM_BROKEN, ErrorCode.MARKET_FARM_OK)
_HISTORY = (ErrorCode.HISTORICAL_FARM_BROKEN, ErrorCode.HISTORICAL_FARM_OK)
_DEFINITIONS = (ErrorCode.SEC_DEF_FARM_BROKEN, ErrorCode.SEC_DEF_FARM_OK)
#: Part of an outage after which a farm of market data is reported as connecting.
CONNECTING_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Schedule:
    """Hold which farms flap, how often, until when (unix seconds), and whether it is true.

    Where `real` is false the notices are all there is: data goes on.
    """

    farms: tuple[str, ...]
    period_s: float
    down_s: float
    until: float
    real: bool
    seed: int


#: Sends a notice, and does what it means where it is true.
Announce = Callable[[Notice, float, bool], None]


class Flapping:
    """Describe a schedule."""

    def __init__(self, plans: Plans, announce: Announce) -> None:
        self._plans = plans
        self._announce = announce
        #: Farms that are reported as broken at the moment, and what brings them back.
        self._down: dict[str, tuple[Notice, bool]] = {}

    def start(self, schedule: Schedule, now: float) -> None:
        """Begin, in place of any schedule before it."""
        self.stop(now)
        self._break_next(schedule, 0, Random(schedule.seed), now)

    def stop(self, now: float) -> None:
        """End; report what was reported as broken as back."""
        self._plans.drop(FLAPPING)
        for farm in list(self._down):
            self._mend(farm, now)

    def forget(self) -> None:
        """End without a word."""
        self._plans.drop(FLAPPING)
        self._down.clear()

    def _break_next(self, schedule: Schedule, number: int, random: Random, now: float) -> None:
        if now >= schedule.until:
            return
        farm = schedule.farms[number % len(schedule.farms)]
        broken, mended = codes_of(farm)
        if farm not in self._down:
            self._down[farm] = (Notice(mended, farm), schedule.real)
            self._announce(Notice(broken, farm), now, schedule.real)
        if broken == ErrorCode.MARKET_FARM_BROKEN:
            connecting = Notice(ErrorCode.MARKET_FARM_CONNECTING, farm)
            self._plans.at(
                now + schedule.down_s * CONNECTING_SHARE,
                FLAPPING,
                lambda at: self._announce(connecting, at, False),
            )
        self._plans.at(now + schedule.down_s, FLAPPING, lambda at: self._mend(farm, at))
        # Never two at the same distance: clients must not live on a rhythm.
        wait_s = schedule.period_s * random.uniform(0.5, 1.5)
        self._plans.at(
            now + wait_s,
            FLAPPING,
            lambda at: self._break_next(schedule, number + 1, random, at),
        )

    def _mend(self, farm: str, now: float) -> None:
        if farm in self._down:
            notice, real = self._down.pop(farm)
            self._announce(notice, now, real)


def codes_of(farm: str) -> tuple[ErrorCode, ErrorCode]:
    """Return the codes that break and mend a farm, by its name."""
    if farm.startswith("secdef"):
        return _DEFINITIONS
    return _HISTORY if farm.split(".")[0].endswith("hmds") else _MARKET
