"""From options to a world."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

from workers.simulator.book.accounts import Accounts
from workers.simulator.book.default_book import ACCOUNT, catalogue_universe, default_book
from workers.simulator.book.file import Portfolio, list_portfolio
from workers.simulator.config import SimulatorConfig
from workers.simulator.desks.flicker import FLICKER_INTERVAL_S
from workers.simulator.desks.habits import Habits
from workers.simulator.desks.ledger import Sink
from workers.simulator.desks.lines import Lines
from workers.simulator.market.calendar import AlwaysOpen, Calendar, UsHours
from workers.simulator.market.market import Market
from workers.simulator.world import World


def build_world(
    config: SimulatorConfig, portfolio: Portfolio | None, now: float, sink: Sink, run: str
) -> World:
    """Build the world; without a portfolio it holds the default book of the day of `now`."""
    today = datetime.fromtimestamp(now, UTC).date()
    universe = catalogue_universe(today, portfolio.spot_ids() if portfolio else {})
    calendar: Calendar = AlwaysOpen() if config.market_hours == "always" else UsHours()
    slowest_s = FLICKER_INTERVAL_S if config.tick_rate else inf
    market = Market(universe, calendar, config.seed, slowest_s)
    if portfolio is not None:
        names, positions = list_portfolio(portfolio, universe, market, now)
        accounts = Accounts(names, positions)
    else:
        book = default_book(universe, market, today, config.positions, config.seed)
        accounts = Accounts((ACCOUNT,), book)
    lines = Lines(config.lines, snapshots_count=config.snapshots_count, sink=sink, run=run)
    habits = Habits(config.tick_rate, config.index_snapshots_wait)
    return World(universe, market, accounts, lines, config.seed, habits)
