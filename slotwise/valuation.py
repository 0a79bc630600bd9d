"""What a position is worth: position and quote become one row of `position_updates`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Literal

import msgspec

from slotwise.position import Position
from slotwise.quote import Quote


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
    multiplier: Decimal
    currency: str
    exchange: str
    quantity: Decimal
    avg_cost: Decimal
    price: Decimal | None
    price_source: str
    quote_age_s: float | None
    market_value: Decimal | None
    unrealized_pnl: Decimal | None
    source: str
    strategy: str | None
    batch_id: str | None
    item_id: str | None
    observed_at: datetime


def position_row(
    position: Position,
    quote: Quote | None,
    *,
    source: Literal["stream", "batch", "heal"],
    strategy: str | None = None,
    batch_id: str | None = None,
    item_id: str | None = None,
    observed_at: datetime | None = None,
) -> PositionRow:
    """Value a position with the newest quote of its contract.

    Without a price the value is unknown (None), never zero; a closed position is worth zero.
    `observed_at` defaults to the position's own.
    """
    seen = observed_at or position.observed_at
    contract = position.contract
    price, price_source = quote.price() if quote is not None else (None, "none")
    value = pnl = None
    if position.quantity == 0:
        value = pnl = Decimal(0)
    elif price is not None:
        value = position.quantity * price * contract.multiplier
        pnl = value - position.quantity * position.avg_cost
    return PositionRow(
        account=position.account,
        con_id=contract.con_id,
        symbol=contract.symbol,
        local_symbol=contract.local_symbol,
        sec_type=contract.sec_type,
        expiry=contract.expiry,
        strike=contract.strike,
        right=contract.right,
        multiplier=contract.multiplier,
        currency=contract.currency,
        exchange=contract.exchange,
        quantity=position.quantity,
        avg_cost=position.avg_cost,
        price=price,
        price_source=price_source,
        quote_age_s=None if quote is None else max((seen - quote.observed_at).total_seconds(), 0.0),
        market_value=value,
        unrealized_pnl=pnl,
        source=source,
        strategy=strategy,
        batch_id=batch_id,
        item_id=item_id,
        observed_at=seen,
    )
