"""Mending makes the book what the broker says, by new rows alone."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.newest import is_newer
from slotwise.position import Position
from slotwise.reconciliation.healing import mended
from slotwise.reconciliation.reconciler import PositionReconciler
from slotwise.reconciliation.report import Report
from tests.support.values import ACCOUNT, at, head, position

quantities = st.integers(-9, 9)
sides = st.dictionaries(st.integers(1, 12), quantities, max_size=12)


def reconcile(
    book: list[Position], broker: list[Position], landing: Collection[tuple[str, int]] = ()
) -> Report:
    when = at(60)
    return PositionReconciler().reconcile(
        book,
        broker,
        snapshot=head("s1", when=when),
        requested_at=when,
        completed_at=when,
        landing=landing,
    )


@given(sides, sides, st.integers(-600, 600))
def test_a_mended_book_matches(ours: dict[int, int], theirs: dict[int, int], ahead: int) -> None:
    """Also where the book's row claims to be newer than what the broker says."""
    book = [position(c, q, observed_at=at(ahead)) for c, q in ours.items()]
    broker = [position(c, q) for c, q in theirs.items() if q]
    report = reconcile(book, broker)
    newest = {one.key: one for one in book}
    for one in mended(report, book, broker):
        known = newest.get(one.key)
        assert known is None or one.observed_at > known.observed_at
        newest[one.key] = one
    if report.status == "broken":
        assert reconcile(list(newest.values()), broker).status == "matched"
    else:
        assert newest == {one.key: one for one in book}


def test_what_is_on_its_way_is_left_alone() -> None:
    book = [position(1), position(2)]
    [landed] = mended(reconcile(book, [], {(ACCOUNT, 1)}), book, [])
    assert (landed.contract.con_id, landed.quantity) == (2, Decimal(0))


def test_a_doubted_snapshot_closes_nothing() -> None:
    book = [position(n) for n in range(1, 9)]
    assert mended(reconcile(book, []), book, []) == ()


@given(st.integers(1, 9), st.integers(1, 9), st.sampled_from([0, 7]))
def test_a_mended_row_is_the_newest_whatever_numbers_say(ours: int, theirs: int, held: int) -> None:
    """The book's number may be higher: its row came from a gateway that knew less."""
    book = [position(1, 10, sequence=ours, observed_at=at(500))]
    broker = [position(1, held, sequence=theirs)] if held else []
    [one] = mended(reconcile(book, broker), book, broker)
    assert is_newer(one, book[0])
    assert (one.sequence or 0) >= ours
    assert one.observed_at > book[0].observed_at
