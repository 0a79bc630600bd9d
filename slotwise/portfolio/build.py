"""Rows of a portfolio from positions and what is known of their contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from slotwise.exchange_rates import Rates
from slotwise.portfolio.opening import Openings
from slotwise.portfolio.price import NO_PRICE, Price
from slotwise.portfolio.row import OPTIONS, PortfolioRow, portfolio_row
from slotwise.portfolio.shares import shares_by_holding
from slotwise.portfolio.underlying import Quotation, Underlying, underlying_for
from slotwise.position import Position

#: Kinds that options of the same symbol are options on.
UNDERLYING_KINDS = frozenset(("STK", "IND"))


def portfolio_rows(
    positions: Iterable[Position],
    prices: Mapping[int, Price],
    *,
    at: datetime,
    underlying_of: Callable[[int], int | None] = lambda con_id: None,
    quotation_of: Callable[[int], Quotation | None] = lambda con_id: None,
    rates: Rates | None = None,
    closed_since: Callable[[int, datetime], datetime | None] = lambda con_id, at: None,
    strategies: Mapping[int, tuple[str, ...]] | None = None,
    quantities: Mapping[int, Mapping[str, Decimal]] | None = None,
    openings: Openings | None = None,
) -> list[PortfolioRow]:
    """Value what is held; holdings of quantity 0 are left out.

    Where the details do not name an option's underlying, it is the share or index of the option's
    symbol and currency, if that is held. `quotation_of` says how an underlying that is not held is
    quoted, and `rates` convert its currency. `quantities` says how much of a contract is whose, by
    the strategies that say so.
    """
    held = [one for one in positions if one.quantity]
    rates = rates or Rates()
    quotations = {one.contract.con_id: _quotation(one) for one in held}
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
        underlying: Underlying | None = None
        price = prices.get(contract.con_id, NO_PRICE)
        if contract.sec_type in OPTIONS:
            under = underlying_of(contract.con_id)
            if under is None and contract.sec_type == "OPT":
                under = by_symbol.get((contract.symbol, contract.currency))
            if under is not None:
                underlying = underlying_for(
                    contract,
                    price,
                    prices.get(under, NO_PRICE),
                    quotations.get(under) or quotation_of(under),
                    account=position.account,
                    rates=rates,
                )
        rows.append(
            portfolio_row(
                position,
                price,
                underlying=underlying,
                strategies=owners.get(contract.con_id, ()),
                shares=shares.get(position.key, ()),
                opening=openings.of(position),
                closed_since=closed_since(contract.con_id, at),
            )
        )
    return rows


def _quotation(position: Position) -> Quotation:
    return Quotation(position.contract.currency, position.contract.price_magnifier)
