"""Quotes of the past are those that landed, whole; a lake of an older version has fewer columns."""

from __future__ import annotations

import shutil
from decimal import Decimal

import pyarrow as pa
from deltalake import DeltaTable, Schema, write_deltalake

from slotwise.lake.past_quotes import LAST_OF, last_quotes, quotes_as_of
from slotwise.lake.schemas import QUOTES
from slotwise.lake.store import Lake
from slotwise.quote import Quote
from tests.support.landed import put
from tests.support.values import NOON, at, contract, quote
from workers.gateway.outbox.quote_rows import quote_row

ADDED = ("bid_size", "ask_size", "gamma", "vega", "theta", "underlying_price")
WHOLE = quote(
    1, bid="2.5", ask="2.6", last="2.55", close="2.4", bid_size=Decimal(4), ask_size=Decimal("7.5"),
    iv=0.2, delta=-0.4, gamma=0.02, vega=0.11, theta=-0.05, underlying_price=Decimal("560.25"),
)  # fmt: skip


def as_row(one: Quote) -> object:
    return quote_row(contract(one.con_id), one)


def test_a_quote_comes_back_as_it_was(lake: Lake) -> None:
    put(lake, QUOTES.name, [as_row(WHOLE)])
    assert quotes_as_of(lake, NOON) == {1: WHOLE}


def test_a_table_of_an_older_version_is_read_and_gets_what_it_lacks(lake: Lake) -> None:
    """Its rows have null there; rows that land from now on are whole."""
    older = pa.schema([field for field in QUOTES.schema if field.name not in ADDED])
    address = lake.uri(QUOTES.name)
    row = {name: getattr(as_row(WHOLE), name, None) for name in older.names}
    row |= {"landed_at": NOON, "landing": 1, "date": NOON.date()}
    shutil.rmtree(address)
    DeltaTable.create(address, schema=Schema.from_arrow(older), partition_by=["date"])
    write_deltalake(address, pa.Table.from_pylist([row], older), mode="append")
    found = quotes_as_of(lake, NOON)[1]
    assert (found.bid, found.delta) == (WHOLE.bid, WHOLE.delta)
    assert [getattr(found, name) for name in ADDED] == [None] * len(ADDED)
    put(lake, QUOTES.name, [as_row(quote(2, observed_at=at(1), gamma=0.5))])
    assert quotes_as_of(lake, at(1))[1] == found
    assert quotes_as_of(lake, at(1))[2].gamma == 0.5


def test_the_last_quotes_are_those_of_the_last_hours_in_which_any_was_kept(lake: Lake) -> None:
    """However long ago: a desk may have been closed over the holidays."""
    assert last_quotes(lake) == {}
    long_s = LAST_OF.total_seconds()
    old, before, newest = (
        quote(number, last=number, observed_at=at(seconds))
        for number, seconds in ((1, -long_s - 1), (2, -long_s + 1), (3, 0))
    )
    earlier = quote(2, last=9, observed_at=at(-long_s))
    put(lake, QUOTES.name, [as_row(one) for one in (old, before, earlier, newest)])
    assert last_quotes(lake) == {2: before, 3: newest}
