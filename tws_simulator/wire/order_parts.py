"""What messages about orders have in common: the contract, legs, prices, times.

Values that were not set are spelt as TWS spells them; where it has several spellings, each field
has its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tws_simulator.book.order import ComboLeg, Order
from tws_simulator.instruments.contract import Contract
from tws_simulator.java_numbers import INT_MAX, UNSET_DOUBLE

#: TWS's "no value" of an int.
UNSET_INT = INT_MAX
#: The id that every combination in US dollars has; it is its local symbol as well.
BAG_CON_ID = 28812380
BAG_CLASS = "COMB"
#: How TWS spells "no right" and "no strike", in orders and in fills.
IN_ORDERS: tuple[str, object] = ("?", 0)
IN_FILLS: tuple[str, object] = ("", 0.0)


def described(
    contract: Contract, exchange: str, *, bag: bool, nothing: tuple[str, object]
) -> tuple[object, ...]:
    """Return the eleven fields that name an order's contract, or a combination's."""
    no_right, no_strike = nothing
    if bag:
        return (
            BAG_CON_ID, contract.symbol, "BAG", "", no_strike, no_right, "", exchange,
            contract.currency, BAG_CON_ID, BAG_CLASS,
        )  # fmt: skip
    return (
        contract.con_id, contract.symbol, contract.sec_type, contract.expiry,
        contract.strike or no_strike, contract.right or no_right, contract.multiplier_text,
        exchange, contract.currency, contract.local_symbol, contract.trading_class,
    )  # fmt: skip


def of_order(order: Order) -> tuple[object, ...]:
    """Return the eleven fields that name an order's contract."""
    return described(order.contract, order.exchange, bag=bool(order.legs), nothing=IN_ORDERS)


def legs(order: Order) -> tuple[object, ...]:
    """Return a combination's description, its legs, no leg prices and no routing parameters."""
    description = ",".join(f"{leg.contract.con_id}|{_signed_ratio(leg)}" for leg in order.legs)
    return (
        description, len(order.legs),
        *(part for leg in order.legs for part in _leg(leg)),
        0, 0,
    )  # fmt: skip


def _signed_ratio(leg: ComboLeg) -> int:
    return leg.ratio if leg.action == "BUY" else -leg.ratio


def _leg(leg: ComboLeg) -> tuple[object, ...]:
    return (leg.contract.con_id, leg.ratio, leg.action, leg.exchange, 0, 0, "", -1)


def price(value: float | None) -> object:
    """Return a limit or auxiliary price: TWS sends 0.0 where there is none."""
    return 0.0 if value is None else value


def amount(value: float | None) -> object:
    """Return a sum of money: TWS sends 0 where there is none."""
    return 0 if value is None else value


def or_empty(value: float | None) -> object:
    """Return a number, or nothing."""
    return "" if value is None else value


def or_unset(value: float | None) -> object:
    """Return a number, or TWS's "no value"."""
    return UNSET_DOUBLE if value is None else value


def zoned(at: float, zone: str) -> str:
    """Write a time in a zone, with the zone's name: 20261218 16:00:00 US/Eastern."""
    place = UTC if zone == "UTC" else ZoneInfo(zone)
    # Whole seconds first: a time just before a second would be rounded up to it.
    return f"{datetime.fromtimestamp(int(at), place):%Y%m%d %H:%M:%S} {zone}"
