"""From options to a world."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf

from tws_simulator.book.accounts import Accounts
from tws_simulator.book.default_book import ACCOUNT, catalogue_universe, default_book
from tws_simulator.book.file import Portfolio
from tws_simulator.book.listed import list_portfolio
from tws_simulator.config import SimulatorConfig
from tws_simulator.market.calendar import AlwaysOpen, Calendar, UsHours
from tws_simulator.market.market import Market
from tws_simulator.services.market_data.extra_ticks import FLICKER_INTERVAL_S
from tws_simulator.services.market_data.ledger import Sink
from tws_simulator.services.market_data.line_costs import LineCosts
from tws_simulator.services.market_data.lines import Lines
from tws_simulator.services.market_data.market_data_options import MarketDataOptions
from tws_simulator.world import World


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
        accounts = Accounts(names, positions, portfolio.rates)
    else:
        book = default_book(universe, market, today, config.positions, config.seed)
        accounts = Accounts((ACCOUNT,), book)
    lines = Lines(config.lines, snapshots_count=config.snapshots_count, sink=sink, run=run)
    costs = LineCosts(lines, config.account_updates_cost, config.profit_cost)
    market_data_options = MarketDataOptions(
        config.tick_rate, config.index_snapshots_wait, config.settle, config.times
    )
    login_zone = portfolio.login_zone if portfolio else ""
    return World(
        universe, market, accounts, lines, config.seed, market_data_options, costs, login_zone
    )
