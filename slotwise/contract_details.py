"""What TWS's details say of one contract: asked for once, then kept.

TWS may answer with several rows for one contract, one for each place it is listed at (`ES` at CME
and at QBALGO), in any order. `merged` makes one value of them, whatever their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.contract import Contract
from slotwise.contract_routing import is_market, request_exchange

#: Fields of a contract that details fill in where a position row left them empty.
FILLED = ("symbol", "local_symbol", "expiry", "right", "primary_exchange", "trading_class")


class ContractDetails(msgspec.Struct, frozen=True, kw_only=True):
    """The details of one contract, as TWS gave them at `looked_up_at`.

    `contract` is the contract as the details name it. Its exchange is the one to ask at, empty
    where the details name none. Texts of hours are TWS's own, in `time_zone`.
    """

    contract: Contract
    looked_up_at: datetime
    #: Where orders and market data requests may go, in TWS's order.
    valid_exchanges: tuple[str, ...] = ()
    #: Exchanges of the rows that TWS answered with.
    listed_at: tuple[str, ...] = ()
    #: Smallest step of a price, in units of the quoted price.
    min_tick: Decimal | None = None
    #: Contract id of the underlying; 0 where there is none.
    under_con_id: int = 0
    time_zone: str = ""
    trading_hours: str = ""
    liquid_hours: str = ""
    long_name: str = ""
    #: Day on which a bond or bill is paid back, YYYYMMDD.
    maturity: str = ""
    #: Interest of a bond, percent of par a year.
    coupon: Decimal | None = None


class KeptContract(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of one contract: its details, or why there are none, or why no more."""

    con_id: int
    details: ContractDetails | None
    #: When TWS sent them.
    at: datetime
    #: Contract whose quotes TWS gives instead of its own (message 91); 0 where it gives its own.
    quoted_as: int = 0
    #: TWS's refusal of the newest look-up; empty where it answered.
    refusal: str = ""
    code: int = 0


def merged(rows: Sequence[ContractDetails]) -> ContractDetails:
    """Return the details that several rows of one contract give together."""
    ordered = sorted(rows, key=_by_place)
    first = ordered[0]
    valid = _unique(exchange for row in ordered for exchange in row.valid_exchanges)
    listed = _unique(exchange for row in ordered for exchange in row.listed_at)
    exchange = request_exchange(
        first.contract.sec_type, valid, "", listed, first.contract.primary_exchange
    )
    # The row of the exchange that is asked has the hours and steps that count.
    base = next((row for row in ordered if exchange in row.listed_at), first)
    # Money is price by both: those of two rows need not fit each other.
    has_both = (
        row.contract for row in (base, *ordered) if row.contract.price_magnifier is not None
    )
    factors = next(has_both, base.contract)
    return msgspec.structs.replace(
        base,
        contract=msgspec.structs.replace(
            base.contract,
            exchange=exchange,
            multiplier=factors.multiplier,
            price_magnifier=factors.price_magnifier,
        ),
        valid_exchanges=valid,
        listed_at=listed,
    )


def by_contract(rows: Iterable[ContractDetails]) -> dict[int, ContractDetails]:
    """Merge rows of several contracts, each contract once, in the order of their ids."""
    groups: dict[int, list[ContractDetails]] = {}
    for row in rows:
        groups.setdefault(row.contract.con_id, []).append(row)
    return {con_id: merged(groups[con_id]) for con_id in sorted(groups)}


def completed(held: Contract, details: ContractDetails | None) -> Contract:
    """Return a contract of a position, completed from its details.

    What the position row has stays; the magnifier, and whatever the row left empty, comes from
    the details. So does a multiplier that the row has wrong; where the details have none either,
    the magnifier is left out, so that the value is unknown. The same value is returned where
    nothing changes.
    """
    if details is None:
        return held
    known = details.contract
    changes: dict[str, object] = {
        name: value
        for name in FILLED
        if not getattr(held, name) and (value := getattr(known, name))
    }
    if len(known.expiry) >= len(held.expiry) and held.expiry != known.expiry:
        # The details have the contract's own day; a row may give the day in the login's zone.
        changes["expiry"] = known.expiry
    if held.strike is None and known.strike is not None:
        changes["strike"] = known.strike
    if held.multiplier == 1 and known.multiplier != 1:
        changes["multiplier"] = known.multiplier
    if not held.exchange and known.exchange:
        changes["exchange"] = known.exchange
    magnifier = known.price_magnifier
    if not held.multiplier_known:
        if known.multiplier == 1:
            magnifier = None
        else:
            changes["multiplier_known"] = True
    if magnifier != held.price_magnifier:
        changes["price_magnifier"] = magnifier
    return msgspec.structs.replace(held, **changes) if changes else held


def contradicts(held: Contract, details: ContractDetails) -> bool:
    """Return True where a position row names another contract than details that were kept.

    A share may have got another symbol, an option another multiplier, or the details may be those
    of another TWS, such as a simulator.
    """
    known = details.contract
    return (
        held.sec_type != known.sec_type
        or held.currency != known.currency
        or (held.symbol != known.symbol and bool(known.symbol) and bool(held.symbol))
        or (held.multiplier != known.multiplier and 1 not in (held.multiplier, known.multiplier))
        or (held.strike != known.strike and None not in (held.strike, known.strike))
    )


def request_contract(held: Contract | None, details: ContractDetails) -> Contract:
    """Return the contract that requests are made of: complete, at the exchange to ask."""
    contract = details.contract if held is None else completed(held, details)
    exchange = request_exchange(
        contract.sec_type,
        details.valid_exchanges,
        held.exchange if held is not None else "",
        details.listed_at,
        contract.primary_exchange,
    )
    if (
        contract.sec_type == "STK"
        and not contract.primary_exchange
        and is_market(contract.exchange)
    ):
        # Of several stocks with one symbol, the exchange of the position names the one.
        contract = msgspec.structs.replace(contract, primary_exchange=contract.exchange)
    return msgspec.structs.replace(contract, exchange=exchange)


def _by_place(row: ContractDetails) -> tuple[bool, str]:
    place = row.listed_at[0] if row.listed_at else ""
    return not is_market(place), place


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))
