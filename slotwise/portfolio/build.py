"""Rows of a portfolio from positions and what is known of their contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from slotwise.portfolio.opening import Openings
from slotwise.portfolio.price import NO_PRICE, Price
from slotwise.portfolio.row import OPTIONS, PortfolioRow, portfolio_row
from slotwise.portfolio.shares import shares_by_holding
from slotwise.position import Position

#: Kinds that options of the same symbol are options on.
UNDERLYING_KINDS = frozenset(("STK", "IND"))


def portfolio_rows(
    positions: Iterable[Position],
    prices: Mapping[int, Price],
    *,
    at: datetime,
    underlying_of: Callable[[int], int | None] = lambda con_id: None,
    closed_since: Callable[[int, datetime], datetime | None] = lambda con_id, at: None,
    strategies: Mapping[int, tuple[str, ...]] | None = None,
    quantities: Mapping[int, Mapping[str, Decimal]] | None = None,
    openings: Openings | None = None,
) -> list[PortfolioRow]:
    """Value what is held; holdings of quantity 0 are left out.

    Where the details do not name an option's underlying, it is the share or index of the option's
    symbol and currency, if that is held. `quantities` says how much of a contract is whose, by the
    strategies that say so.
    """
    held = [one for one in positions if one.quantity]
    openings = openings or Openings()
    owners = strategies or {}
    shares = shares_by_holding(held, owners, quantities or {})
    by_symbol = {
        (one.contract.symbol, one.contract.currency): one.contract.con_id
        for one in held
        if one.contract.sec_type in UNDERLYING_KINDS
    }
    rows = []
    for position in held:
        contract = position.contract
        underlying: Decimal | None = None
        if contract.sec_type in OPTIONS:
            under = underlying_of(contract.con_id)
            if under is None and contract.sec_type == "OPT":
                under = by_symbol.get((contract.symbol, contract.currency))
            underlying = prices.get(under, NO_PRICE).value if under is not None else None
        rows.append(
            portfolio_row(
                position,
                prices.get(contract.con_id, NO_PRICE),
                underlying_price=underlying,
                strategies=owners.get(contract.con_id, ()),
                shares=shares.get(position.key, ()),
                opening=openings.of(position),
                closed_since=closed_since(contract.con_id, at),
            )
        )
    return rows
