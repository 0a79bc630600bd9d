"""The handler that lands streamed updates: one row a holding, in one entry."""

from __future__ import annotations

import pyarrow as pa
import pytest

from slotwise.handlers import Handler
from slotwise.position_writer import DeltaLakePositionWriter
from slotwise.rules.landing import Head, Rows
from slotwise.rules.marks.marked import Marked
from slotwise.update import PositionUpdate
from tests.support.values import NOON, at, position, quote


def test_it_sends_one_row_per_holding_with_its_most_important_strategy() -> None:
    sent: list[tuple[Head, pa.RecordBatch]] = []
    writer = DeltaLakePositionWriter(lambda head, rows: sent.append((head, rows)))
    assert isinstance(writer, Handler)
    writer.on_updates(
        [
            PositionUpdate(
                position=position(1, 2),
                quote=quote(1, last=110),
                strategies=("first", "second"),
                observed_at=at(3),
            ),
            PositionUpdate(position=position(2, 0), quote=None, strategies=(), observed_at=at(4)),
        ]
    )
    [(head, rows)] = sent
    assert head == Rows("position_updates")
    columns = ("con_id", "strategy", "source", "market_value", "observed_at", "item_id")
    assert rows.select(columns).to_pylist() == [
        dict(zip(columns, (1, "first", "stream", 220, at(3), None), strict=True)),
        dict(zip(columns, (2, None, "stream", 0, at(4), None), strict=True)),
    ]


def test_rows_carry_the_number_of_the_observation_or_one_in_the_order_they_came() -> None:
    """So that of two rows of a holding the later one is known whatever the clock says."""
    sent: list[pa.RecordBatch] = []
    writer = DeltaLakePositionWriter(lambda _, rows: sent.append(rows))
    for one in (position(1, 2), position(1, 0), position(2, 5, sequence=77)):
        writer.on_updates(
            [PositionUpdate(position=one, quote=None, strategies=(), observed_at=at(0))]
        )
    first, second, numbered = [rows.column("sequence")[0].as_py() for rows in sent]
    assert 0 < first < second
    assert numbered == 77


@pytest.mark.parametrize("odd", [{"last": "1E+13"}, {"last": "NaN"}])
def test_a_price_that_fits_no_column_costs_only_its_own_row(odd: dict[str, str]) -> None:
    sent: list[pa.RecordBatch] = []
    writer = DeltaLakePositionWriter(lambda head, rows: sent.append(rows))
    updates = [
        PositionUpdate(
            position=position(number),
            quote=quote(number, **(odd if number == 7 else {"last": "10"})),
            strategies=("s",),
            observed_at=NOON,
        )
        for number in range(1, 21)
    ]
    writer.on_updates(updates)
    [rows] = sent
    assert rows.column("con_id").to_pylist() == [n for n in range(1, 21) if n != 7]


def test_a_quantity_that_fits_no_column_costs_only_its_own_row() -> None:
    """9223372036854775807 stands for none in some messages of TWS."""
    sent: list[pa.RecordBatch] = []
    writer = DeltaLakePositionWriter(lambda head, rows: sent.append(rows))
    held = [position(1), position(2, 9223372036854775807)]
    writer.on_updates(
        [PositionUpdate(position=one, quote=None, strategies=(), observed_at=NOON) for one in held]
    )
    [rows] = sent
    assert rows.column("con_id").to_pylist() == [1]


def test_a_row_has_its_contracts_mark_and_the_greeks_of_its_quote() -> None:
    marks = {1: Marked(1, at(2), 2.5, 0.1, "stream", at(1), at(1))}
    sent: list[pa.RecordBatch] = []
    writer = DeltaLakePositionWriter(lambda _, rows: sent.append(rows), marks.get)
    quoted = quote(1, last=110, iv=0.2, delta=0.5, gamma=0.01, vega=0.3, theta=-0.02)
    writer.on_updates(
        [
            PositionUpdate(
                position=position(number), quote=with_quote, strategies=(), observed_at=at(3)
            )
            for number, with_quote in ((1, quoted), (2, None))
        ]
    )
    [rows] = sent
    marked = ("mark", "band", "mark_source", "mark_age_s", "marked_at")
    greeks = ("mark_iv", "mark_delta", "mark_gamma", "mark_vega", "mark_theta")
    first, second = rows.select([*marked, *greeks]).to_pylist()
    assert [first[name] for name in marked] == [2.5, 0.1, "stream", 1.0, at(2)]
    assert [first[name] for name in greeks] == [0.2, 0.5, 0.01, 0.3, -0.02]
    assert set(second.values()) == {None}
