"""Contracts kept in the lake: the newest look-up of each, so that a start asks for none again."""

from __future__ import annotations

import sys
from decimal import Decimal

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, KeptContract
from slotwise.lake.contract_rows import COMMA, ContractRow
from slotwise.lake.foreign import values_of
from slotwise.lake.query_parts import columns_for, first_of_each
from slotwise.lake.schemas import CONTRACTS
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake


def kept_contract(row: ContractRow) -> KeptContract:
    """Return what a row keeps of a contract."""
    return KeptContract(
        con_id=row.con_id,
        details=_details(row),
        at=row.at,
        quoted_as=row.quoted_as or 0,
        refusal=row.refusal or "",
        code=row.refusal_code or 0,
    )


def kept_contracts(lake: Lake) -> list[KeptContract]:
    """Read what is kept of each contract: its newest row; nothing where there is no table.

    Raises LakeError.
    """
    if not lake.has(CONTRACTS.name):
        return []
    newest = first_of_each(
        columns_for(ContractRow),
        CONTRACTS.name,
        per="con_id",
        order="at DESC, coalesce(landing, 0) DESC",
    )
    rows = ask(lake, newest, CONTRACTS.name)
    return [kept_contract(row) for row in values_of(rows, ContractRow, CONTRACTS.name)]


def _details(row: ContractRow) -> ContractDetails | None:
    if row.sec_type is None or row.looked_up_at is None:
        return None
    return ContractDetails(
        contract=Contract(
            con_id=row.con_id,
            symbol=row.symbol or "",
            sec_type=row.sec_type,
            local_symbol=row.local_symbol or "",
            expiry=row.expiry or "",
            strike=_plain(row.strike),
            right=row.right or "",
            multiplier=_plain(row.multiplier) or Decimal(1),
            currency=row.currency or "",
            exchange=row.exchange or "",
            primary_exchange=row.primary_exchange or "",
            trading_class=row.trading_class or "",
            # Without its multiplier a value is as unknown as without its magnifier.
            price_magnifier=None if row.multiplier is None else row.price_magnifier,
        ),
        looked_up_at=row.looked_up_at,
        valid_exchanges=_names(row.valid_exchanges),
        listed_at=_names(row.listed_at),
        min_tick=_plain(row.min_tick),
        under_con_id=row.under_con_id or 0,
        time_zone=row.time_zone or "",
        # Thousands of contracts share these texts.
        trading_hours=sys.intern(row.trading_hours or ""),
        liquid_hours=sys.intern(row.liquid_hours or ""),
        long_name=row.long_name or "",
        maturity=row.maturity or "",
        coupon=_plain(row.coupon),
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple((text or "").split(COMMA)) if text else ()


def _plain(value: Decimal | None) -> Decimal | None:
    """Return a number without the zeros that fill its column: 100, not 100.000000."""
    if value is None:
        return None
    return Decimal(int(value)) if value == value.to_integral_value() else value.normalize()
