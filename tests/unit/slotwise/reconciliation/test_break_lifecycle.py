"""A break lives from the report that finds it to the first that does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from slotwise.position import Position
from slotwise.reconciliation.reconciler import PositionReconciler
from slotwise.reconciliation.report import Break, Report
from tests.support.values import ACCOUNT, at, head, position


class Runs:
    """Reconcile again and again, each report knowing the breaks before it."""

    def __init__(self) -> None:
        self.open: dict[str, Break] = {}
        self.number = 0

    def run(
        self, book: list[Position], broker: list[Position], seconds: float, **changes: Any
    ) -> Report:
        self.number += 1
        when: datetime = at(seconds)
        values: dict[str, Any] = {
            "snapshot": head(f"s{self.number}", when=when),
            "requested_at": when,
            "completed_at": when,
            "open_breaks": list(self.open.values()),
        } | changes
        report = PositionReconciler().reconcile(book, broker, **values)
        for one in report.breaks if report.status != "stale" else ():
            self.open[one.life_id] = one
        for one in report.healed:
            del self.open[one.life_id]
        return report


def test_a_break_that_is_found_again_is_confirmed() -> None:
    runs = Runs()
    [first] = runs.run([position(1)], [], 60).breaks
    [again] = runs.run([position(1)], [], 120).breaks
    assert (first.state, again.state, again.runs) == ("new", "confirmed", 2)
    assert (again.life_id, again.first_found_at) == (first.life_id, first.found_at)
    assert again.break_id != first.break_id


def test_one_that_is_no_more_is_healed_with_the_time_it_lived() -> None:
    runs = Runs()
    runs.run([position(1)], [], 60)
    report = runs.run([position(1)], [position(1)], 150)
    [healed] = report.healed
    assert (healed.state, healed.lived_s, report.status) == ("healed", 90.0, "matched")
    assert not runs.open


def test_what_the_book_learnt_since_is_another_break() -> None:
    """Each of two fills was late by itself; neither lasted."""
    runs = Runs()
    runs.run([position(1, 5)], [position(1, 7)], 60)
    book = [position(1, 7, observed_at=at(70))]
    report = runs.run(book, [position(1, 9)], 120)
    [found], [healed] = report.breaks, report.healed
    assert (found.state, healed.state) == ("new", "healed")
    assert found.life_id != healed.life_id


def test_a_wrong_row_that_lands_again_and_again_is_one_break() -> None:
    """The book gets new rows and stays wrong in the same way."""
    runs = Runs()
    runs.run([position(1, 5)], [position(1, 7)], 60)
    [found] = runs.run([position(1, 5, observed_at=at(100))], [position(1, 7)], 120).breaks
    assert found.state == "confirmed"


def test_what_is_on_its_way_is_confirmed_only_when_it_should_have_landed() -> None:
    runs = Runs()
    under_way = {"landing": {(ACCOUNT, 1)}}
    runs.run([position(1)], [], 60, **under_way)
    [soon] = runs.run([position(1)], [], 62, **under_way).breaks
    [late] = runs.run([position(1)], [], 80, **under_way).breaks
    assert (soon.state, late.state) == ("new", "confirmed")


def test_the_same_inputs_once_more_confirm_nothing() -> None:
    runs = Runs()
    same = {"snapshot": head("s1", when=at(60)), "requested_at": at(60)}
    first = runs.run([position(1)], [], 60, **same)
    again = runs.run([position(1)], [], 60, **same)
    assert first == again


def test_a_report_of_one_account_ends_no_break_of_another() -> None:
    runs = Runs()
    runs.run([position(1), position(2, account="DU2")], [], 60)
    report = runs.run([position(1)], [position(1)], 120, account=ACCOUNT)
    assert [one.account for one in report.healed] == [ACCOUNT]
    assert [one.account for one in runs.open.values()] == ["DU2"]


def test_a_stale_report_ends_no_break() -> None:
    runs = Runs()
    held = [position(n) for n in range(1, 9)]
    runs.run(held, held[1:], 60)
    report = runs.run(held, [], 120)
    assert (report.status, report.healed) == ("stale", ())
    assert len(runs.open) == 1


@given(st.lists(st.sets(st.integers(1, 4)), min_size=1, max_size=8))
def test_every_life_has_one_beginning_and_one_end(missing: list[set[int]]) -> None:
    """Whatever comes and goes, the open breaks are those of the last report, each once."""
    runs = Runs()
    ended: set[str] = set()
    held = [position(n) for n in range(1, 13)]
    for number, gone in enumerate([*missing, set()]):
        broker = [one for one in held if one.contract.con_id not in gone]
        report = runs.run(held, broker, 60.0 * number)
        healed = {one.life_id for one in report.healed}
        assert not ended & healed
        assert not ended & {one.life_id for one in report.breaks}
        ended |= healed
        if report.status != "stale":
            assert {one.con_id for one in runs.open.values()} == gone
    if missing:
        assert not runs.open
