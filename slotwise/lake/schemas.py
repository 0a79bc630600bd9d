"""Every table of the lake, each column with its meaning and unit.

Two columns are common to all and set by the writer when it lands a row: `landed_at`, and
`date`, its UTC day, by which the tables are partitioned. All times are UTC microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

TIME = pa.timestamp("us", "UTC")
#: Exact decimals, wide enough for any IB price or size. The scale is what IB's own text carries.
PRICE = pa.decimal128(20, 8)
QUANTITY = pa.decimal128(20, 8)
MONEY = pa.decimal128(26, 8)
STRIKE = pa.decimal128(18, 6)


class Table(msgspec.Struct, frozen=True):
    """Describe one table: its schema, and the part of it that a sender fills in."""

    name: str
    schema: pa.Schema
    sent: pa.Schema
    #: Column whose values land once only, however often they are sent; None where rows may repeat.
    once: str | None = None


def _table(name: str, *columns: tuple[str, pa.DataType, str], once: str | None = None) -> Table:
    fields: list[pa.Field[Any]] = [
        pa.field(c, t, metadata={"comment": meaning}) for c, t, meaning in columns
    ]
    landed: list[pa.Field[Any]] = [
        pa.field("landed_at", TIME, metadata={"comment": "when the writer committed the row"}),
        pa.field("date", pa.date32(), metadata={"comment": "UTC day of landed_at; partition"}),
    ]
    return Table(name, pa.schema(fields + landed), pa.schema(fields), once)


POSITION_UPDATES = _table(
    "position_updates",
    ("account", pa.string(), "IB account"),
    ("con_id", pa.int64(), "IB contract id"),
    ("symbol", pa.string(), "underlying symbol"),
    ("local_symbol", pa.string(), "exchange's own symbol"),
    ("sec_type", pa.string(), "STK, OPT, FUT, IND ..."),
    ("expiry", pa.string(), "YYYYMMDD; null where there is none"),
    ("strike", STRIKE, "currency units; null where there is none"),
    ("right", pa.string(), "C or P; null where there is none"),
    ("multiplier", pa.decimal128(14, 4), "units of the underlying per contract"),
    ("currency", pa.string(), "ISO code of all money in the row"),
    ("exchange", pa.string(), "as the position carried it; empty for OPT and FUT"),
    ("quantity", QUANTITY, "contracts or shares, negative when short; 0 when closed"),
    ("avg_cost", PRICE, "currency per contract, multiplier included, as IB reports it"),
    ("price", PRICE, "currency per unit of the underlying; null when never quoted"),
    ("price_source", pa.string(), "mid, last, close, bar or none"),
    ("quote_age_s", pa.float64(), "seconds from quote to observed_at; null without a quote"),
    ("market_value", MONEY, "quantity x price x multiplier, currency"),
    ("unrealized_pnl", MONEY, "market_value - quantity x avg_cost, currency"),
    ("source", pa.string(), "stream (active, on a line), batch (polled) or heal (reconciled)"),
    ("strategy", pa.string(), "most important owning strategy; null when in none"),
    ("batch_id", pa.string(), "batch that polled it; null when streamed"),
    ("item_id", pa.string(), "queue item it answers; null when streamed"),
    ("observed_at", TIME, "when the broker said so"),
)

POSITION_QUEUE = _table(
    "position_queue",
    ("item_id", pa.string(), "queue item"),
    ("account", pa.string(), "IB account"),
    ("con_id", pa.int64(), "IB contract id"),
    ("priority", pa.int32(), "1 goes first"),
    ("state", pa.string(), "waiting, leased, succeeded or failed, after this row's change"),
    ("revision", pa.int64(), "the highest of an item is its present state"),
    ("attempt", pa.int32(), "tries so far"),
    ("inserted_at", TIME, "when it was queued"),
    ("batch_id", pa.string(), "batch of the latest try"),
    ("leased_at", TIME, "when that batch took it"),
    ("lease_until", TIME, "when the lease runs out"),
    ("worker", pa.string(), "who tried"),
    ("started_at", TIME, "start of the try"),
    ("ended_at", TIME, "end of the try"),
    ("error", pa.string(), "why the try failed; null when it did not"),
)

STRATEGY_REGISTRY = _table(
    "strategy_registry",
    ("event_id", pa.string(), "one change; all its rows share it"),
    ("event", pa.string(), "activated or closed; an activation replaces the strategy's contracts"),
    ("strategy", pa.string(), "name"),
    ("con_id", pa.int64(), "IB contract id; null when closed"),
    ("priority", pa.int32(), "1 goes first; null when closed"),
    ("at", TIME, "when the change was made"),
)

QUOTES = _table(
    "quotes",
    ("con_id", pa.int64(), "IB contract id"),
    ("symbol", pa.string(), "underlying symbol"),
    ("bid", PRICE, "currency per unit"),
    ("ask", PRICE, "currency per unit"),
    ("last", PRICE, "currency per unit"),
    ("close", PRICE, "previous close, currency per unit"),
    ("iv", pa.float64(), "implied volatility per year, as a fraction"),
    ("delta", pa.float64(), "change of price per unit of the underlying"),
    ("source", pa.string(), "snapshot, bar or stream"),
    ("delayed", pa.bool_(), "true where the feed is delayed"),
    ("observed_at", TIME, "when the quote arrived"),
)

RECONCILIATIONS = _table(
    "reconciliations",
    ("report_id", pa.string(), "one report"),
    ("status", pa.string(), "matched, broken or stale"),
    ("reason", pa.string(), "why it is stale; null otherwise"),
    ("account", pa.string(), "the account asked for; null for all"),
    ("snapshot_id", pa.string(), "broker snapshot compared; null when there was none"),
    ("requested_at", TIME, "when it was asked for"),
    ("completed_at", TIME, "when it was done"),
    ("matched", pa.int64(), "holdings that agree"),
    ("breaks", pa.int64(), "holdings that do not"),
    ("healed", pa.int64(), "breaks of earlier reports that are no more"),
    ("mended", pa.int64(), "holdings whose broker's state was landed anew (--heal)"),
    once="report_id",
)

BREAKS = _table(
    "breaks",
    ("break_id", pa.string(), "one report's word on one difference"),
    ("report_id", pa.string(), "report that found it, or found it healed"),
    ("life_id", pa.string(), "the difference through all reports: its first break_id"),
    ("state", pa.string(), "new, confirmed (found again) or healed"),
    ("account", pa.string(), "IB account"),
    ("con_id", pa.int64(), "IB contract id"),
    ("symbol", pa.string(), "what it is, in words"),
    (
        "kind",
        pa.string(),
        "missing_in_book, missing_at_broker, quantity, avg_cost or account_unknown",
    ),
    (
        "cause",
        pa.string(),
        "late_landing, fill, manual_trade, expired, assigned, exercised, split, "
        "multiplier_changed, incomplete_snapshot or unknown",
    ),
    ("evidence", pa.string(), "what the cause was seen from, in words"),
    ("book_quantity", QUANTITY, "contracts or shares"),
    ("broker_quantity", QUANTITY, "contracts or shares"),
    ("book_avg_cost", PRICE, "currency per contract"),
    ("broker_avg_cost", PRICE, "currency per contract"),
    ("book_observed_at", TIME, "age of the book's side"),
    ("broker_observed_at", TIME, "age of the broker's side"),
    ("found_at", TIME, "when the report was made"),
    ("first_found_at", TIME, "when the first report that found it was made"),
    ("runs", pa.int64(), "reports that have found it"),
    ("lived_s", pa.float64(), "seconds from first found to healed; null while it lives"),
    ("under_way", pa.bool_(), "whether news of the holding was on its way to the lake"),
    once="break_id",
)

LINE_EVENTS = _table(
    "line_events",
    ("con_id", pa.int64(), "IB contract id"),
    ("symbol", pa.string(), "what it is, in words"),
    (
        "event",
        pa.string(),
        "waits, opened, first_tick, silent, lost, returned, refused, gave_way, closed",
    ),
    ("reason", pa.string(), "why; TWS's code and text where it gave one"),
    ("held", pa.int32(), "lines the gateway holds after the event"),
    ("allowed", pa.int32(), "lines it may hold"),
    ("at", TIME, "when; of a loss, silence or refusal: the last tick before it"),
)

SILENCES = _table(
    "silences",
    ("silence_id", pa.string(), "one silence"),
    ("event", pa.string(), "silenced, or lifted before its time"),
    ("account", pa.string(), "IB account; null for all"),
    ("con_id", pa.int64(), "IB contract id; null for all"),
    ("cause", pa.string(), "cause of a break; null for all"),
    ("until", TIME, "alerts are sent again from then on"),
    ("why", pa.string(), "who made it says why"),
    ("at", TIME, "when the change was made"),
)

SET_ASIDE = _table(
    "set_aside",
    ("entry", pa.int64(), "offset of the entry in the landing stream"),
    ("event", pa.string(), "set_aside, or put_back when it was sent again"),
    ("reason", pa.string(), "why it could not land"),
    ("head", pa.binary(), "what it was, as it came (msgpack)"),
    ("rows", pa.binary(), "its rows, as they came (Arrow IPC); null where it had none"),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        POSITION_UPDATES,
        POSITION_QUEUE,
        STRATEGY_REGISTRY,
        QUOTES,
        RECONCILIATIONS,
        BREAKS,
        LINE_EVENTS,
        SILENCES,
        SET_ASIDE,
    )
}


def table_of(name: str) -> Table:
    """Look a table up by name; KeyError for a name that is none."""
    return TABLES[name]


def column_meaning(field: pa.Field[Any]) -> str:
    """Give a column's meaning and unit."""
    return (field.metadata or {}).get(b"comment", b"").decode()


def sent_names(table: Table) -> Sequence[str]:
    """Name the columns a sender fills in."""
    return table.sent.names
