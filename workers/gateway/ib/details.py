"""Contract details, read from TWS's messages field by field.

ib_async's decoder is not used for them: it reads a bond's coupon as a whole number and raises, and
takes a zone within the last-trade field for the zone of the exchange (`slotwise.last_trade`). A
field that cannot be read counts as not given, so that it costs the contract nothing else.

Layouts are those of the text protocol, server versions 157 to 178:

* message 10: a contract; 28 fields, then pairs of security ids, then the rest;
* message 18: a bond or bill, without a symbol, hours and magnifier.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails
from slotwise.last_trade import expiry_day
from workers.gateway.ib.translate import decimal_if_any, multiplier_if_any

#: Message ids.
CONTRACT_DETAILS, BOND_DETAILS = 10, 18
#: From this server version on, messages 10 and 18 have no version field and no size multiplier.
WITHOUT_VERSION = 164
#: Field of the request id, once the version field is taken out.
REQUEST_ID = 1
#: Bonds and bills are quoted in percent of par, never in a part of their currency.
BOND_MAGNIFIER = 1
#: Numbers that fit IB's ids.
LARGEST_ID = 2**31 - 1

# Fields of message 10 and of message 18, from the message id on.
_CONTRACT = (
    "", "", "symbol", "sec_type", "last_trade", "strike", "right", "exchange", "currency",
    "local_symbol", "market_name", "trading_class", "con_id", "min_tick", "multiplier",
    "order_types", "valid_exchanges", "price_magnifier", "under_con_id", "long_name",
    "primary_exchange", "contract_month", "industry", "category", "subcategory", "time_zone",
    "trading_hours", "liquid_hours", "ev_rule", "ev_multiplier", "sec_ids",
)  # fmt: skip
_BOND = (
    "", "", "symbol", "sec_type", "cusip", "coupon", "maturity", "issue_date", "ratings",
    "bond_type", "coupon_type", "convertible", "callable", "putable", "description", "exchange",
    "currency", "market_name", "trading_class", "con_id", "min_tick", "order_types",
    "valid_exchanges", "next_option_date", "next_option_type", "next_option_partial", "notes",
    "long_name", "ev_rule", "ev_multiplier", "sec_ids",
)  # fmt: skip
#: Fields after the security ids of message 10, to the real expiration date.
_AFTER_IDS = ("agg_group", "under_symbol", "under_sec_type", "market_rules", "real_expiration")
#: How TWS writes a character that is not ASCII.
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def details_from(fields: Sequence[str], server_version: int, now: datetime) -> ContractDetails:
    """Read one row of details; raises ValueError where it names no contract."""
    message = list(fields)
    if server_version < WITHOUT_VERSION:
        del message[1]
    is_bond = int(message[0]) == BOND_DETAILS
    names = _BOND if is_bond else _CONTRACT
    if server_version < WITHOUT_VERSION:
        size_multiplier = names.index("min_tick") + 1
        del message[size_multiplier : size_multiplier + 1]
    # A message that ends early lacks its last fields.
    row = dict.fromkeys(names, "") | dict(zip(names, message, strict=False))
    con_id = _whole(row["con_id"])
    if not con_id:
        raise ValueError(f"contract id {row['con_id']!r}")
    return (
        _bond(row, con_id, now) if is_bond else _contract(row, con_id, now, message[len(names) :])
    )


def request_id(fields: Sequence[str], server_version: int) -> int:
    """Return the id of the request that a row of details answers."""
    return int(fields[REQUEST_ID + (server_version < WITHOUT_VERSION)])


def _contract(
    row: dict[str, str], con_id: int, now: datetime, rest: Sequence[str]
) -> ContractDetails:
    tail = rest[2 * (_whole(row["sec_ids"]) or 0) :]
    row = row | dict(zip(_AFTER_IDS, tail, strict=False))
    zone, local_symbol = row["time_zone"].strip(), row["local_symbol"].strip()
    multiplier = multiplier_if_any(row["multiplier"])
    return ContractDetails(
        contract=Contract(
            con_id=con_id,
            symbol=row["symbol"],
            sec_type=row["sec_type"],
            local_symbol=local_symbol,
            expiry=expiry_day(
                row["last_trade"],
                local_symbol=local_symbol,
                zone_name=zone,
                real_expiration=row.get("real_expiration", "").strip(),
            ),
            strike=decimal_if_any(row["strike"]) or None,
            right=row["right"][:1] if row["right"][:1] in ("C", "P") else "",
            multiplier=multiplier or Decimal(1),
            currency=row["currency"],
            exchange=row["exchange"],
            primary_exchange=row["primary_exchange"],
            trading_class=row["trading_class"],
            # Without its multiplier a contract's value is as unknown as without its magnifier.
            price_magnifier=None if multiplier is None else _whole(row["price_magnifier"]),
        ),
        looked_up_at=now,
        valid_exchanges=_names(row["valid_exchanges"]),
        listed_at=_names(row["exchange"]),
        min_tick=decimal_if_any(row["min_tick"]),
        under_con_id=_whole(row["under_con_id"]) or 0,
        time_zone=zone,
        # Thousands of contracts share these texts.
        trading_hours=sys.intern(row["trading_hours"]),
        liquid_hours=sys.intern(row["liquid_hours"]),
        long_name=_unescape(row["long_name"]),
    )


def _bond(row: dict[str, str], con_id: int, now: datetime) -> ContractDetails:
    return ContractDetails(
        contract=Contract(
            con_id=con_id,
            symbol=row["symbol"],
            sec_type=row["sec_type"],
            currency=row["currency"],
            exchange=row["exchange"],
            trading_class=row["trading_class"],
            price_magnifier=BOND_MAGNIFIER,
        ),
        looked_up_at=now,
        valid_exchanges=_names(row["valid_exchanges"]),
        listed_at=_names(row["exchange"]),
        min_tick=decimal_if_any(row["min_tick"]),
        long_name=_unescape(row["long_name"]),
        maturity=expiry_day(row["maturity"]),
        coupon=decimal_if_any(row["coupon"]),
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (name.strip() for name in text.split(",")))))


def _whole(text: str) -> int | None:
    """Read a positive whole number; None for anything else."""
    value = decimal_if_any(text)
    if value is None or not 0 < value <= LARGEST_ID or value != int(value):
        return None
    return int(value)


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), text)
