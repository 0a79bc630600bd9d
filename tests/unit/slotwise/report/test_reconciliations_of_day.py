"""The reconciliations of a day and their breaks, as the lake has them."""

from __future__ import annotations

from decimal import Decimal

from slotwise.lake.store import Lake
from slotwise.report.reconciliations_of_day import breaks_of_day, reports_of_day
from slotwise.report.span import Span
from tests.support.day_rows import ReportRow, broken
from tests.support.landed import put
from tests.support.values import at


def test_reports_come_in_the_order_in_which_they_were_done(lake: Lake, span: Span) -> None:
    reported = [
        ReportRow("r2", at(60), status="stale", reason="no snapshot"),
        ReportRow("r1", at(0), status="broken", breaks=2, healed=1),
        ReportRow("r0", at(-50_000)),
        ReportRow("r3", at(50_000)),
    ]
    put(lake, "reconciliations", reported)
    first, second = reports_of_day(lake, span)
    assert (first.completed_at, first.status, first.breaks, first.healed) == (at(0), "broken", 2, 1)
    assert (second.status, second.reason) == ("stale", "no snapshot")


def test_of_each_break_the_last_word_of_the_day_is_reported(lake: Lake, span: Span) -> None:
    """Not what the next day found; and each digit of a quantity."""
    first = at(0)
    reported = [
        broken(1, first, first_found_at=at(-90_000), cause="unknown"),
        broken(1, at(60), first_found_at=at(-90_000), cause="fill", state="healed", lived_s=90.5),
        broken(2, at(60), book_quantity=None, evidence="", kind="missing_in_book"),
        broken(3, at(50_000)),
    ]
    put(lake, "breaks", reported)
    put(lake, "breaks", [broken(2, at(50_000), state="healed", first_found_at=at(60))])
    one, two = breaks_of_day(lake, span)
    assert (one.con_id, one.cause, one.state, one.lived_s) == (1, "fill", "healed", 90.5)
    assert (two.con_id, two.state, two.book_quantity, two.evidence) == (2, "new", None, "")
    assert two.broker_quantity == Decimal(12)
