"""The day as pages draw it: lines and their limit, what was not seen, prices of each contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from slotwise.errors import InputError
from slotwise.lake.store import Lake
from slotwise.report.day import ContractGaps, LineBucket, Lines, ReportedGap
from slotwise.report.span import day_span
from slotwise.rules.valuation import position_row
from tests.support.landed import put
from tests.support.values import contract, position, quote
from workers.web.ages import epoch_ms
from workers.web.day import MOST_UNSEEN, day_of, read_day

NOW = datetime(2026, 6, 1, 18, 0, tzinfo=UTC)
SPAN = day_span(None, "America/New_York", NOW)


def gap(begin_min: int, end_min: int) -> ReportedGap:
    begin, end = (SPAN.begin + timedelta(minutes=minutes) for minutes in (begin_min, end_min))
    return ReportedGap(
        begin=begin, end=end, began_before=False, goes_on=False, known=True, event="lost", reason=""
    )


def test_day_has_lines_as_steps_and_what_was_not_seen_in_its_order() -> None:
    gaps = (ContractGaps(7, "SPY of DU1234567", (gap(5, 8), gap(20, 21))), ContractGaps(8, "", ()))
    lines = Lines(events=3, buckets=(LineBucket(SPAN.begin, 4, 90),), blind=gaps)
    day = day_of(SPAN, lines, lambda text: text.replace("DU1234567", "***567"))
    begin = epoch_ms(datetime(2026, 6, 1, 4, 0, tzinfo=UTC))
    assert (day.begin, day.until) == (begin, epoch_ms(NOW))
    assert day.lines == ((begin, 4, 90),)
    assert [(one.label, one.seconds, len(one.times)) for one in day.unseen] == [
        ("SPY of ***567", 240, 2), ("8", 0, 0),
    ]  # fmt: skip
    assert day.unseen[0].times[0] == (day.begin + 300_000, day.begin + 480_000, True)


def test_contracts_without_end_are_counted_and_the_first_are_sent() -> None:
    gaps = tuple(ContractGaps(con_id, "", ()) for con_id in range(MOST_UNSEEN + 5))
    day = day_of(SPAN, Lines(events=0, buckets=(), blind=gaps), str)
    assert (len(day.unseen), day.count) == (MOST_UNSEEN, MOST_UNSEEN + 5)


def test_prices_are_the_last_of_each_half_hour_of_the_day(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "lake"))
    lake.create()
    for minutes, middle in ((-10, 1), (5, 500), (29, 510), (31, 520), (600, 530)):
        at = SPAN.begin + timedelta(minutes=minutes)
        one = position(7, 1, contract=contract(7), observed_at=at)
        price = quote(7, bid=middle, ask=middle, observed_at=at)
        put(lake, "position_updates", [position_row(one, price, source="batch")], at)
    day = read_day(lake, "America/New_York", NOW, str)
    assert day.sparks == {7: [(0, 510.0), (1, 520.0), (20, 530.0)]}
    assert (day.lines, day.count) == ((), 0)
    with pytest.raises(InputError, match="unknown time zone"):
        read_day(lake, "Mars/Olympus", NOW, str)
