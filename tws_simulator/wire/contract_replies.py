"""Replies about contracts."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.details import Details
from tws_simulator.instruments.kinds import KINDS
from tws_simulator.wire.fields import double_text
from tws_simulator.wire.frames import frame
from tws_simulator.wire.ids import Reply

#: Versions at which the layout of contract data changes.
VERSION_SIZE_INCREMENT = 163
VERSION_SIZES = 164
VERSION_ZONED_TIME = 178
VERSION_FUND_FIELDS = 179
VERSION_LAST_TRADE_DATE = 182
VERSION_INELIGIBILITY = 186
VERSION_BOND_HOURS = 188
#: From this version on symbol samples carry a description and an issuer.
VERSION_DESCRIPTION = 176
#: A size multiplier that newer versions leave out.
SIZE_MULTIPLIER = 100
#: Fields of a fund from its name to its distribution policy and asset type; TWS's enumerations
#: have "None" for what is not known.
FUND_FIELDS = ("", "", "", "", "", "", "", 0, 0, 0, "", "", "", "", "", "None", "None")


def contract_data(version: int, req_id: int, details: Details) -> bytes:
    """Encode one row of the details of a contract: message 10, or 18 for bonds and bills."""
    if KINDS[details.contract.sec_type].has_par:
        return _bond_data(version, req_id, details)
    c = details.contract
    return frame(
        *_head(Reply.CONTRACT_DATA, 8, version, req_id),
        c.symbol, c.sec_type, _last_trade(version, details),
        *((c.expiry,) if version >= VERSION_LAST_TRADE_DATE else ()),
        double_text(c.strike) if c.strike else 0, c.right, details.exchange, c.currency,
        c.local_symbol, details.market_name, c.trading_class, c.con_id, _min_tick(details),
        *(() if version >= VERSION_SIZES else (SIZE_MULTIPLIER,)),
        c.multiplier_text, details.order_types, ",".join(details.valid_exchanges),
        c.price_magnifier, details.under_con_id, _escape(details.long_name),
        c.primary_exchange, details.contract_month,
        details.industry, details.category, details.subcategory, details.zone,
        details.trading_hours, details.liquid_hours, "", "", *_sec_ids(details),
        details.agg_group, details.under_symbol, details.under_sec_type,
        ",".join(details.market_rule_ids), details.real_expiry, details.stock_type,
        *_sizes(version, details),
        *(FUND_FIELDS if version >= VERSION_FUND_FIELDS and c.sec_type == "FUND" else ()),
        *((0,) if version >= VERSION_INELIGIBILITY else ()),
    )  # fmt: skip


def _bond_data(version: int, req_id: int, details: Details) -> bytes:
    """Encode the details of a bond or bill: without a symbol, and hours only in new versions."""
    c, listing = details.contract, details.contract.listing
    return frame(
        *_head(Reply.BOND_CONTRACT_DATA, 6, version, req_id),
        "", c.sec_type, listing.cusip or "", listing.coupon or 0, details.last_trade.day,
        listing.issue_date or "", listing.ratings or "", listing.bond_type or "",
        listing.coupon_type or "", int(listing.convertible or False),
        int(listing.callable or False), int(listing.putable or False),
        listing.description or "", details.exchange, c.currency, details.market_name,
        c.trading_class, c.con_id, _min_tick(details),
        *(() if version >= VERSION_SIZES else (SIZE_MULTIPLIER,)),
        details.order_types, ",".join(details.valid_exchanges),
        "", "", 0,  # date, type and part of the next option
        listing.notes or "", details.long_name,
        *(("", "", "") if version >= VERSION_BOND_HOURS else ()),
        "", 0, *_sec_ids(details), details.agg_group, ",".join(details.market_rule_ids),
        *(details.sizes if version >= VERSION_SIZES else ()),
    )  # fmt: skip


def _head(reply: Reply, message_version: int, version: int, req_id: int) -> tuple[int, ...]:
    return (reply, req_id) if version >= VERSION_SIZES else (reply, message_version, req_id)


def _min_tick(details: Details) -> str:
    """Write the step of prices in money: a quarter of a cent is 0.0025 (recorded for corn)."""
    c = details.contract
    if c.listing.min_tick is not None:
        return c.listing.min_tick
    return double_text(float(Decimal(str(c.min_tick)) / c.price_magnifier))


def _escape(name: str) -> str:
    """Write a name in ASCII, with escapes that clients read back (at all versions served here)."""
    return name.encode("unicode-escape").decode()


def _sec_ids(details: Details) -> tuple[object, ...]:
    ids = details.sec_ids
    return (len(ids), *(part for pair in ids for part in pair))


def _last_trade(version: int, details: Details) -> str:
    """Write the last trade's date, with its time and zone in the way of the version."""
    day, at, zone = details.last_trade
    if not day or not at:
        return day
    if version >= VERSION_ZONED_TIME:
        return f"{day} {at} {zone}"
    return f"{day}-{at}"


def _sizes(version: int, details: Details) -> tuple[object, ...]:
    if version >= VERSION_SIZES:
        return details.sizes
    return details.sizes[-1:] if version == VERSION_SIZE_INCREMENT else ()


def contract_data_end(req_id: int) -> bytes:
    """Encode the end of contract details."""
    return frame(Reply.CONTRACT_DATA_END, 1, req_id)


def option_params(
    req_id: int,
    exchange: str,
    under_con_id: int,
    trading_class: str,
    multiplier: str,
    expiries: Iterable[str],
    strikes: Iterable[float],
) -> bytes:
    """Encode one exchange's option chain."""
    dates, prices = list(expiries), list(strikes)
    return frame(
        Reply.SEC_DEF_OPT_PARAMS, req_id, exchange, under_con_id, trading_class, multiplier,
        len(dates), *dates, len(prices), *prices,
    )  # fmt: skip


def option_params_end(req_id: int) -> bytes:
    """Encode the end of option chains."""
    return frame(Reply.SEC_DEF_OPT_PARAMS_END, req_id)


def market_rule(rule_id: int, increments: Iterable[tuple[float, float]]) -> bytes:
    """Encode a rule: from which price on which increment holds."""
    rows = list(increments)
    return frame(Reply.MARKET_RULE, rule_id, len(rows), *(part for row in rows for part in row))


def smart_components(req_id: int, exchanges: Iterable[tuple[str, str]]) -> bytes:
    """Encode which exchanges, with their letters, are behind a code of best bid and offer."""
    rows = list(exchanges)
    parts = (part for bit, row in enumerate(rows) for part in (bit, *row))
    return frame(Reply.SMART_COMPONENTS, req_id, len(rows), *parts)


def symbol_samples(
    version: int, req_id: int, contracts: Iterable[Contract], optionable: frozenset[str]
) -> bytes:
    """Encode contracts that fit a pattern, with the types derived from each."""
    rows: list[object] = []
    count = 0
    for contract in contracts:
        count += 1
        rows += [
            contract.con_id, contract.symbol, contract.sec_type,
            contract.primary_exchange or contract.exchange, contract.currency,
        ]  # fmt: skip
        rows += [1, "OPT"] if contract.symbol in optionable else [0]
        if version >= VERSION_DESCRIPTION:
            rows += [contract.long_name, ""]
    return frame(Reply.SYMBOL_SAMPLES, req_id, count, *rows)
