"""Schemas: every column has a meaning, and a row of ours fills what a sender sends."""

from __future__ import annotations

import msgspec
import pyarrow as pa
import pytest

from slotwise.lake.contract_rows import ContractRow
from slotwise.lake.lander import FED
from slotwise.lake.schemas import (
    BREAKS,
    CONTRACTS,
    LINE_EVENTS,
    MARKS,
    POSITION_QUEUE,
    POSITION_UPDATES,
    STRATEGY_REGISTRY,
    TABLES,
    Table,
    table_of,
)
from slotwise.reconciliation.report import Break
from slotwise.registry import RegistryRow
from slotwise.rules.data_gaps import LineEvent
from slotwise.rules.marks.row import MarkRow
from slotwise.rules.position_queue import QueueRow
from slotwise.rules.valuation import PositionRow
from tests.docs.tables_page import column_meaning

tables = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)


@tables
def test_every_column_has_a_meaning_and_a_name_of_its_own(table: Table) -> None:
    assert all(column_meaning(field) for field in table.schema)
    assert len(set(table.schema.names)) == len(table.schema.names)


@tables
def test_a_sender_fills_in_all_but_what_the_landing_adds(table: Table) -> None:
    assert [*table.sent.names, "landed_at", "landing", "date"] == table.schema.names


@tables
def test_times_are_utc_microseconds_and_money_is_exact(table: Table) -> None:
    for field in table.schema:
        if pa.types.is_timestamp(field.type):
            assert field.type == pa.timestamp("us", "UTC"), field.name
        assert not pa.types.is_float32(field.type), field.name
    money = ("price", "bid", "ask", "last", "close", "avg_cost", "quantity", "value", "pnl")
    for field in table.schema:
        if field.name.endswith(money):
            assert pa.types.is_decimal(field.type), field.name


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (POSITION_UPDATES, PositionRow),
        (POSITION_QUEUE, QueueRow),
        (STRATEGY_REGISTRY, RegistryRow),
        (BREAKS, Break),
        (LINE_EVENTS, LineEvent),
        (CONTRACTS, ContractRow),
        (MARKS, MarkRow),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_rows_fields_are_its_tables_columns(table: Table, row: type[msgspec.Struct]) -> None:
    assert set(row.__struct_fields__) == set(table.sent.names)


def test_the_users_tables_are_there_and_are_found_by_name() -> None:
    assert set(TABLES) == {
        "position_updates",
        "position_queue",
        "strategy_registry",
        "quotes",
        "marks",
        "executions",
        "reconciliations",
        "breaks",
        "line_events",
        "set_aside",
        "silences",
        "contracts",
        "exchange_rates",
    }
    assert all(table_of(name).name == name for name in TABLES)
    with pytest.raises(KeyError):
        table_of("orders")


def test_positions_are_committed_first_and_the_queue_last() -> None:
    """What people edit by command is written by itself."""
    assert (FED[0], FED[-1]) == ("position_updates", "position_queue")
    assert len(set(FED)) == len(FED)
    assert set(FED) == set(TABLES) - {"strategy_registry", "silences"}
