"""The past portfolio's totals against DuckDB over the Parquet files, to the cent."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import duckdb
import msgspec
import pytest
from deltalake import DeltaTable

from slotwise.client.past import past_holdings
from slotwise.contract_details import ContractDetails
from slotwise.exchange_rates import ExchangeRate, Rates
from slotwise.lake.contract_rows import contract_row
from slotwise.lake.store import Lake
from slotwise.portfolio.grouping import portfolio
from slotwise.portfolio.opening import start_of_day
from slotwise.registry import RegistryRow
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.landed import put
from tests.support.values import NOON, at, contract, known, option, position, quote
from workers.gateway.outbox.quote_rows import quote_row

CENT = Decimal("0.01")
#: When it is asked for, seconds after noon.
ASKED = 300
YESTERDAY = -86_400.0

#: What the portfolio must come to, from the definitions in docs/portfolio.md alone.
RECOMPUTED = """
    WITH held AS (
        SELECT * FROM (
            SELECT *, row_number() OVER (PARTITION BY account, con_id ORDER BY sequence DESC) AS n
            FROM read_parquet($positions, union_by_name=true) WHERE observed_at <= $at
        ) WHERE n = 1 AND quantity <> 0
    ), opening AS (
        SELECT * FROM (
            SELECT *, row_number() OVER (PARTITION BY account, con_id ORDER BY sequence DESC) AS n
            FROM read_parquet($positions, union_by_name=true) WHERE observed_at <= $day
        ) WHERE n = 1 AND quantity <> 0
    ), quoted AS (
        SELECT *, (bid + ask) / 2 AS mid FROM (
            SELECT *, row_number() OVER (PARTITION BY con_id ORDER BY observed_at DESC) AS n
            FROM read_parquet($quotes, union_by_name=true) WHERE observed_at <= $at
        ) WHERE n = 1
    ), priced AS (
        SELECT h.*, q.close AS before, q.delta, o.quantity AS then_held,
            CASE WHEN q.observed_at >= h.observed_at - h.quote_age_s * INTERVAL 1 SECOND
                OR h.price IS NULL THEN q.mid ELSE h.price END AS now_price,
            (CASE WHEN h.sec_type = 'BOND' THEN 10.0 ELSE h.multiplier_exact END)
                / h.price_magnifier AS unit,
            -- The underlying of all is quoted in pence, and its options are not.
            u.mid / 100 * CASE h.currency
                WHEN 'USD' THEN 1.33e0 WHEN 'JPY' THEN 1.33e0 / 0.0064e0 ELSE 1e0 END AS under
        FROM held h
        LEFT JOIN quoted q ON q.con_id = h.con_id
        LEFT JOIN opening o ON o.con_id = h.con_id AND o.account = h.account
        LEFT JOIN (SELECT con_id, under_con_id FROM read_parquet($contracts, union_by_name=true)) c
            ON c.con_id = h.con_id
        LEFT JOIN quoted u ON u.con_id = c.under_con_id
    )
    SELECT currency, count(*), count(now_price),
        sum(quantity * now_price * unit)::DOUBLE AS market_value,
        sum(quantity * now_price * unit - quantity * avg_cost)::DOUBLE AS gain,
        sum(CASE WHEN then_held = quantity THEN quantity * (now_price - before) * unit
            WHEN then_held IS NULL THEN quantity * now_price * unit - quantity * avg_cost
            END)::DOUBLE AS day,
        sum(CASE WHEN sec_type = 'OPT' THEN quantity * delta * under * unit
            ELSE quantity * now_price * unit END)::DOUBLE AS dollar_delta
    FROM priced GROUP BY currency ORDER BY currency
"""


@pytest.fixture
def mixed(lake: Lake) -> Lake:
    """60 holdings of four kinds in three currencies, quoted, unquoted, opened, closed, changed."""
    random.seed(22)
    before, now, quotes, contracts = [], [], [], []
    pounds = Decimal(0)
    for n in range(1, 61):
        currency = ("USD", "GBP", "JPY")[n % 3]
        kinds: dict[int, dict[str, Any]] = {
            0: {"sec_type": "STK"},
            1: {"sec_type": "FUT", "multiplier": Decimal("0.1"), "expiry": "20261218"},
            2: {"sec_type": "BOND"},
        }
        one = option(n, currency=currency) if n % 4 == 3 else contract(n, **kinds[n % 4])
        if n % 4 != 3:
            magnifier = 100 if currency == "GBP" else 1
            one = contract(n, currency=currency, price_magnifier=magnifier, **kinds[n % 4])
        cost = Decimal(random.randint(1, 10**6)) / 1000
        held = Decimal(random.choice((-7, 3, 20)))
        first = position(n, held, contract=one, avg_cost=cost, observed_at=at(YESTERDAY))
        price = random.randint(100, 90_000)
        pounds = Decimal(price) / 100 if n == 1 else pounds
        if n % 5:
            before.append(position_row(first, None, source="batch"))
        after = Decimal(0) if n % 11 == 0 else held
        seen = None
        if n % 7:
            seen = quote(n, bid=price, ask=price + 1, observed_at=at(-random.randint(1, 200)))
        now.append(
            position_row(position(n, after, contract=one, avg_cost=cost), seen, source="batch")
        )
        if n % 2 or n == 1:
            quotes.append(
                quote_row(
                    one,
                    quote(
                        n,
                        bid=price + 2,
                        ask=price + 3,
                        close=price - 5,
                        delta=n / 128,
                        underlying_price=pounds if one.sec_type == "OPT" else None,
                        observed_at=at(random.randint(-250, 250)),
                    ),
                )
            )
        details: ContractDetails | None = known(one, under_con_id=1).details
        assert details is not None
        contracts.append(contract_row(known(one, under_con_id=1 if n % 4 == 3 else 0)))
    numbered = [
        [_numbered(row, n + 1000 * place) for n, row in enumerate(rows)]
        for place, rows in enumerate((before, now), 1)
    ]
    put(lake, "position_updates", numbered[0], at(YESTERDAY + 1))
    put(lake, "position_updates", numbered[1], at(1))
    put(lake, "quotes", quotes, at(260))
    put(lake, "contracts", contracts, at(1))
    put(
        lake,
        "exchange_rates",
        [
            ExchangeRate(
                account="DU1", currency=currency, base_currency="USD", rate=Decimal(rate),
                observed_at=NOON,
            )
            for currency, rate in (("USD", "1"), ("GBP", "1.33"), ("JPY", "0.0064"))
        ],
        at(1),
    )  # fmt: skip
    return lake


def _numbered(row: PositionRow, sequence: int) -> PositionRow:
    return msgspec.structs.replace(row, sequence=sequence)


def test_totals_equal_a_recomputation_by_duckdb_to_the_cent(mixed: Lake) -> None:
    asked = at(ASKED)
    found = past_holdings(mixed, asked)
    total = portfolio(found.rows, found.rates, asked).total
    files = {
        name: DeltaTable(mixed.uri(table)).file_uris()
        for name, table in (
            ("positions", "position_updates"), ("quotes", "quotes"), ("contracts", "contracts"),
        )
    }  # fmt: skip
    wanted = duckdb.execute(
        RECOMPUTED, files | {"at": asked, "day": start_of_day(asked)}
    ).fetchall()
    assert [(s.currency, s.holdings, s.priced) for s in total.currencies] == [
        tuple(row[:3]) for row in wanted
    ]
    for sums, row in zip(total.currencies, wanted, strict=True):
        names = ("market_value", "unrealized_pnl", "day_pnl", "dollar_delta")
        for name, value in zip(names, row[3:], strict=True):
            difference = abs(sums.amount(name).total - Decimal(value))
            assert difference < CENT, (sums.currency, name, sums.amount(name), value)
    [base] = total.bases
    rate = {"USD": Decimal(1), "GBP": Decimal("1.33"), "JPY": Decimal("0.0064")}
    in_base = sum(Decimal(row[3]) * rate[row[0]] for row in wanted)
    assert abs(base.market_value.total - in_base) < CENT
    assert found.closed_today > 0


def test_strategies_of_the_past_are_those_of_then(mixed: Lake) -> None:
    rows = [RegistryRow("a", "activated", "put", 3, 2, at(-100)),
            RegistryRow("b", "closed", "put", None, None, at(400))]  # fmt: skip
    put(mixed, "strategy_registry", rows, at(401))
    by_time = [
        {row.con_id: row.strategies for row in past_holdings(mixed, at(s)).rows}[3]
        for s in (200, 500)
    ]
    assert by_time == [("put",), ()]


def test_a_bond_without_a_symbol_has_its_local_symbol(lake: Lake) -> None:
    bond = contract(1, symbol="", sec_type="BOND", local_symbol="US912810TM09")
    rows = [position_row(position(1, contract=bond), None, source="batch"),
            position_row(position(2), None, source="batch")]  # fmt: skip
    put(lake, "position_updates", rows, NOON)
    held = past_holdings(lake, at(1)).rows
    assert sorted(row.symbol for row in held) == ["S2", "US912810TM09"]
    total = portfolio(held, Rates(), at(1), ("underlying",)).total
    assert [group.path for group in total.groups] == [("S2",), ("US912810TM09",)]
