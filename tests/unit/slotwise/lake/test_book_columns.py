"""Columns of the book that older versions lack, and numbers that they held narrower."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
from deltalake import write_deltalake

from slotwise.lake.arrow import to_batch
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.book import book, with_landing
from slotwise.lake.latest_positions import keep_book
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.writer import stamped
from slotwise.rules.landing import Entry, Rows
from slotwise.rules.marks.marked import Marked
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.independent_reader import rows_of
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at, contract, position, quote
from tests.unit.slotwise.lake.test_book import POSITIONS, quantities, row


def test_a_table_of_an_older_version_is_read_before_it_has_our_columns(tmp_path: Path) -> None:
    """A command may come before the lake worker's first start."""
    lake = Lake(str(tmp_path / "old"))
    new = ("sequence", "landing", "multiplier_exact", "price_magnifier", "delayed")
    old = pa.schema([field for field in POSITION_UPDATES.schema if field.name not in new])
    whole = stamped(
        pa.Table.from_batches([to_batch([row(1, 10)], POSITION_UPDATES.sent)]),
        POSITION_UPDATES,
        NOON,
        0,
    )
    write_deltalake(lake.uri(POSITIONS), whole.select(old.names), partition_by=["date"])
    assert quantities(lake) == {(ACCOUNT, 1): 10}
    assert positions_as_of(lake, at(60)).num_rows == 1


#: Columns that tables and senders of the version before did not have.
NEW_COLUMNS = (
    "multiplier_exact", "price_magnifier", "delayed", "mark", "band", "mark_source", "mark_age_s",
    "marked_at", "mark_iv", "mark_delta", "mark_gamma", "mark_vega", "mark_theta",
)  # fmt: skip


FINE = Decimal("0.00004")


def warrant(con_id: int, multiplier: Decimal = FINE, magnifier: int | None = 100) -> PositionRow:
    made = contract(con_id, sec_type="IOPT", multiplier=multiplier, price_magnifier=magnifier)
    return position_row(position(con_id, contract=made), quote(con_id, last=300), source="batch")


def test_small_multipliers_and_magnifiers_come_back_as_they_landed(lake: Lake) -> None:
    put(lake, POSITIONS, [warrant(1), warrant(2, Decimal("0.1"), None)])
    found = {one.contract.con_id: one.contract for one in book(lake)}
    assert (found[1].multiplier, found[1].price_magnifier) == (FINE, 100)
    assert (found[2].multiplier, found[2].price_magnifier) == (Decimal("0.1"), None)
    rows = {one["con_id"]: one for one in positions_as_of(lake, at(60)).to_pylist()}
    assert (rows[1]["multiplier"], rows[2]["multiplier"]) == (FINE, Decimal("0.1"))
    assert keep_book(lake, NOON)
    assert {one.contract.con_id: one.contract for one in book(lake)} == found


def test_a_multiplier_that_is_unknown_comes_back_as_unknown(lake: Lake) -> None:
    odd = contract(1, price_magnifier=None, multiplier_known=False)
    put(lake, POSITIONS, [position_row(position(1, contract=odd), None, source="batch")])
    [found] = book(lake)
    assert not found.contract.multiplier_known
    [past] = positions_as_of(lake, at(60)).to_pylist()
    assert (past["multiplier"], past["price_magnifier"]) == (None, None)


def test_the_narrow_multiplier_is_null_where_it_would_be_another_number() -> None:
    fine, plain = warrant(1), warrant(2, Decimal("0.1"))
    assert (fine.multiplier, fine.multiplier_exact) == (None, FINE)
    assert plain.multiplier == plain.multiplier_exact == Decimal("0.1")


def test_a_lake_of_an_older_version_gets_the_new_columns_and_keeps_its_rows(
    tmp_path: Path,
) -> None:
    lake = Lake(str(tmp_path / "old"))
    old = pa.schema([f for f in POSITION_UPDATES.schema if f.name not in NEW_COLUMNS])
    landed = stamped(
        pa.Table.from_batches([to_batch([warrant(1, Decimal("0.1"))], POSITION_UPDATES.sent)]),
        POSITION_UPDATES,
        NOON,
        0,
    )
    write_deltalake(lake.uri(POSITIONS), landed.select(old.names), partition_by=["date"])
    before = book(lake)
    assert [one.contract.multiplier for one in before] == [Decimal("0.1")]
    put(lake, POSITIONS, [warrant(2)])
    [first, second] = positions_as_of(lake, at(60)).to_pylist()
    assert [first[name] for name in ("price_magnifier", "delayed")] == [None, None]
    assert (first["multiplier"], second["multiplier"]) == (Decimal("0.1"), FINE)
    assert (second["price_magnifier"], second["delayed"]) == (100, False)


def test_rows_of_an_older_sender_count_while_they_are_on_their_way() -> None:
    rows = to_batch([warrant(1, Decimal("0.1"))], POSITION_UPDATES.sent)
    older = rows.select([name for name in rows.schema.names if name not in NEW_COLUMNS])
    [found] = with_landing([], [Entry(1, Rows(POSITIONS), older)])
    assert found.contract.multiplier == Decimal("0.1")
    assert found.contract.price_magnifier is None


def test_old_rows_have_no_mark_and_new_ones_have_theirs(tmp_path: Path) -> None:
    lake = Lake(str(tmp_path / "old"))
    old = pa.schema([f for f in POSITION_UPDATES.schema if f.name not in NEW_COLUMNS])
    landed = stamped(
        pa.Table.from_batches([to_batch([row(1, 10)], POSITION_UPDATES.sent)]),
        POSITION_UPDATES,
        NOON,
        0,
    )
    write_deltalake(lake.uri(POSITIONS), landed.select(old.names), partition_by=["date"])
    mark = Marked(2, at(1), 2.51234567, 0.05, "model", at(-59))
    put(lake, POSITIONS, [position_row(position(2), quote(2), source="batch", mark=mark)])
    found = rows_of(lake, POSITIONS, "con_id, mark, band, mark_source, mark_age_s, marked_at")
    assert sorted((*one[:-1], one[-1] and one[-1].astimezone(UTC)) for one in found) == [
        (1, None, None, None, None, None),
        (2, 2.5123, 0.05, "model", 60.0, at(1)),
    ]
    assert quantities(lake) == {(ACCOUNT, 1): 10, (ACCOUNT, 2): position(2).quantity}
