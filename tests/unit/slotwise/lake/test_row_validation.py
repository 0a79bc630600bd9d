"""A value too large for its column fails its own item and no other."""

from __future__ import annotations

from decimal import Decimal

import pytest

from slotwise.lake.row_validation import validate_rows
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.rules.polling import Answer, answer_batch
from slotwise.rules.position_queue import Batch
from tests.support.values import ACCOUNT, NOON, head, item, position, quote

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
