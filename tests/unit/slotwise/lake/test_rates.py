"""Rates of the past: the newest that TWS had given by then, as far as it had landed."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import msgspec
import pyarrow as pa
from deltalake import DeltaTable, Schema, write_deltalake

from slotwise.exchange_rates import ExchangeRate
from slotwise.lake.rates import LOOK_BACK, rates_as_of
from slotwise.lake.schemas import TABLES
from slotwise.lake.store import Lake
from tests.support.landed import put
from tests.support.values import ACCOUNT, at

TABLE = "exchange_rates"


def rate(currency: str, value: str, seconds: float) -> ExchangeRate:
    return ExchangeRate(
        account=ACCOUNT,
        currency=currency,
        base_currency="USD",
        rate=Decimal(value),
        observed_at=at(seconds),
    )


def test_the_newest_rate_of_each_currency_by_then_counts(lake: Lake) -> None:
    put(lake, TABLE, [rate("EUR", "1.10", 0), rate("GBP", "1.30", 0)], at(1))
    put(lake, TABLE, [rate("EUR", "1.12", 60)], at(61))
    early, late = rates_as_of(lake, at(30)), rates_as_of(lake, at(90))
    assert early.in_base(ACCOUNT, "EUR", Decimal(100)) == 110
    assert late.in_base(ACCOUNT, "EUR", Decimal(100)) == 112
    assert late.in_base(ACCOUNT, "GBP", Decimal(100)) == 130
    assert rates_as_of(lake, at(90), at(50)).in_base(ACCOUNT, "EUR", Decimal(100)) == 110
    assert rates_as_of(lake, at(-1)).all() == []


def test_the_smallest_rates_survive(lake: Lake) -> None:
    """A rupiah is worth 0.00006 dollars, and less in pounds."""
    put(lake, TABLE, [rate("IDR", "0.000046123456", 0)], at(1))
    found = rates_as_of(lake, at(2)).rate(ACCOUNT, "IDR")
    assert found is not None
    assert found.rate == Decimal("0.000046123456")


def test_a_rate_of_long_ago_is_none(lake: Lake) -> None:
    put(lake, TABLE, [rate("EUR", "1.10", 0)], at(1))
    assert rates_as_of(lake, at(0) + LOOK_BACK * 2).all() == []


def test_a_lake_that_has_no_such_table_has_no_rates(tmp_path: Path) -> None:
    assert rates_as_of(Lake(str(tmp_path)), at(0)).all() == []
    assert list(tmp_path.iterdir()) == []


def test_rates_of_a_pair_name_it_and_those_of_an_older_table_name_none(lake: Lake) -> None:
    """A table without the column `source` is read as it is, and gets the column when rows land."""
    old = pa.schema([field for field in TABLES[TABLE].schema if field.name != "source"])
    shutil.rmtree(lake.uri(TABLE))
    DeltaTable.create(lake.uri(TABLE), Schema.from_arrow(old), partition_by=["date"])
    row = {name: getattr(rate("EUR", "1.10", 0), name) for name in ExchangeRate.__struct_fields__}
    del row["source"]
    row |= {"landed_at": at(1), "landing": 1, "date": at(1).date()}
    write_deltalake(lake.uri(TABLE), pa.Table.from_pylist([row], schema=old), mode="append")
    before = rates_as_of(lake, at(2)).rate(ACCOUNT, "EUR")
    assert before is not None
    assert (before.rate, before.source) == (Decimal("1.10"), None)
    pair = msgspec.structs.replace(rate("SEK", "0.1", 3), source="USD.SEK")
    put(lake, TABLE, [pair], at(4))
    after = rates_as_of(lake, at(5))
    assert {one.currency: one.source for one in after.all()} == {"EUR": None, "SEK": "USD.SEK"}
