"""Tables of prices: quotes as they came, and marks of what is held between them.

Marks and greeks are estimates, so they are floats; what was quoted is exact.
"""

from __future__ import annotations

import pyarrow as pa

from slotwise.lake.table import PRICE, QUANTITY, TIME, make_table

QUOTES = make_table(
    "quotes",
    ("con_id", pa.int64(), "IB contract id"),
    ("symbol", pa.string(), "underlying symbol"),
    ("bid", PRICE, "currency per unit"),
    ("ask", PRICE, "currency per unit"),
    ("bid_size", QUANTITY, "contracts or shares bid for; null where not known"),
    ("ask_size", QUANTITY, "contracts or shares offered; null where not known"),
    ("last", PRICE, "currency per unit"),
    ("close", PRICE, "previous close, currency per unit"),
    ("iv", pa.float64(), "implied volatility per year, as a fraction"),
    ("delta", pa.float64(), "change of price per unit of the underlying"),
    ("gamma", pa.float64(), "change of delta per unit of the underlying"),
    ("vega", pa.float64(), "change of price for one point of volatility (0.01)"),
    ("theta", pa.float64(), "change of price in one day of the calendar"),
    (
        "underlying_price",
        PRICE,
        "the underlying's price that the computation was made with; null without one",
    ),
    ("source", pa.string(), "stream (on a line; thinned), snapshot or bar (in turn)"),
    ("delayed", pa.bool_(), "true where the feed is delayed"),
    ("observed_at", TIME, "when the quote arrived"),
)

MARKS = make_table(
    "marks",
    ("con_id", pa.int64(), "IB contract id"),
    ("at", TIME, "moment of the mark; all marks of a commit are of one moment"),
    (
        "mark",
        pa.float64(),
        "worth of one unit, as a price is quoted; null: unknown (docs/marks.md)",
    ),
    ("band", pa.float64(), "half-width around mark in which 95 of 100 true middles lie"),
    ("source", pa.string(), "stream, quote, model, kept, neighbours, close or none"),
    ("age_s", pa.float64(), "age of the contract's own quote, seconds; null without one"),
    ("greeks_age_s", pa.float64(), "age of the greeks, seconds; null without any"),
    (
        "underlying_age_s",
        pa.float64(),
        "age of the underlying's price, seconds; null where the mark goes by none",
    ),
    ("iv", pa.float64(), "implied volatility per year that the mark goes by, as a fraction"),
    ("delta", pa.float64(), "change of price per unit of the underlying, when it was quoted"),
    ("gamma", pa.float64(), "change of delta per unit of the underlying, when it was quoted"),
    ("vega", pa.float64(), "change of price for one point of volatility (0.01)"),
    ("theta", pa.float64(), "change of price in one day of the calendar"),
)
