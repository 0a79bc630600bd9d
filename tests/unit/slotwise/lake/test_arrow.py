"""Values to Arrow and back, also the awkward ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.lake.arrow import LARGE_BYTES, from_bytes, to_batch, to_bytes
from slotwise.lake.schemas import POSITION_UPDATES, TIME
from slotwise.rules.valuation import position_row
from tests.support.values import NOON, option, position, quote


class Row(msgspec.Struct):
    amount: Decimal | None = None
    text: str | None = None
    when: datetime | None = None
    number: float | None = None


FIELDS: list[pa.Field[Any]] = [
    pa.field("amount", pa.decimal128(20, 4)),
    pa.field("text", pa.string()),
    pa.field("when", TIME),
    pa.field("number", pa.float64()),
]
SCHEMA = pa.schema(FIELDS)


def back(row: Row) -> Row:
    """Send a row through Arrow and a stream's bytes."""
    [found] = from_bytes(to_bytes(to_batch([row], SCHEMA))).to_pylist()
    return Row(**found)


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("1.00005", "1.0000"),
        ("1.00015", "1.0002"),
        ("-1.00015", "-1.0002"),
        ("1.000050001", "1.0001"),
        ("0", "0"),
        ("1E+3", "1000"),
        ("-1234567890123456.7891", "-1234567890123456.7891"),
    ],
)
def test_decimals_are_rounded_half_to_even_to_the_columns_scale(given_: str, kept: str) -> None:
    assert back(Row(amount=Decimal(given_))).amount == Decimal(kept)


def test_a_decimal_too_large_for_its_column_is_refused_not_cut() -> None:
    with pytest.raises(pa.ArrowInvalid):
        to_batch([Row(amount=Decimal(10) ** 17)], SCHEMA)


@given(st.decimals(-(10**12), 10**12, places=4), st.text(min_size=1), st.datetimes())
def test_what_a_column_can_hold_comes_back_exactly(
    amount: Decimal, text: str, when: datetime
) -> None:
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
        return  # half a surrogate pair is no text
    row = Row(amount=amount, text=text, when=when.replace(tzinfo=UTC), number=0.1)
    assert back(row) == row


def test_empty_text_and_nothing_are_null() -> None:
    assert back(Row(text="")) == Row()


def test_a_time_of_another_zone_is_kept_as_the_same_instant() -> None:
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    found = back(Row(when=tokyo)).when
    assert found == NOON
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_microseconds_are_kept() -> None:
    when = NOON.replace(microsecond=123456)
    assert back(Row(when=when)).when == when


def test_no_rows_make_an_empty_batch() -> None:
    assert from_bytes(to_bytes(to_batch([], SCHEMA))).num_rows == 0


def test_a_position_row_fills_its_tables_columns() -> None:
    held = position(7, "-0.5", contract=option(7, exchange=""), avg_cost=Decimal("1.23456789"))
    row = position_row(held, quote(7, bid="1.1", ask="1.2"), source="batch", item_id="i")
    [found] = to_batch([row], POSITION_UPDATES.sent).to_pylist()
    assert found["avg_cost"] == Decimal("1.23456789")
    assert found["market_value"] == Decimal("-57.5")
    assert (found["exchange"], found["strategy"]) == (None, None)


def test_a_large_batch_travels_compressed_and_comes_back_the_same() -> None:
    rows = [Row(text="model", when=NOON, number=number / 7) for number in range(20_000)]
    large = to_batch(rows, SCHEMA)
    assert large.nbytes > LARGE_BYTES
    sent = to_bytes(large)
    assert len(sent) < large.nbytes / 2
    assert from_bytes(sent).equals(large)
