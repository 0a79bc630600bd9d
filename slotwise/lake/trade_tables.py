"""The table of what was traded: executions as TWS lists them."""

from __future__ import annotations

import pyarrow as pa

from slotwise.lake.table import MONEY, PRICE, QUANTITY, TIME, make_table

#: TWS lists executions of today, or of up to a week where its trade log is set so.
LISTED_DAYS = 8

EXECUTIONS = make_table(
    "executions",
    ("exec_id", pa.string(), "one execution; a correction has the next number at its end"),
    ("account", pa.string(), "IB account"),
    ("con_id", pa.int64(), "IB contract id"),
    ("symbol", pa.string(), "what it is, in words"),
    ("side", pa.string(), "BOT or SLD, as TWS names it"),
    ("quantity", QUANTITY, "contracts or shares, negative when sold"),
    ("price", PRICE, "per unit, as quoted: currency, pence, cents or percent of par"),
    ("currency", pa.string(), "ISO code of the contract; null when unknown"),
    ("at", TIME, "when it was executed, by the clock of TWS, which gives seconds"),
    ("client_id", pa.int64(), "API client whose order it was; 0: by hand in TWS"),
    ("order_id", pa.int64(), "order of that client; 0 of one by hand"),
    ("order_ref", pa.string(), "the order's reference; null where it has none"),
    ("commission", MONEY, "what it cost, in commission_currency; null when unknown"),
    ("commission_currency", pa.string(), "ISO code; null when the commission is unknown"),
    once="exec_id",
    once_days=LISTED_DAYS,
)
