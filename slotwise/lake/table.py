"""What a table of the lake is: its columns, and the three that are common to all."""

from __future__ import annotations

from typing import Any

import msgspec
import pyarrow as pa

from slotwise.precision import (
    FINE_DECIMALS,
    MONEY_DECIMALS,
    PRICE_DECIMALS,
    QUANTITY_DECIMALS,
    STRIKE_DECIMALS,
)

TIME = pa.timestamp("us", "UTC")
#: Exact decimals, wide enough for any IB price or size. The scale is what IB's own text carries.
PRICE = pa.decimal128(20, PRICE_DECIMALS)
QUANTITY = pa.decimal128(20, QUANTITY_DECIMALS)
MONEY = pa.decimal128(26, MONEY_DECIMALS)
STRIKE = pa.decimal128(18, STRIKE_DECIMALS)
#: Multipliers, ticks and coupons: small ones have many decimals, such as 0.00004 of structured
#: products.
FINE = pa.decimal128(26, FINE_DECIMALS)


class Table(msgspec.Struct, frozen=True):
    """Describe one table: its schema, and the part of it that a sender fills in."""

    name: str
    schema: pa.Schema
    sent: pa.Schema
    #: Column whose values land once only, however often they are sent; None where rows may repeat.
    once: str | None = None
    #: Days for which it is known what has landed; rows are sent again within minutes, mostly.
    once_days: int = 2


def make_table(
    name: str,
    *columns: tuple[str, pa.DataType, str],
    once: str | None = None,
    once_days: int = 2,
) -> Table:
    fields: list[pa.Field[Any]] = [
        pa.field(c, t, metadata={"comment": meaning}) for c, t, meaning in columns
    ]
    landed: list[pa.Field[Any]] = [
        pa.field("landed_at", TIME, metadata={"comment": "when the writer committed the row"}),
        pa.field(
            "landing",
            pa.int64(),
            metadata={
                "comment": "number of the commit, one more than the table's last; null: older"
            },
        ),
        pa.field("date", pa.date32(), metadata={"comment": "UTC day of landed_at; partition"}),
    ]
    return Table(name, pa.schema(fields + landed), pa.schema(fields), once, once_days)
