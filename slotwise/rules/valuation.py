"""Valuation: the money value of a quantity of a contract. The rule of docs/value.md.

    value = quantity x price / magnifier x multiplier
    value = quantity x price / 100 / magnifier x par       of bonds and bills
    gain  = value - quantity x average cost

The magnifier is 100 where a contract is quoted in pence or cents. Bonds and bills are quoted in
percent of par, 1,000 a piece unless the multiplier differs; a multiplier of 1 has no meaning. What
depends on an unknown number is unknown (None), never zero; nothing (a quantity of 0) is worth 0.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from slotwise.contract import Contract
from slotwise.position import Position
from slotwise.precision import EXACT, rounded
from slotwise.quote import PriceSource, Quote
from slotwise.rules.marks.mark import MarkSource
from slotwise.rules.marks.marked import Marked
from slotwise.rules.marks.row import rounded_mark

#: Kinds of contracts that are quoted in percent of par.
PERCENT_OF_PAR = frozenset(("BOND", "BILL"))
#: Par of one piece of a bond or bill, in its currency.
PAR = Decimal(1000)
#: Digits of column `multiplier`: 10 before the point, 4 after it.
NARROW_LIMIT, NARROW_DECIMALS = Decimal(10) ** 10, 4
NOTHING, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)


class Value(msgspec.Struct, frozen=True):
    """The value of a holding, and its gain; None is unknown."""

    market_value: Decimal | None
    unrealized_pnl: Decimal | None


def value_of(position: Position, price: Decimal | None) -> Value:
    """Value a holding at a price as quoted; rounded only where it is stored."""
    worth = money(position.contract, position.quantity, price)
    cost = position.avg_cost
    if worth is None or cost is None:
        return Value(worth, None)
    return Value(worth, EXACT.subtract(worth, EXACT.multiply(position.quantity, cost)))


def money(contract: Contract, quantity: Decimal, price: Decimal | None) -> Decimal | None:
    """Compute the money for a quantity at a price as quoted; None where something is unknown."""
    if quantity == NOTHING:
        return NOTHING
    magnifier = contract.price_magnifier
    if price is None or not magnifier:
        return None
    units, divisor = contract.multiplier, Decimal(magnifier)
    if contract.sec_type in PERCENT_OF_PAR:
        units = PAR if units in (NOTHING, ONE) else units
        divisor *= HUNDRED
    # Divided last: whatever is a multiple of the divisor comes out exactly.
    return EXACT.divide(EXACT.multiply(EXACT.multiply(quantity, price), units), divisor)


class PositionRow(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one row of table `position_updates`; `lake.schemas` gives each column's meaning."""

    account: str
    con_id: int
    symbol: str
    local_symbol: str
    sec_type: str
    expiry: str
    strike: Decimal | None
    right: str
    multiplier: Decimal | None
    multiplier_exact: Decimal | None
    price_magnifier: int | None
    currency: str
    exchange: str
    quantity: Decimal
    avg_cost: Decimal | None
    price: Decimal | None
    price_source: PriceSource
    delayed: bool | None
    quote_age_s: float | None
    market_value: Decimal | None
    unrealized_pnl: Decimal | None
    source: str
    strategy: str | None
    batch_id: str | None
    item_id: str | None
    observed_at: datetime
    sequence: int | None = None
    mark: float | None = None
    band: float | None = None
    mark_source: MarkSource | None = None
    mark_age_s: float | None = None
    marked_at: datetime | None = None
    mark_iv: float | None = None
    mark_delta: float | None = None
    mark_gamma: float | None = None
    mark_vega: float | None = None
    mark_theta: float | None = None


def position_row(
    position: Position,
    quote: Quote | None,
    *,
    source: Literal["stream", "batch", "close", "heal"],
    strategy: str | None = None,
    batch_id: str | None = None,
    item_id: str | None = None,
    observed_at: datetime | None = None,
    mark: Marked | None = None,
) -> PositionRow:
    """Value a position with a quote of its contract.

    `observed_at` defaults to the position's own. A quote from after it gives the row no price: a
    row holds what was known at its time. The mark is the newest there is, and has its own time.
    """
    seen = observed_at or position.observed_at
    contract = position.contract
    if quote is not None and quote.observed_at > seen:
        quote = None
    price, price_source = quote.price() if quote is not None else (None, "none")
    value = value_of(position, price)
    multiplier = contract.multiplier if contract.multiplier_known else None
    return PositionRow(
        account=position.account,
        con_id=contract.con_id,
        symbol=contract.symbol,
        local_symbol=contract.local_symbol,
        sec_type=contract.sec_type,
        expiry=contract.expiry,
        strike=contract.strike,
        right=contract.right,
        multiplier=None if multiplier is None else _in_four_decimals(multiplier),
        multiplier_exact=multiplier,
        price_magnifier=contract.price_magnifier,
        currency=contract.currency,
        exchange=contract.exchange,
        quantity=position.quantity,
        avg_cost=position.avg_cost,
        price=price,
        price_source=price_source,
        delayed=None if quote is None else quote.delayed,
        quote_age_s=None if quote is None else (seen - quote.observed_at).total_seconds(),
        market_value=value.market_value,
        unrealized_pnl=value.unrealized_pnl,
        source=source,
        strategy=strategy,
        batch_id=batch_id,
        item_id=item_id,
        observed_at=seen,
        sequence=position.sequence,
        mark=None if mark is None else rounded_mark(mark.value, mark.band),
        band=None if mark is None else mark.band,
        mark_source=None if mark is None else mark.source,
        mark_age_s=None if mark is None else mark.age_s,
        marked_at=None if mark is None else mark.at,
        mark_iv=None if quote is None else quote.iv,
        mark_delta=None if quote is None else quote.delta,
        mark_gamma=None if quote is None else quote.gamma,
        mark_vega=None if quote is None else quote.vega,
        mark_theta=None if quote is None else quote.theta,
    )


def _in_four_decimals(multiplier: Decimal) -> Decimal | None:
    """Return a multiplier for the older, narrower column; None where it would change there."""
    fits = abs(multiplier) < NARROW_LIMIT and rounded(multiplier, NARROW_DECIMALS) == multiplier
    return multiplier if fits else None
