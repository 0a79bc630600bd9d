"""A value that its column cannot hold fails its own row, with its reason, and no other."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from slotwise.errors import InputError
from slotwise.lake.misfits import MisfitLog, batch_by_hand, fit_rows
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.values import contract, position, quote


class Row(msgspec.Struct, frozen=True):
    name: int
    amount: Decimal | None = None
    count: int | None = None
    text: str | None = None


FIELDS: list[pa.Field[Any]] = [
    pa.field("name", pa.int64()),
    pa.field("amount", pa.decimal128(20, 8)),
    pa.field("count", pa.int32()),
    pa.field("text", pa.string()),
]
SCHEMA = pa.schema(FIELDS)
#: Changes that no column of the schema can hold.
ODD = st.sampled_from(
    [
        {"amount": Decimal("1e12")},
        {"amount": Decimal("-1e300")},
        {"amount": Decimal("NaN")},
        {"amount": Decimal("sNaN")},
        {"amount": Decimal("Infinity")},
        {"count": 2**31},
        {"count": -(2**70)},
        {"text": "\ud800"},
    ]
)


@given(st.lists(st.none() | ODD, max_size=8))
def test_every_row_that_fits_stays_and_every_other_has_a_reason(
    changes: list[dict[str, object] | None],
) -> None:
    rows = [
        msgspec.structs.replace(Row(place, Decimal(1), 1, "t"), **change or {})
        for place, change in enumerate(changes)
    ]
    found = fit_rows(rows, SCHEMA)
    odd = {place: change for place, change in enumerate(changes) if change}
    assert found.batch.column("name").to_pylist() == [
        place for place in range(len(rows)) if place not in odd
    ]
    assert set(found.misfits) == set(odd)
    for place, change in odd.items():
        [column] = change
        assert found.misfits[place].startswith(f"{column} ")
        assert "does not fit" in found.misfits[place]


odd_numbers = st.decimals(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [Decimal("9223372036854775807"), Decimal("1E+13"), Decimal("1e299"), Decimal("0.00004")]
)


@given(odd_numbers, odd_numbers, odd_numbers, odd_numbers)
def test_a_position_with_any_number_harms_no_row_beside_it(
    quantity: Decimal, cost: Decimal, price: Decimal, multiplier: Decimal
) -> None:
    odd = position(
        7, quantity=quantity, avg_cost=cost, contract=contract(7, multiplier=abs(multiplier))
    )

    def row(number: int) -> PositionRow:
        return position_row(position(number), quote(number, last=10), source="stream")

    rows = [row(1), position_row(odd, quote(7, last=price), source="stream"), row(2)]
    found = fit_rows(rows, POSITION_UPDATES.sent)
    assert set(found.misfits) <= {1}
    landed = found.batch.column("con_id").to_pylist()
    assert landed == ([1, 2] if found.misfits else [1, 7, 2])


def test_a_misfit_is_logged_once_while_it_lasts() -> None:
    """A streamed row comes again every few seconds."""
    misfits = MisfitLog("quotes")
    odd, good = Row(1, Decimal("1e13")), Row(1, Decimal(1))
    with capture_logs() as logs:
        for row in (odd, odd, good, odd):
            misfits.batch([row, Row(2)], SCHEMA, ("name",))
    assert [(line["table"], line["name"]) for line in logs] == [("quotes", 1)] * 2
    assert "amount 1E+13" in logs[0]["reason"]


def test_where_no_row_fits_there_is_no_batch() -> None:
    assert MisfitLog("quotes").batch([Row(1, Decimal("1e13"))], SCHEMA, ("name",)) is None


def test_by_hand_a_value_that_does_not_fit_is_the_users_error() -> None:
    assert batch_by_hand([Row(1)], SCHEMA).num_rows == 1
    with pytest.raises(InputError, match="count 2147483648 does not fit int32"):
        batch_by_hand([Row(1, count=2**31)], SCHEMA)
