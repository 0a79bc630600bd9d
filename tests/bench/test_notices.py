"""A storm has all kinds of notices; its cost is what a window took more than a quiet one."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from benchmarks.notice_figures import Found, Window, part_of
from benchmarks.notices import COMPETING, FARMS, LOST, NO_ID, RESTORED, UNKNOWN, run, storm
from tests.support.effort import with_effort

LINES = [4, 5, 6]


def window(cpu_s: float, notices: int = 0, log_lines: int = 0) -> Window:
    return Window(1_000, notices, cpu_s, [0.001] * 90 + [0.01] * 10, log_lines, 100)


def test_a_storm_has_farms_unknown_codes_lost_connections_and_lines_of_others() -> None:
    notices = list(islice(storm(1, LINES), 4_000))
    codes = Counter(one.code for one in notices)
    assert all(codes[code] > 100 for code in FARMS)
    assert all(codes[code] > 10 for code in UNKNOWN)
    assert codes[LOST] == codes[RESTORED] == 19
    assert codes[COMPETING] == 10
    about = {one.req_id for one in notices if one.code == COMPETING}
    assert about <= set(LINES)
    assert {one.req_id for one in notices if one.code != COMPETING} == {NO_ID}
    assert notices == list(islice(storm(1, LINES), 4_000))


def test_a_connection_that_is_lost_is_restored_next() -> None:
    codes = [one.code for one in islice(storm(2, LINES), 2_000)]
    assert all(codes[n + 1] == RESTORED for n, code in enumerate(codes[:-1]) if code == LOST)


def test_a_notice_costs_what_its_window_took_more() -> None:
    found = Found([window(1.0), window(1.0)], [window(1.5, 500, 5), window(0.9, 500, 5)], [])
    assert found.notice_ms() == pytest.approx([1.0, 0.0])
    part = part_of(found, 5_000, 500, 4.0)
    ratios = {ratio.name: ratio.value for ratio in part.ratios}
    assert ratios["CPU of a notice"].high == pytest.approx(1.0)
    assert ratios["lines of the log"].median == pytest.approx(0.01)
    assert ratios["ticks later at the 99th percentile"].median == 1.0


@with_effort
@pytest.mark.timeout(120)
def test_a_gateway_lives_through_a_storm() -> None:
    part = run(0.2)
    handled = [float(row[5].replace(",", "")) for row in part.tables[0].rows[:2]]
    assert min(handled) > 0
    assert part.tables[0].rows[1][1] != "0"
