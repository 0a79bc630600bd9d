"""Positions and prices of the past, from rows of `positions_as_of` and quotes of that time.

Rules of the price:
* Of the row's own price and the newest quote's price the newer one counts.
* The previous close and the greeks are the newest quote's, if that is of the same day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from slotwise.contract import Contract
from slotwise.portfolio.opening import start_of_day
from slotwise.portfolio.price import NO_PRICE, Price, price_of
from slotwise.position import Position
from slotwise.quote import Quote


def position_of(row: Mapping[str, Any]) -> Position:
    """Return the position in a row of `positions_as_of`."""
    return Position(
        account=row["account"],
        contract=Contract(
            con_id=row["con_id"],
            symbol=row["symbol"] or "",
            sec_type=row["sec_type"],
            local_symbol=row["local_symbol"] or "",
            expiry=row["expiry"] or "",
            strike=row["strike"],
            right=row["right"] or "",
            multiplier=row["multiplier"] if row["multiplier"] is not None else Decimal(1),
            currency=row["currency"] or "",
            exchange=row["exchange"] or "",
            # Without its multiplier a value is as unknown as without its magnifier.
            price_magnifier=None if row["multiplier"] is None else row["price_magnifier"],
        ),
        quantity=row["quantity"],
        avg_cost=row["avg_cost"],
        observed_at=row["observed_at"],
        sequence=row["sequence"],
    )


def past_price(row: Mapping[str, Any], quote: Quote | None, at: datetime) -> Price:
    """Return the price of a holding at a time, by the rules above."""
    quoted = price_of(quote)
    own = _own_price(row)
    if quote is not None and quote.observed_at < start_of_day(at):
        # Of another day: its close is not the previous one.
        quoted = Price(
            value=quoted.value,
            source=quoted.source,
            observed_at=quoted.observed_at,
            delayed=quoted.delayed,
        )
    if own.value is None or own.observed_at is None:
        return quoted
    if (
        quoted.value is not None
        and quoted.observed_at is not None
        and quoted.observed_at >= own.observed_at
    ):
        return quoted
    return msgspec.structs.replace(
        quoted,
        value=own.value,
        source=own.source,
        observed_at=own.observed_at,
        delayed=own.delayed,
    )


def _own_price(row: Mapping[str, Any]) -> Price:
    price, age = row["price"], row["quote_age_s"]
    if price is None or age is None:
        return NO_PRICE
    return Price(
        value=price,
        source=row["price_source"] or "none",
        observed_at=row["observed_at"] - timedelta(seconds=age),
        delayed=bool(row["delayed"]),
    )
