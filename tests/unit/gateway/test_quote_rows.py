"""Quotes land as rows: of each contract at most one in an interval, and nothing is remembered."""

from __future__ import annotations

from typing import Any

from slotwise.rules.landing import Head
from tests.support.sizes import sizes
from tests.support.values import at, contract, quote
from workers.gateway.outbox.quote_rows import QuoteRows

INTERVAL_S = 60.0


class Collector:
    """Rows under a clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = 0.0
        self.landed: list[int] = []
        self.rows = QuoteRows(self._append, INTERVAL_S, lambda: self.now)

    def _append(self, head: Head, batch: Any) -> None:
        self.landed += batch.column("con_id").to_pylist()

    def quoted(self, *con_ids: int) -> None:
        for con_id in con_ids:
            self.rows.keep(contract(con_id), quote(con_id))
        self.rows.flush()


def test_a_contract_lands_once_in_an_interval() -> None:
    collector = Collector()
    for collector.now in (0.0, INTERVAL_S - 1, INTERVAL_S, INTERVAL_S + 1):
        collector.quoted(1)
    assert collector.landed == [1, 1]


def test_a_line_lands_once_in_an_interval_and_only_when_it_ticked() -> None:
    """Looked over each second: a quote that stands still is no news, one that came meanwhile is."""
    collector = Collector()
    still, ticks = quote(1), [quote(2, observed_at=at(n)) for n in range(200)]
    for second in range(200):
        collector.now = float(second)
        lines = ((contract(1), still), (contract(2), ticks[second]), (contract(3), None))
        collector.rows.keep_lines(lines)
        collector.rows.flush()
    assert collector.landed == [1, 2, 2, 2, 2]


def test_a_tick_between_two_rows_lands_when_its_turn_comes() -> None:
    collector = Collector()
    for collector.now, newest in ((0.0, quote(1)), (30.0, later := quote(1)), (60.0, later)):
        collector.rows.keep_lines([(contract(1), newest)])
        collector.rows.flush()
    assert collector.landed == [1, 1]


def test_contracts_that_are_quoted_no_more_are_forgotten() -> None:
    """However many there were, as much is remembered afterwards as of one."""
    collector = Collector()
    collector.quoted(1)
    one = sizes(collector.rows)
    collector.quoted(*range(1000))
    collector.now = 2 * INTERVAL_S + 1
    collector.quoted(1)
    assert sizes(collector.rows) == one


def test_a_quote_that_fits_no_column_costs_only_its_own_row() -> None:
    """And the gateway that sends it goes on."""
    collector = Collector()
    for con_id, price in ((1, "10"), (2, "1E+13"), (3, "NaN"), (4, "11")):
        collector.rows.keep(contract(con_id), quote(con_id, last=price))
    collector.rows.flush()
    assert collector.landed == [1, 4]
