"""From what a portfolio file describes to contracts that exist, and positions in them."""

from __future__ import annotations

from collections import defaultdict

from tws_simulator.book.contract_of import contract_of, identity
from tws_simulator.book.entry import Entry, check_same
from tws_simulator.book.file import Portfolio
from tws_simulator.book.position import Position
from tws_simulator.book.rates import Rates
from tws_simulator.book.walk_of import walk_of
from tws_simulator.errors import PortfolioError
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.market import Market


def list_portfolio(
    portfolio: Portfolio, universe: Universe, market: Market, now: float
) -> tuple[tuple[str, ...], list[Position]]:
    """List the contracts of a portfolio in the universe; return its accounts and positions."""
    everything = (*portfolio.entries, *portfolio.contracts)
    # The best evidence on a price comes first: it sets where the underlying starts.
    for entry in sorted(everything, key=lambda entry: (not entry.price, bool(entry.right))):
        walk_of(entry, universe, portfolio.rates)
    by_id: dict[int, list[Entry]] = defaultdict(list)
    contracts: dict[str, Contract] = {}
    # Ids that the file gives come before those that are made up for the same contract.
    for entry in sorted(everything, key=lambda entry: not entry.con_id):
        contract = _list(entry, universe, market, portfolio.rates)
        for other in by_id[contract.con_id]:
            check_same(entry, other)
        by_id[contract.con_id].append(entry)
        contracts[entry.where] = contract
    positions: dict[tuple[str, int], Position] = {}
    for entry in portfolio.entries:
        con_id = contracts[entry.where].con_id
        key = (entry.account, con_id)
        if key in positions:
            raise PortfolioError(f"{entry.where}: contract {con_id} is held twice")
        # Another entry may have described it since.
        contract = universe.get(con_id) or contracts[entry.where]
        positions[key] = _position(entry, contract, market, now)
    return portfolio.accounts, list(positions.values())


def list_entry(
    entry: Entry, universe: Universe, market: Market, rates: Rates, now: float
) -> Position:
    """List the contract of a position in the universe; return the position."""
    if entry.currency and not rates.knows(entry.currency):
        raise PortfolioError(f"{entry.where}.currency: {entry.currency} has no exchange rate")
    return _position(entry, _list(entry, universe, market, rates), market, now)


def _list(entry: Entry, universe: Universe, market: Market, rates: Rates) -> Contract:
    """List a contract, or replace a known one; what TWS does not have is kept apart."""
    walk = walk_of(entry, universe, rates)
    con_id = identity(entry, walk, universe)
    base = universe.get(con_id) or universe.unknown(con_id)
    contract = contract_of(entry, con_id, base, walk, universe)
    if not entry.is_known:
        return universe.add_unknown(contract)
    if entry.quote is not None:
        market.fix(con_id, entry.quote)
    return universe.add(contract) if base is None else universe.replace(contract)


def _position(entry: Entry, contract: Contract, market: Market, now: float) -> Position:
    cost = entry.avg_cost
    if cost is None:
        cost = round(market.fair(contract, now) * float(contract.money_per_point), 4)
    return Position(entry.account, contract, entry.quantity, cost)
