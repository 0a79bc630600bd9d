"""Book and broker: breaks fail, what was not verified lately is doubtful, the rest is well."""

from __future__ import annotations

import pytest

from slotwise.health.book_checks import LATE_INTERVALS, book_checks
from slotwise.lake.queries import ReportLine
from tests.support.values import NOON, at
from tests.unit.cli.scenes import open_break

INTERVAL_S = 180.0


def report(status: str = "matched", breaks: int = 0) -> ReportLine:
    return ReportLine("r", status, 200, breaks, NOON)


@pytest.mark.parametrize(
    ("found", "age_s", "verdict", "word"),
    [
        (report(), 60.0, "ok", "200 matched"),
        (report(), LATE_INTERVALS * INTERVAL_S, "ok", "200 matched"),
        (report(), LATE_INTERVALS * INTERVAL_S + 1, "warn", "not for 9 min"),
        (report("stale"), 1.0, "warn", "verify nothing"),
        (report("broken", 3), 1.0, "warn", "none of them open"),
        (None, 1.0, "warn", "never"),
    ],
)
def test_the_newest_report_decides(
    found: ReportLine | None, age_s: float, verdict: str, word: str
) -> None:
    [check] = book_checks(found, (), at(age_s), INTERVAL_S)
    assert (check.verdict, word in check.seen) == (verdict, True)
    assert bool(check.advice) == (verdict != "ok")


def test_open_breaks_fail_whatever_the_newest_report_is_of() -> None:
    """It may be of another account."""
    breaks = (open_break(1), open_break(2, state="new"))
    [check] = book_checks(report(), breaks, NOON, INTERVAL_S)
    assert (check.verdict, check.seen) == ("fail", "2 open, 1 of them confirmed")


def test_breaks_that_nobody_confirmed_are_doubtful() -> None:
    """Their news may be on its way to the lake."""
    [check] = book_checks(report("broken", 1), (open_break(1, state="new"),), NOON, INTERVAL_S)
    assert (check.verdict, check.seen) == ("warn", "1 open, 0 of them confirmed")
