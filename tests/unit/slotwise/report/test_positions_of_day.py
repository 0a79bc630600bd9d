"""What was opened, closed, changed and expired on a day, read from `position_updates`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from slotwise.lake.store import Lake
from slotwise.report.positions_of_day import LOOK_BACK, kind_of, positions_of_day
from slotwise.report.span import Span
from tests.support.day_rows import broken, held_row
from tests.support.effort import examples
from tests.support.landed import put
from tests.support.values import ACCOUNT, at, contract, option

POSITIONS = "position_updates"
#: Seconds before noon of the day before.
BEFORE = -86_400.0


def land(lake: Lake, *rows: tuple[int, int | str, float], account: str = ACCOUNT) -> None:
    """Land rows of contract, quantity and time, each day's when it was observed."""
    for con_id, quantity, seconds in rows:
        row = held_row(con_id, quantity, at(seconds), account=account)
        put(lake, POSITIONS, [row], at(seconds))


def moves(lake: Lake, span: Span) -> list[tuple[str, int, int, int]]:
    return [
        (move.kind, move.con_id, int(move.before), int(move.after))
        for move in positions_of_day(lake, span).moves
    ]


def test_moves_are_reported_in_their_order(lake: Lake, span: Span) -> None:
    land(lake, (1, 10, BEFORE), (2, 5, BEFORE), (3, 7, BEFORE))
    land(lake, (1, 10, 0), (1, 4, 10), (4, 9, 20), (2, 0, 30), (3, 7, 40), (1, 10, 50))
    assert moves(lake, span) == [
        ("changed", 1, 10, 4),
        ("opened", 4, 0, 9),
        ("closed", 2, 5, 0),
        ("changed", 1, 4, 10),
    ]
    found = positions_of_day(lake, span)
    assert (found.holdings, found.first_seen) == (3, 0), "one was only told of as closed"
    assert (found.moves[0].at, found.moves[0].account) == (at(10), ACCOUNT)


def test_opened_and_closed_within_a_day_is_both(lake: Lake, span: Span) -> None:
    land(lake, (9, 1, BEFORE), (1, 5, 0), (1, 0, 60))
    assert moves(lake, span) == [("opened", 1, 0, 5), ("closed", 1, 5, 0)]


def test_a_contract_of_another_currency_is_named_with_it(lake: Lake, span: Span) -> None:
    share = contract(2, symbol="GAW", currency="GBP")
    opened = [held_row(2, 10, at(0), contract=share), held_row(2, 4, at(10), contract=share)]
    put(lake, POSITIONS, [held_row(1, 5, at(BEFORE)), *opened], at(10))
    assert [move.contract for move in positions_of_day(lake, span).moves] == ["GAW GBP"] * 2


def test_two_bonds_of_one_issuer_are_distinguished(lake: Lake, span: Span) -> None:
    land(lake, (9, 1, BEFORE))
    for con_id, words in ((2, "T 0 1/4 09/30/30"), (3, "T 4 1/8 11/15/32")):
        bond = contract(con_id, symbol="US-T", sec_type="BOND", local_symbol=words)
        put(lake, POSITIONS, [held_row(con_id, 5, at(con_id), contract=bond)], at(con_id))
    assert [move.contract for move in positions_of_day(lake, span).moves] == [
        "T 0 1/4 09/30/30 BOND",
        "T 4 1/8 11/15/32 BOND",
    ]


def test_short_is_held_too(lake: Lake, span: Span) -> None:
    land(lake, (1, -5, BEFORE), (1, 5, 0))
    assert moves(lake, span) == [("changed", 1, -5, 5)]


def test_of_a_new_account_it_is_unknown_what_was_opened(lake: Lake, span: Span) -> None:
    """Its models are of the same account; what it does later in the day is known."""
    land(lake, (1, 10, BEFORE))
    land(lake, (2, 3, 0), (3, 0, 1), (2, 4, 60), account="DU2")
    land(lake, (2, 8, 5), account=f"{ACCOUNT}/Growth")
    found = positions_of_day(lake, span)
    assert found.first_seen == 1
    assert [(move.kind, move.account) for move in found.moves] == [
        ("opened", f"{ACCOUNT}/Growth"),
        ("changed", "DU2"),
    ]


def test_what_was_closed_the_day_before_is_opened_anew(lake: Lake, span: Span) -> None:
    land(lake, (1, 10, BEFORE), (1, 0, BEFORE + 1), (1, 10, 0))
    assert moves(lake, span) == [("opened", 1, 0, 10)]


def test_a_machine_that_rested_for_a_weekend_opens_nothing(lake: Lake, span: Span) -> None:
    land(lake, (1, 10, -(LOOK_BACK - timedelta(hours=12)).total_seconds()), (1, 10, 0))
    found = positions_of_day(lake, span)
    assert (found.moves, found.first_seen, found.holdings) == ((), 0, 1)


def test_what_was_observed_first_came_first_however_late_it_landed(lake: Lake, span: Span) -> None:
    land(lake, (1, 10, BEFORE))
    put(lake, POSITIONS, [held_row(1, 3, at(60))], at(61))
    put(lake, POSITIONS, [held_row(1, 10, at(30))], at(90))
    assert moves(lake, span) == [("changed", 1, 10, 3)]


def test_the_next_day_is_not_reported(lake: Lake, span: Span) -> None:
    land(lake, (1, 10, 0), (1, 5, 43_200))
    assert moves(lake, span) == []


def test_an_option_is_named_and_expires(lake: Lake, span: Span) -> None:
    for quantity, seconds in ((-2, BEFORE), (0, 10)):
        row = held_row(1, quantity, at(seconds), contract=option(1, expiry="20260529"))
        put(lake, POSITIONS, [row], at(seconds))
    [move] = positions_of_day(lake, span).moves
    assert (move.kind, move.contract, move.cause) == ("expired", "SPY 20260529 P 560", None)


def test_a_reconciliation_says_why(lake: Lake, span: Span) -> None:
    land(lake, (1, 10, BEFORE), (2, 5, BEFORE), (1, 0, 10), (2, 8, 10))
    breaks = [broken(1, at(5), cause="assigned"), broken(2, at(5), cause="manual_trade")]
    found = positions_of_day(lake, span, breaks).moves
    assert [(move.kind, move.cause) for move in found] == [
        ("expired", "assigned"),
        ("changed", "manual_trade"),
    ]


@pytest.mark.parametrize(
    ("expiry", "hour", "kind"),
    [
        ("20260601", 15, "closed"),
        ("20260601", 20, "expired"),
        ("20260531", 1, "expired"),
        ("20260602", 23, "closed"),
        ("", 23, "closed"),
    ],
    ids=["sold on its last day", "gone at the close", "gone overnight", "not over", "no expiry"],
)
def test_what_leaves_after_its_last_day_has_expired(expiry: str, hour: int, kind: str) -> None:
    """The market closes at 16:00 in New York, 20:00 UTC in June."""
    when = datetime(2026, 6, 1, hour, tzinfo=UTC)
    assert kind_of(Decimal(3), Decimal(0), expiry, when) == kind
    assert kind_of(Decimal(0), Decimal(3), expiry, when) == "opened"
    assert kind_of(Decimal(3), Decimal(2), expiry, when) == "changed"


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(-1, 2), st.integers(-90_000, 40_000)),
        max_size=10,
        unique_by=lambda row: row[2],
    )
)
@hypothesis_settings(max_examples=examples(15))
def test_moves_lead_from_the_first_quantity_to_the_last(
    span: Span, tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int, int]]
) -> None:
    """Each begins where the one before ended, and none is missing: a walk through plain lists."""
    lake = Lake(str(tmp_path_factory.mktemp("moves")))
    lake.create()
    known = (9, 1, int(BEFORE))
    land(lake, known, *rows)
    holding: dict[int, int] = {}
    expected = []
    for con_id, quantity, seconds in sorted([known, *rows], key=lambda row: row[2]):
        before = holding.get(con_id, 0)
        if at(seconds) >= span.begin and before != quantity:
            kind = "opened" if not before else "changed" if quantity else "closed"
            expected.append((kind, con_id, before, quantity))
        holding[con_id] = quantity
    assert moves(lake, span) == expected
