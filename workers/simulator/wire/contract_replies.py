"""Replies about contracts."""

from __future__ import annotations

from collections.abc import Iterable

from workers.simulator.instruments.contract import Contract
from workers.simulator.instruments.details import Details
from workers.simulator.wire.frames import frame
from workers.simulator.wire.ids import Reply

#: Versions at which the layout of contract data changes.
VERSION_SIZE_INCREMENT = 163
VERSION_SIZES = 164
VERSION_ZONED_TIME = 178
VERSION_LAST_TRADE_DATE = 182
VERSION_INELIGIBILITY = 186
#: From this version on symbol samples carry a description and an issuer.
VERSION_DESCRIPTION = 176


def contract_data(version: int, req_id: int, details: Details) -> bytes:
    """Encode the details of one contract."""
    c = details.contract
    head: tuple[object, ...] = (
        (Reply.CONTRACT_DATA, req_id)
        if version >= VERSION_SIZES
        else (Reply.CONTRACT_DATA, 8, req_id)
    )
    last_trade = _last_trade(version, details)
    return frame(
        *head,
        c.symbol, c.sec_type, last_trade,
        *((c.expiry,) if version >= VERSION_LAST_TRADE_DATE else ()),
        c.strike, c.right, details.exchange, c.currency, c.local_symbol, c.trading_class,
        c.trading_class, c.con_id, c.min_tick,
        *(() if version >= VERSION_SIZES else (100,)),
        c.multiplier_text, details.order_types, ",".join(details.valid_exchanges), 1,
        c.under_con_id, c.long_name, c.primary_exchange, c.expiry[:6],
        details.industry, details.category, details.subcategory, details.zone,
        details.trading_hours, details.liquid_hours, "", "", 0,
        details.agg_group, details.under_symbol, details.under_sec_type,
        ",".join(details.market_rule_ids), c.expiry, details.stock_type,
        *_sizes(version, details),
        *((0,) if version >= VERSION_INELIGIBILITY else ()),
    )  # fmt: skip


def _last_trade(version: int, details: Details) -> str:
    """Write the last trade date with its time, in the way of the version."""
    expiry, at = details.contract.expiry, details.last_trade_time
    if not expiry:
        return ""
    if version >= VERSION_ZONED_TIME:
        return f"{expiry} {at} {details.zone}"
    return f"{expiry}-{at}"


def _sizes(version: int, details: Details) -> tuple[object, ...]:
    if version >= VERSION_SIZES:
        return (details.min_size, details.size_increment, details.suggested_increment)
    if version == VERSION_SIZE_INCREMENT:
        return (details.suggested_increment,)
    return ()


def contract_data_end(req_id: int) -> bytes:
    """Encode the end of contract details."""
    return frame(Reply.CONTRACT_DATA_END, 1, req_id)


def option_params(
    req_id: int,
    exchange: str,
    under_con_id: int,
    trading_class: str,
    multiplier: int,
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
