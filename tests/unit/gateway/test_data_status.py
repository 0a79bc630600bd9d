"""A farm that is away is named where data has stopped since, and nowhere else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.support.values import contract
from workers.gateway.broker import Upstream
from workers.gateway.conditions import Conditions
from workers.gateway.lines.data_access import DataAccess
from workers.gateway.lines.data_status import MANY_SILENT, DataStatus
from workers.gateway.lines.table import HeldLine, LineTable

T0 = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)
BROKEN = "Market data farm connection is broken:usopt"


class Desk:
    """One line with ticks, a farm, and the status of market data."""

    def __init__(self, *, gap_s: float = 0.5, ticks: int = 100) -> None:
        self.table = LineTable(10)
        self.access = DataAccess()
        self.status = DataStatus(Conditions(), self.access, delayed=False)
        self.table.opened(contract(1), 0.0)
        self.now = 0.0
        for _ in range(ticks):
            self.tick(gap_s)

    @property
    def line(self) -> HeldLine:
        return self.table.held[1]

    def tick(self, after_s: float) -> None:
        self.now += after_s
        self.line.stale = False
        self.line.staleness.heard(self.now)

    def breaks(self) -> None:
        self.status.take(Upstream.FARM_BROKEN, BROKEN, T0 + timedelta(seconds=self.now))

    def farms(self, after_s: float, fell_silent: tuple[float, ...] = ()) -> set[str]:
        self.now += after_s
        at = T0 + timedelta(seconds=self.now)
        found = self.status.read({1}, self.table.held, self.now, at, fell_silent)
        return set(found.farms_away)


def test_data_status_names_a_farm_whose_line_fell_silent() -> None:
    desk = Desk()
    desk.breaks()
    assert desk.farms(1.0) == set()
    assert desk.farms(2.5) == {"usopt"}


def test_data_status_names_no_farm_while_lines_tick() -> None:
    desk = Desk()
    desk.breaks()
    for _ in range(20):
        desk.tick(1.5)
        assert desk.farms(0.0) == set()


def test_data_status_gives_a_slow_line_its_time() -> None:
    desk = Desk(gap_s=8.0)
    desk.breaks()
    assert desk.farms(20.0) == set()


def test_data_status_names_a_farm_that_the_rotation_misses() -> None:
    desk = Desk(ticks=0)
    desk.breaks()
    before, after = (desk.now - 1.0,) * MANY_SILENT, (desk.now + 1.0,) * MANY_SILENT
    assert desk.farms(2.0, before) == set()
    assert desk.farms(1.0, after[1:]) == set()
    assert desk.farms(1.0, after) == {"usopt"}


def test_data_status_says_when_another_session_gave_the_data_back() -> None:
    desk = Desk()
    desk.access.back_at = desk.now
    at = T0 + timedelta(seconds=desk.now + 3)
    assert desk.status.read({1}, desk.table.held, desk.now + 3, at).back_at == at - timedelta(
        seconds=3
    )
