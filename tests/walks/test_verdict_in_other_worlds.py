"""The verdict where the calendar, a clock or the size of the portfolio is another one.

All processes of the first stack, Redis too, have a clock that the test steps; see
`tests/chaos/storm/clocks.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.chaos.storm.clocks import Clocks
from tests.support.effort import with_effort
from tests.walks.watched_stack import Watched, watched_stack
from workers.stack.child import wait_until

#: A test has this long on a machine that does much else, seconds.
TIMEOUT_S = 600
NEW_YORK = ZoneInfo("America/New_York")
#: Each contract is quoted once after a close, a line is quiet for 30 s, and the book is reconciled
#: again, seconds.
CLOSES_S = 75.0
#: A process ends within this, seconds.
STOPS_S = 30.0
#: The first of 5,000 contracts are looked up and priced within this after the start, seconds.
BEGINS_S = 20.0

pytestmark = [pytest.mark.timeout(TIMEOUT_S), with_effort]


class World:
    """A stack, and the clocks of its processes: Redis has one of its own."""

    def __init__(self, folder: Path) -> None:
        self._all, self._redis = Clocks(_made(folder / "all")), Clocks(_made(folder / "redis"))
        self.why_not = self._all.why_not

    @property
    def environment(self) -> dict[str, str]:
        return dict(self._all.environment("gateway"))

    @property
    def redis_environment(self) -> dict[str, str]:
        return dict(self._redis.environment("gateway"))

    def goes_to(self, then: datetime) -> None:
        """Set every clock."""
        self._ahead_s = (then - datetime.now(UTC)).total_seconds()
        self._all.step("gateway", self._ahead_s)
        self._redis.step("gateway", self._ahead_s)

    def redis_is_ahead(self, seconds: float) -> None:
        """Set Redis's clock alone."""
        self._redis.step("gateway", self._ahead_s + seconds)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _open_wednesday() -> datetime:
    """Return eleven o'clock in New York on a Wednesday of an ordinary week to come."""
    day = datetime.now(NEW_YORK).date()
    # The second week of a month has no holiday of New York's on a Wednesday to Saturday but
    # Veterans Day, on which the exchanges are open.
    while not (day.weekday() == 2 and 8 <= day.day <= 14):
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 11, tzinfo=NEW_YORK)


def _christmas_after(then: datetime) -> datetime:
    """Return noon of the next 25 December that is no day of a weekend."""
    year = then.year
    while True:
        day = datetime(year, 12, 25, 12, tzinfo=NEW_YORK)
        if day > then and day.weekday() < 5:
            return day
        year += 1


def _travel(watched: Watched, clocks: World, then: datetime) -> None:
    """Set every clock; the simulator reads its own at a start alone."""
    children = watched.stack.children.children
    simulator = next(one for one in children if one.spec.name == "simulator")
    simulator.ask_to_stop()
    assert wait_until(lambda: simulator.pid is None, STOPS_S)
    clocks.goes_to(then)
    simulator.start()
    watched.begin()


def _portfolio(folder: Path) -> Path:
    """Write a portfolio that is the same every day: shares, and options with nine days to go."""
    expiry = f"{_open_wednesday() + timedelta(days=9):%Y%m%d}"
    options = [
        {"symbol": "SPY", "sec_type": "OPT", "expiry": expiry, "strike": strike, "right": right,
         "quantity": 1}
        for strike, right in ((600, "P"), (620, "P"), (640, "C"), (660, "C"))
    ]  # fmt: skip
    shares = [{"symbol": symbol, "quantity": 10} for symbol in ("SPY", "QQQ", "IWM", "DIA")]
    file = folder / "portfolio.json"
    account = {"account": "DU1234567", "positions": [*options, *shares]}
    file.write_text(json.dumps({"accounts": [account]}))
    return file


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Watched, World]]:
    found = World(tmp_path_factory.mktemp("clocks"))
    if found.why_not:
        pytest.skip(found.why_not)
    found.goes_to(_open_wednesday())
    with watched_stack(
        tmp_path_factory.mktemp("world"),
        positions=8,
        portfolio=_portfolio(tmp_path_factory.mktemp("portfolio")),
        more_env=found.environment,
        redis_env=found.redis_environment,
        simulator_options=("--us-hours",),
        without=frozenset({"flower"}),
    ) as watched:
        yield watched, found


def test_clock_that_is_off_is_named_and_left(world: tuple[Watched, World]) -> None:
    watched, clocks = world
    watched.begin()
    clocks.redis_is_ahead(7.0)
    assert "apart" in watched.becomes("clocks")["sentence"]
    watched.begin()
    clocks.redis_is_ahead(0.0)
    watched.leaves("clocks")


def test_saturday_is_well_and_names_the_prices_of_friday(world: tuple[Watched, World]) -> None:
    watched, clocks = world
    _travel(watched, clocks, _open_wednesday() + timedelta(days=3))
    shown = watched.says("markets closed, prices of Friday", CLOSES_S)
    assert (shown.standing, shown.state) == ("well", "closed")


def test_holiday_is_well_and_an_expired_leg_is_named(world: tuple[Watched, World]) -> None:
    """The options of the strategy have expired by then."""
    watched, clocks = world
    _travel(watched, clocks, _christmas_after(_open_wednesday()))
    watched.says("expired on", CLOSES_S)
    closed = watched.stack.slotwise("strategies", "close", "condor")
    assert closed.returncode == 0, closed.stderr
    watched.begin()
    watched.says("markets closed", CLOSES_S)


def test_start_with_5000_positions_says_how_far_it_is(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Without workers: positions and prices are named before them."""
    with watched_stack(
        tmp_path_factory.mktemp("many"),
        positions=5000,
        legs=0,
        well=False,
        without=frozenset({"flower", "beat", "poll worker", "lake worker"}),
    ) as watched:
        watched.becomes("prices_missing", more_s=BEGINS_S)
        shown = watched.says("have never had a price:", BEGINS_S)
        assert "in turn, about" in shown.sentence
        assert shown.advice == "wait until the rotation has been round once"
