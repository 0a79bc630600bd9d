"""The portfolio of a running stack beside the simulated account's own profit and loss."""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from slotwise import connect
from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.portfolio.row import PortfolioRow
from tests.support.profit_client import Profit, ProfitClient
from tests.unit.simulator.holdings import ACCOUNT, HOLDINGS
from tests.walks.running_stack import RunningStack, running_stack

#: What these tests do without.
WITHOUT = frozenset(("flower", "monitor", "poll1", "poll2"))
CENT = Decimal("0.01")
#: A band holds the true price 95 times of 100; of some dozens of holdings at least this share.
WITHIN = 0.9
#: The simulator values an account at its own price, to the tick; the middle of bid and ask is at
#: most half a tick away.
HALF_TICK, HALF_TICKS = Decimal("0.005"), {"SPX": Decimal("0.05")}
#: How often TWS's numbers are read before ours and after, with pauses of seconds.
SAMPLES, SAMPLE_S = 5, 0.5
#: Every holding has had its quotes within this, seconds.
QUOTED_S = 90.0
#: Prices that are of a quote: one that stands still says the same while it is kept.
QUOTED = ("mid", "kept")
#: How often a moment is looked for at which all prices are.
TRIES = 8


def rows_of(stack: RunningStack) -> tuple[PortfolioRow, ...]:
    """Return the holdings as another process reads them."""
    with connect(stack.env["REDIS_URL"], stack.env["SLOTWISE_LAKE"]) as client:
        return client.rows()


def is_priced(stack: RunningStack, least: int) -> Callable[[], bool]:
    """Return what says whether so many holdings have a price."""

    def priced() -> bool:
        try:
            return sum(row.price is not None for row in rows_of(stack)) >= least
        except Exception:  # noqa: BLE001  # no positions are published yet
            return False

    return priced


class Around(NamedTuple):
    """Our holdings, and TWS's own numbers from before and until after they were read."""

    rows: tuple[PortfolioRow, ...]
    theirs: list[dict[int, Profit]]

    def unrealized(self, con_id: int) -> list[Decimal]:
        """Return TWS's unrealised profits of a holding, one after another."""
        return [one[con_id].unrealized for one in self.theirs]


def profits_around(stack: RunningStack, con_ids: list[int]) -> Around:
    """Read TWS's own numbers for some seconds, and ours amid."""

    async def ask() -> Around:
        theirs = []
        async with ProfitClient(int(stack.env["SLOTWISE_IB_PORT"]), ACCOUNT, con_ids) as client:
            for _ in range(SAMPLES):
                theirs.append(client.now())
                await asyncio.sleep(SAMPLE_S)
            rows = await asyncio.to_thread(rows_of, stack)
            for _ in range(SAMPLES):
                theirs.append(client.now())
                await asyncio.sleep(SAMPLE_S)
        return Around(rows, theirs)

    return asyncio.run(ask())


def test_of_fresh_quotes_value_and_profit_are_those_of_the_account_to_the_cent(
    tmp_path: Path,
) -> None:
    """Of every kind of contract, in three currencies, quoted in pence, cents and percent."""
    entries = [
        {"avg_cost": 1, **HOLDINGS[kind].entry}
        for kind in HOLDINGS
        if kind not in ("IND", "FUND", "SLB", "BAG")
    ]
    file = tmp_path / "portfolio.json"
    file.write_text(
        json.dumps({"accounts": [{"account": ACCOUNT, "positions": entries}]}, default=float)
    )
    with running_stack(tmp_path, positions=0, portfolio=file, without=WITHOUT) as stack:
        stack.eventually(is_priced(stack, len(entries)), QUOTED_S, "every holding has a price")
        con_ids = [row.con_id for row in rows_of(stack)]
        # On a machine that does much else, a quote may grow old before it is read.
        for _ in range(TRIES):
            rows, samples = profits_around(stack, con_ids)
            if all(row.price_source in QUOTED for row in rows):
                break
    assert len(rows) == len(entries)
    theirs = samples[-1]
    compared = {}
    for row in rows:
        assert row.price_source in QUOTED, row
        assert row.market_value is not None, row
        assert row.unrealized_pnl is not None, row
        # The simulator rounds, we do not.
        compared[row.contract] = (
            abs(row.market_value - theirs[row.con_id].value) <= CENT / 2,
            abs(row.unrealized_pnl - theirs[row.con_id].unrealized) <= CENT / 2,
        )
    assert set(compared.values()) == {(True, True)}, compared


def test_between_quotes_profit_is_that_of_the_account_within_the_bands(tmp_path: Path) -> None:
    """And the ages of prices are those of the quotes on the board."""
    with running_stack(tmp_path, positions=120, without=WITHOUT) as stack:
        stack.eventually(is_priced(stack, 115), QUOTED_S, "nearly every holding has a price")
        known = [row for row in rows_of(stack) if row.price is not None]
        around = profits_around(stack, [row.con_id for row in known])
        before, ours, after = ages(stack)
    within, off, allowed = [], Decimal(0), Decimal(0)
    for row in around.rows:
        if row.con_id not in around.theirs[0] or row.unrealized_pnl is None or not row.price:
            continue
        # What one unit of the price is worth: from the row itself, whatever the kind.
        unit = abs((row.market_value or Decimal(0)) / row.price)
        band = unit * ((row.band or Decimal(0)) + HALF_TICKS.get(row.symbol, HALF_TICK))
        theirs = around.unrealized(row.con_id)
        low, high = min(theirs) - band, max(theirs) + band
        within.append(low <= row.unrealized_pnl <= high)
        off += row.unrealized_pnl - theirs[SAMPLES]
        allowed += high - low
    assert len(within) >= 100
    assert sum(within) / len(within) >= WITHIN, f"{sum(within)} of {len(within)}"
    assert abs(off) <= allowed
    # Quotes go on while the portfolio is read, which takes a slow machine seconds.
    assert statistics.median(after) - 1.0 <= statistics.median(ours)
    assert statistics.median(ours) <= statistics.median(before) + 1.0


def ages(stack: RunningStack) -> tuple[list[float], list[float], list[float]]:
    """Return the ages of prices in the portfolio, seconds, between those of the board's quotes.

    The board is read before and after the portfolio; all ages are those of one moment.
    """
    bus = Bus(stack.env["REDIS_URL"])
    try:
        con_ids = [row.con_id for row in rows_of(stack)]
        first = QuoteBoard(bus).get(con_ids)
        at = datetime.now(UTC)
        rows = rows_of(stack)
        last = QuoteBoard(bus).get(con_ids)
    finally:
        bus.close()
    before, after = (
        [(at - quote.observed_at).total_seconds() for quote in quotes.values()]
        for quotes in (first, last)
    )
    ours = [age for row in rows if (age := row.age_s(at)) is not None]
    assert len(ours) > 100
    return before, ours, after
