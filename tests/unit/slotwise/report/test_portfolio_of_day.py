"""The report begins with what was held and worth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from slotwise.lake.store import Lake
from slotwise.registry import RegistryRow
from slotwise.report.facts import day_facts
from slotwise.report.page import page
from slotwise.report.span import day_span
from slotwise.rules.valuation import position_row
from tests.support.landed import put
from tests.support.values import NOON, at, contract, option, position, quote

EVENING = datetime(2026, 6, 2, tzinfo=UTC)


def test_value_and_profit_by_strategy_and_underlying_come_first(lake: Lake) -> None:
    """With what has no price, what is priced late, and what expires."""
    rows = [
        position_row(
            position(1, 100, contract=contract(1, symbol="SPY"), avg_cost=Decimal(690)),
            quote(1, bid=699, ask=701, observed_at=at(-3)),
            source="batch",
        ),
        position_row(
            position(2, -2, contract=option(2, expiry="20260605"), avg_cost=Decimal(250)),
            quote(2, bid="2.4", ask="2.5", observed_at=at(-3)),
            source="batch",
        ),
        position_row(position(3, contract=contract(3, symbol="NONE")), None, source="batch"),
    ]
    put(lake, "position_updates", rows, NOON)
    put(lake, "strategy_registry", [RegistryRow("e", "activated", "put", 2, 1, at(-500))], NOON)
    day = day_facts(lake, day_span(date(2026, 6, 1), "UTC", EVENING))
    found = day.portfolio
    [total] = found.totals
    assert (total.holdings, total.priced) == (3, 2)
    assert total.market_value.total == Decimal(70_000 - 490)
    assert total.market_value.without == 1
    assert total.unrealized_pnl.total == Decimal(1_000 + 10)
    by_strategy = {line.name: line.market_value.total for line in found.strategies}
    assert by_strategy == {"put": Decimal(-490), "unassigned": Decimal(70_000)}
    assert {line.name for line in found.underlyings} == {"SPY", "NONE"}
    assert found.unpriced == ("NONE",)
    assert found.expiring == ("SPY 20260605 P 560",)
    text = page(day, EVENING)
    assert text.index("<h2>Portfolio") < text.index("<h2>Lines")
    assert "69,510.00?" in text
    assert "2 of 3" in text
