"""The page docs/tables.md, made from the schemas: `python -m tests.docs.tables_page`."""

from __future__ import annotations

import sys
from typing import Any

import pyarrow as pa

from slotwise.lake.latest_positions import KEEP
from slotwise.lake.schemas import TABLES, Table
from tests.support.compose import ROOT

PAGE = ROOT / "docs" / "tables.md"
#: What each table is for, and one question it answers.
PURPOSE = {
    "position_updates": "Every state of every holding that was observed, polled or streamed.",
    "position_queue": "Every change of every queue item: the row with the highest `revision` of an"
    " item is its present state.",
    "strategy_registry": "Every activation and closing of a strategy; the newest event counts.",
    "quotes": "Quotes in turn, of the watchlist and of lines, at most one a minute and contract.",
    "reconciliations": "Every report of a reconciliation.",
    "breaks": "Every break of every report, with its cause and evidence, and its healing.",
    "line_events": "What became of every line: when a contract was seen, and when not.",
    "silences": "Alerts that were silenced, by whom, for how long and why.",
    "contracts": "What TWS's details say of each contract, so that a start asks for none again.",
    "marks": "What every holding is worth at a moment, with a band: all of them in one commit, once"
    " in `SLOTWISE_MARKS_INTERVAL_S` (a minute). See docs/marks.md.",
    "executions": "What was bought and sold, as TWS lists it: each execution once. A correction is"
    " a row of its own, and the highest number at the end of the id counts.",
    "exchange_rates": "What a currency is worth in an account's base currency: each change, and"
    " every hour.",
    "set_aside": "Landing entries that could not land, with the reason, until they are put back.",
}
HEAD = """# Tables

Made from `slotwise/lake/schemas.py` by `python -m tests.docs.tables_page`; a test compares.

Ordinary Delta tables, partitioned by `date`, readable by anything that reads Delta or Parquet.
Times are UTC microseconds; prices and quantities are exact decimals. Nothing is ever changed: rows
are added, and the newest counts. Two clocks: `observed_at` is when the broker said so, `landed_at`
when the lake knew.

```python
import duckdb
from deltalake import DeltaTable

files = DeltaTable("lake/live/position_updates").file_uris()
duckdb.sql(f"select symbol, quantity, observed_at, landed_at from read_parquet({files}) limit 5")
```

A table of an older version gets the columns that it lacks when the lake worker opens it; its rows
are null there, and commands read it before that too. A column of decimals cannot be widened in
place, so `multiplier_exact` stands beside the older `multiplier`: read
`coalesce(multiplier_exact, multiplier)`.
"""


def page() -> str:
    """Write the page."""
    assert set(PURPOSE) == set(TABLES)
    parts = [HEAD, *(_section(table, PURPOSE[name]) for name, table in TABLES.items())]
    kept = (
        f"`{KEEP}` beside them is a cache of the newest state of each holding; it may be deleted."
    )
    return "\n".join([*parts, kept, ""])


def _section(table: Table, purpose: str) -> str:
    rows = "\n".join(_row(field) for field in table.schema)
    return f"## {table.name}\n\n{purpose}\n\n| column | type | meaning |\n|---|---|---|\n{rows}\n"


def _row(field: pa.Field[Any]) -> str:
    return f"| `{field.name}` | {field.type} | {column_meaning(field)} |"


def column_meaning(field: pa.Field[Any]) -> str:
    """Return a column's meaning and unit."""
    return (field.metadata or {}).get(b"comment", b"").decode()


if __name__ == "__main__":
    PAGE.write_text(page())
    sys.stdout.write(f"{PAGE}\n")
