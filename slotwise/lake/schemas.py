"""Every table of the lake, each column with its meaning and unit.

Three columns are common to all and set by the writer when it lands a row: `landed_at`; `landing`,
the number of the commit, which says in what order rows landed whatever clocks did; and `date`, the
UTC day of `landed_at`, by which the tables are partitioned. All times are UTC microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from slotwise.lake.price_tables import MARKS as MARKS
from slotwise.lake.price_tables import QUOTES as QUOTES
from slotwise.lake.table import FINE as FINE
from slotwise.lake.table import MONEY as MONEY
from slotwise.lake.table import PRICE as PRICE
from slotwise.lake.table import QUANTITY as QUANTITY
from slotwise.lake.table import STRIKE as STRIKE
from slotwise.lake.table import TIME as TIME
from slotwise.lake.table import Table as Table
from slotwise.lake.table import make_table
from slotwise.lake.trade_tables import EXECUTIONS as EXECUTIONS

POSITION_UPDATES = make_table(
    "position_updates",
    ("account", pa.string(), "IB account"),
    ("con_id", pa.int64(), "IB contract id"),
    ("symbol", pa.string(), "underlying symbol; null for bonds that have none"),
    ("local_symbol", pa.string(), "exchange's own symbol"),
    ("sec_type", pa.string(), "STK, OPT, FUT, IND ..."),
    ("expiry", pa.string(), "YYYYMMDD; null where there is none"),
    ("strike", STRIKE, "currency units; null where there is none"),
    ("right", pa.string(), "C or P; null where there is none"),
    (
        "multiplier",
        pa.decimal128(14, 4),
        "units of the underlying per contract; null where 4 decimals are too few: multiplier_exact",
    ),
    (
        "multiplier_exact",
        FINE,
        "units of the underlying per contract; null where unknown, and in rows of older versions:"
        " multiplier",
    ),
    (
        "price_magnifier",
        pa.int64(),
        "divides the price to give currency, 100 for pence and cents; null: details not known yet",
    ),
    ("currency", pa.string(), "ISO code of all money in the row"),
    ("exchange", pa.string(), "of the position; where TWS named none, the one that quotes it"),
    ("quantity", QUANTITY, "contracts or shares, negative when short; 0 when closed"),
    (
        "avg_cost",
        PRICE,
        "currency per contract, multiplier included, as IB reports it; null when unknown",
    ),
    (
        "price",
        PRICE,
        "as quoted: currency, pence, cents or percent of par; null when there is none",
    ),
    ("price_source", pa.string(), "mid, last, close, bar or none"),
    ("delayed", pa.bool_(), "true where the quote's feed is delayed; null without a quote"),
    ("quote_age_s", pa.float64(), "seconds from quote to observed_at; null without a quote"),
    ("market_value", MONEY, "quantity x price / magnifier x multiplier, currency; docs/value.md"),
    ("unrealized_pnl", MONEY, "market_value - quantity x avg_cost, currency; null when unknown"),
    (
        "source",
        pa.string(),
        "stream (on a line), batch (polled), close (gone) or heal (reconciled)",
    ),
    ("strategy", pa.string(), "most important owning strategy; null when in none"),
    ("batch_id", pa.string(), "batch that polled it; null when streamed"),
    ("item_id", pa.string(), "queue item it answers; null when streamed"),
    ("observed_at", TIME, "when the broker said so"),
    ("sequence", pa.int64(), "order of the gateway's observations of holdings; null: not numbered"),
    (
        "mark",
        pa.float64(),
        "newest mark of the contract, in the units of price; null: unknown (docs/marks.md)",
    ),
    ("band", pa.float64(), "half-width around mark in which 95 of 100 true middles lie"),
    (
        "mark_source",
        pa.string(),
        "stream, quote, model, kept, neighbours, close or none; null: not marked",
    ),
    ("mark_age_s", pa.float64(), "seconds from the contract's own quote to marked_at"),
    ("marked_at", TIME, "when the mark was made; may be seconds after observed_at"),
    ("mark_iv", pa.float64(), "implied volatility per year of the row's quote, as a fraction"),
    ("mark_delta", pa.float64(), "change of price per unit of the underlying, of the row's quote"),
    ("mark_gamma", pa.float64(), "change of delta per unit of the underlying, of the row's quote"),
    ("mark_vega", pa.float64(), "change of price for one point of volatility, of the row's quote"),
    ("mark_theta", pa.float64(), "change of price in one day of the calendar, of the row's quote"),
)

POSITION_QUEUE = make_table(
    "position_queue",
    ("item_id", pa.string(), "queue item"),
    ("account", pa.string(), "IB account"),
    ("con_id", pa.int64(), "IB contract id"),
    ("priority", pa.int32(), "1 goes first"),
    ("state", pa.string(), "waiting, leased, succeeded, failed or closed after this row's change"),
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

STRATEGY_REGISTRY = make_table(
    "strategy_registry",
    ("event_id", pa.string(), "one change; all its rows share it"),
    ("event", pa.string(), "activated or closed; an activation replaces the strategy's contracts"),
    ("strategy", pa.string(), "name"),
    ("con_id", pa.int64(), "IB contract id; null when closed"),
    ("priority", pa.int32(), "1 goes first; null when closed"),
    ("at", TIME, "when the change was made"),
    ("quantity", QUANTITY, "contracts or shares that are the strategy's own; null: what is left"),
)

RECONCILIATIONS = make_table(
    "reconciliations",
    ("report_id", pa.string(), "one report"),
    ("status", pa.string(), "matched, broken or stale"),
    (
        "reason",
        pa.string(),
        "why it is stale, or which account is not known; null otherwise",
    ),
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

BREAKS = make_table(
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

LINE_EVENTS = make_table(
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

SILENCES = make_table(
    "silences",
    ("silence_id", pa.string(), "one silence"),
    ("event", pa.string(), "silenced, or lifted before its time"),
    ("account", pa.string(), "IB account; null for all"),
    ("con_id", pa.int64(), "IB contract id; null for all"),
    ("cause", pa.string(), "cause of a break; null for all"),
    ("until", TIME, "alerts are sent again from then on"),
    ("why", pa.string(), "who made it says why"),
    ("at", TIME, "when the change was made"),
    ("state", pa.string(), "state of the verdict; null where it is about breaks"),
)

EXCHANGE_RATES = make_table(
    "exchange_rates",
    ("account", pa.string(), "IB account"),
    ("currency", pa.string(), "ISO code of the currency that is converted"),
    ("base_currency", pa.string(), "ISO code of the account's base currency"),
    ("rate", FINE, "units of base_currency for one unit of currency, as TWS gives it"),
    ("observed_at", TIME, "when TWS said so"),
    ("source", pa.string(), "currency pair whose middle it is, EUR.USD; null: account values"),
)

SET_ASIDE = make_table(
    "set_aside",
    ("entry", pa.int64(), "offset of the entry in the landing stream"),
    ("event", pa.string(), "set_aside, or put_back when it was sent again"),
    ("reason", pa.string(), "why it could not land"),
    ("head", pa.binary(), "what it was, as it came (msgpack)"),
    ("rows", pa.binary(), "its rows, as they came (Arrow IPC); null where it had none"),
)

CONTRACTS = make_table(
    "contracts",
    ("con_id", pa.int64(), "IB contract id; of rows with one id the newest `at` counts"),
    ("symbol", pa.string(), "underlying symbol; null for bonds"),
    ("sec_type", pa.string(), "STK, OPT, FUT, IND ...; null where TWS never knew the contract"),
    ("local_symbol", pa.string(), "exchange's own symbol"),
    ("expiry", pa.string(), "the contract's own last day, YYYYMMDD; null where there is none"),
    ("strike", STRIKE, "as quoted; null where there is none"),
    ("right", pa.string(), "C or P; null where there is none"),
    ("multiplier", FINE, "units of the underlying per contract"),
    ("currency", pa.string(), "ISO code"),
    ("exchange", pa.string(), "where requests for it go; null where no exchange is known"),
    ("primary_exchange", pa.string(), "where it is listed first"),
    ("trading_class", pa.string(), "separates options and futures of one underlying"),
    ("price_magnifier", pa.int64(), "divides a quoted price to give currency; null: unknown"),
    ("valid_exchanges", pa.string(), "where requests may go, comma between, in TWS's order"),
    ("listed_at", pa.string(), "exchanges of TWS's rows of details, comma between"),
    ("min_tick", FINE, "smallest step of a price, as quoted"),
    ("under_con_id", pa.int64(), "contract id of the underlying; null where there is none"),
    ("quoted_as", pa.int64(), "contract whose quotes TWS gives instead; null: its own"),
    ("time_zone", pa.string(), "zone of the hours, as TWS names it"),
    ("trading_hours", pa.string(), "sessions of the next days, TWS's text"),
    ("liquid_hours", pa.string(), "sessions with regular trading, TWS's text"),
    ("long_name", pa.string(), "name of the company or product"),
    ("maturity", pa.string(), "day on which a bond is paid back, YYYYMMDD; null for others"),
    ("coupon", FINE, "interest of a bond, percent of par a year; null where it has none"),
    ("looked_up_at", TIME, "when TWS gave these details; null where it never did"),
    ("refusal", pa.string(), "why TWS gave no details at the last look-up; null where it did"),
    ("refusal_code", pa.int32(), "TWS's error code of the refusal"),
    ("at", TIME, "when the last look-up was answered"),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        POSITION_UPDATES,
        POSITION_QUEUE,
        STRATEGY_REGISTRY,
        QUOTES,
        MARKS,
        EXECUTIONS,
        RECONCILIATIONS,
        BREAKS,
        LINE_EVENTS,
        SILENCES,
        EXCHANGE_RATES,
        SET_ASIDE,
        CONTRACTS,
    )
}


def table_of(name: str) -> Table:
    """Look a table up by name; KeyError for a name that is none."""
    return TABLES[name]
