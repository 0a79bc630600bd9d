"""A value too large for its column fails its own item and no other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from msgspec.structs import replace

from slotwise.lake.row_validation import validate_rows
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.set_aside import fit_to_land, without_empty_columns
from slotwise.rules.landing import Answered, Entry
from slotwise.rules.polling import Answer, answer_batch
from slotwise.rules.position_queue import Batch
from tests.support.values import (
    ACCOUNT,
    NOON,
    attempt,
    contract,
    head,
    item,
    position,
    quote,
)

SENT = POSITION_UPDATES.sent


def answer_with(quantity: Decimal) -> Answer:
    """Answer three items; the second holds this quantity."""
    batch = Batch("b", NOON, NOON, (item(1), item(2), item(3)))
    held = {(ACCOUNT, n): position(n, quantity if n == 2 else 1) for n in (1, 2, 3)}
    return answer_batch(batch, (head("s1", 3), held), {2: quote(2, last=5)}, 0.0, 120.0)


@pytest.mark.parametrize("quantity", [Decimal("1e12"), Decimal("-1e12"), Decimal("1e25")])
def test_only_the_item_that_does_not_fit_fails_and_says_which_column(quantity: Decimal) -> None:
    answer, rows = validate_rows(answer_with(quantity), SENT)
    assert answer.succeeded == ("i1", "i3")
    [(item_id, reason)] = answer.failed
    assert item_id == "i2"
    assert reason.startswith("quantity ")
    assert rows is not None
    assert rows.column("item_id").to_pylist() == ["i1", "i3"]


def test_the_largest_quantity_still_lands() -> None:
    given = answer_with(Decimal("999999999999"))
    answer, rows = validate_rows(given, SENT)
    assert answer == given
    assert rows is not None
    assert rows.num_rows == 3


def test_an_answer_in_which_nothing_fits_has_no_rows() -> None:
    batch = Batch("b", NOON, NOON, (item(1),))
    held = {(ACCOUNT, 1): position(1, Decimal("1e12"))}
    answer, rows = validate_rows(answer_batch(batch, (head("s1", 1), held), {}, 0.0, 120.0), SENT)
    assert (answer.succeeded, answer.rows, rows) == ((), (), None)


@pytest.mark.parametrize("symbol", ["SPY", ""])
def test_columns_that_are_null_in_all_rows_do_not_travel_and_land_as_null(symbol: str) -> None:
    """Two of three contracts have no quote; nothing has a mark; bills have no symbol."""
    batch = Batch("b", NOON, NOON, (item(1), item(2), item(3)))
    named = replace(contract(1), symbol=symbol)
    held = {(ACCOUNT, n): position(n, contract=replace(named, con_id=n)) for n in (1, 2, 3)}
    answer = answer_batch(batch, (head("s1", 3), held), {2: quote(2, last=5)}, 0.0, 120.0)
    answer, rows = validate_rows(answer, SENT)
    assert rows is not None
    sent = without_empty_columns(rows)
    assert {"price", "symbol"} <= set(sent.schema.names)
    assert not {"mark", "strike"} & set(sent.schema.names)
    [landed] = fit_to_land(Entry(1, Answered(attempt("b"), answer.succeeded, ()), sent))
    assert isinstance(landed.head, Answered)
    assert landed.rows == rows
