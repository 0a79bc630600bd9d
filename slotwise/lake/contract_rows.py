"""Rows of table `contracts`: what is kept of one look-up. Nothing here opens a table."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.contract_details import KeptContract

#: Between the exchanges of a list, as TWS writes it.
COMMA = ","


class ContractRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of table `contracts`; `lake.schemas` gives each column's meaning."""

    con_id: int
    at: datetime
    symbol: str | None = None
    sec_type: str | None = None
    local_symbol: str | None = None
    expiry: str | None = None
    strike: Decimal | None = None
    right: str | None = None
    multiplier: Decimal | None = None
    currency: str | None = None
    exchange: str | None = None
    primary_exchange: str | None = None
    trading_class: str | None = None
    price_magnifier: int | None = None
    valid_exchanges: str | None = None
    listed_at: str | None = None
    min_tick: Decimal | None = None
    under_con_id: int | None = None
    quoted_as: int | None = None
    time_zone: str | None = None
    trading_hours: str | None = None
    liquid_hours: str | None = None
    long_name: str | None = None
    maturity: str | None = None
    coupon: Decimal | None = None
    looked_up_at: datetime | None = None
    refusal: str | None = None
    refusal_code: int | None = None


def contract_row(kept: KeptContract) -> ContractRow:
    """Return the row of what is kept of a contract."""
    row = ContractRow(
        con_id=kept.con_id,
        at=kept.at,
        quoted_as=kept.quoted_as or None,
        refusal=kept.refusal or None,
        refusal_code=kept.code or None,
    )
    details = kept.details
    if details is None:
        return row
    contract = details.contract
    return msgspec.structs.replace(
        row,
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        local_symbol=contract.local_symbol,
        expiry=contract.expiry,
        strike=contract.strike,
        right=contract.right,
        multiplier=contract.multiplier,
        currency=contract.currency,
        exchange=contract.exchange,
        primary_exchange=contract.primary_exchange,
        trading_class=contract.trading_class,
        price_magnifier=contract.price_magnifier,
        valid_exchanges=COMMA.join(details.valid_exchanges),
        listed_at=COMMA.join(details.listed_at),
        min_tick=details.min_tick,
        under_con_id=details.under_con_id or None,
        time_zone=details.time_zone,
        trading_hours=details.trading_hours,
        liquid_hours=details.liquid_hours,
        long_name=details.long_name,
        maturity=details.maturity,
        coupon=details.coupon,
        looked_up_at=details.looked_up_at,
    )
