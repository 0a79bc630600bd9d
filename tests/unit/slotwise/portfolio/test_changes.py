"""What changed since the day began."""

from __future__ import annotations

from decimal import Decimal

from slotwise.portfolio.build import portfolio_rows
from slotwise.portfolio.changes import NAMED, changes_of_day, changes_words
from slotwise.portfolio.opening import Opening, Openings
from slotwise.portfolio.row import PortfolioRow
from slotwise.precision import stored_quantity
from tests.support.values import ACCOUNT, NOON, contract, position


def rows(**held: int) -> list[PortfolioRow]:
    """Return holdings of shares `s1`, `s2`, ... in these quantities."""
    return portfolio_rows(
        [
            position(int(name[1:]), quantity, contract=contract(int(name[1:])))
            for name, quantity in held.items()
        ],
        {},
        at=NOON,
    )


def openings(begun: bool = True, **held: int) -> Openings:
    """Return what was held when the day began."""
    return Openings(
        known=True,
        begun=begun,
        held={
            (ACCOUNT, int(name[1:])): Opening(quantity=Decimal(quantity))
            for name, quantity in held.items()
        },
        name_of=lambda key: f"S{key[1]}",
    )


def test_changes_are_opened_closed_and_changed_and_nothing_else() -> None:
    found = changes_of_day(openings(s1=5, s2=3, s3=-2), rows(s1=5, s2=4, s4=7))
    assert [(one.what, one.contract, int(one.before), int(one.after)) for one in found] == [
        ("changed", "S2", 3, 4),
        ("closed", "S3", -2, 0),
        ("opened", "S4", 0, 7),
    ]
    assert changes_words(found) == "today 1 opened: S4; 1 closed: S3; 1 changed: S2 3 -> 4"


def test_what_the_record_begins_with_has_not_changed_and_what_comes_later_was_opened() -> None:
    first = openings(begun=False, s1=5, s2=0)
    found = changes_of_day(first, rows(s1=5, s2=4, s3=1))
    assert [(one.what, one.contract) for one in found] == [("opened", "S2")]


def test_a_quantity_with_more_decimals_than_are_stored_has_not_changed() -> None:
    told = position(1, Decimal("1.4000000000000001"), contract=contract(1))
    now = portfolio_rows([told], {}, at=NOON)
    before = Openings(known=True, held={told.key: Opening(quantity=stored_quantity(told.quantity))})
    assert changes_of_day(before, now) == ()


def test_where_the_start_of_the_day_is_not_known_nothing_is_reported_of_changes() -> None:
    assert changes_of_day(Openings(), rows(s1=5)) == ()
    assert changes_words(()) == ""


def test_of_many_changes_some_are_named_and_all_are_counted() -> None:
    found = changes_of_day(openings(), rows(**{f"s{n}": 1 for n in range(1, 10)}))
    assert changes_words(found) == f"today 9 opened: S1, S2, S3, S4 and {9 - NAMED} more"
