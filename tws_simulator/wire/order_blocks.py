"""The parts of an order on the wire that are there or not, or are as long as they say."""

from __future__ import annotations

from math import inf

from tws_simulator.errors import MalformedRequest
from tws_simulator.wire import order_versions as since
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.order_requests import Leg

BENCHMARK_TYPES = frozenset({"PEG BENCH", "PEGBENCH"})
BEST_TYPES = frozenset({"PEG BEST", "PEGBEST"})
MIDDLE_TYPES = frozenset({"PEG MID", "PEGMID"})
#: The exchange whose orders have a least quantity to trade.
ATS = "IBKRATS"
#: Fields of a condition after its type: price, time, margin, execution, volume, per cent.
CONDITION_FIELDS = {1: 6, 3: 3, 4: 3, 5: 4, 6: 5, 7: 5}


def legs(fields: Fields) -> tuple[Leg, ...]:
    """Read a combination's legs, and pass over their prices and the routing parameters."""
    found = tuple(_leg(fields) for _ in range(fields.count()))
    for _ in range(fields.count()):
        fields.optional()
    _skip_pairs(fields)
    return found


def _leg(fields: Fields) -> Leg:
    leg = Leg(fields.integer(), fields.integer(), fields.text(), fields.text())
    fields.skip(4)  # open or close, short sale slot, location, exempt code
    return leg


def _skip_pairs(fields: Fields) -> None:
    for _ in range(fields.count()):
        fields.skip(2)


def skip_advisor_and_short_sale(fields: Fields) -> None:
    """Skip the fields of share allocation, model, and borrowing."""
    fields.skip(3)  # group, method, percentage
    if fields.version < since.NO_FA_PROFILE:
        fields.skip()
    fields.skip(4)  # model, short sale slot, location, exempt code


def skip_auction_and_volatility(fields: Fields) -> None:
    """Pass over the fields from rule 80A to the type of the reference price."""
    # rule 80A, settling firm, all or none, least quantity, offset, two that are always false and
    # one that is always unset, auction strategy, starting price, stock's reference price, delta,
    # range from and to, override, volatility, its type
    fields.skip(17)
    delta_neutral = fields.text()
    fields.optional()
    if delta_neutral:
        # contract, settling firm, clearing account and intent, open or close, short sale, its
        # slot and location
        fields.skip(8)
    fields.skip(2)


def skip_scale_hedge_and_clearing(fields: Fields) -> None:
    """Pass over the fields from the first level's size to the delta-neutral contract."""
    fields.skip(2)
    if (fields.optional() or 0.0) > 0:
        # price adjustment and its interval, profit offset, reset, first position, first fill,
        # random per cent
        fields.skip(7)
    fields.skip(3)  # table, start, stop
    if fields.text():
        fields.skip()  # the hedge's parameter
    fields.skip(4)  # opt out of smart routing, clearing account and intent, not held
    if fields.flag():
        fields.skip(3)


def algo(fields: Fields) -> str:
    """Read the algorithm's name, and pass over its parameters and its id."""
    name = fields.text()
    if name:
        _skip_pairs(fields)
    fields.skip()
    return name


def skip_benchmark(fields: Fields, order_type: str) -> None:
    """Pass over what a pegged-to-benchmark order follows."""
    if order_type in BENCHMARK_TYPES:
        fields.skip(5)


def conditions(fields: Fields) -> int:
    """Read how many conditions there are, and pass over them."""
    count = fields.count()
    for _ in range(count):
        kind = fields.integer()
        if kind not in CONDITION_FIELDS:
            raise MalformedRequest(f"a condition of type {kind}")
        fields.skip(CONDITION_FIELDS[kind])
    if count:
        fields.skip(2)  # outside regular hours, cancel
    return count


def skip_adjusted(fields: Fields) -> None:
    """Pass over what an order becomes when it is triggered, the operator and the dollar tier."""
    # type, trigger price, limit offset, stop price, stop limit price, trailing amount and its
    # unit, operator, tier's name and value
    fields.skip(10)


def skip_by_version(fields: Fields, exchange: str, order_type: str) -> None:
    """Pass over the rest, which grew from version to version."""
    # decision maker and algorithm, executing trader and algorithm, no automatic price for the
    # hedge, container, discretionary up to the limit, price management
    fields.skip(8)
    _skip_since(fields, since.DURATION)
    _skip_since(fields, since.POST_TO_ATS)
    _skip_since(fields, since.AUTO_CANCEL_PARENT)
    _skip_since(fields, since.ADVANCED_ORDER_REJECT)
    _skip_since(fields, since.MANUAL_ORDER_TIME)
    if fields.version >= since.PEG_OFFSETS:
        _skip_offsets(fields, exchange, order_type)
    _skip_since(fields, since.CUSTOMER_ACCOUNT)
    _skip_since(fields, since.PROFESSIONAL_CUSTOMER)
    if since.RFQ_FIELDS <= fields.version < since.NO_RFQ_FIELDS:
        fields.skip(2)
    _skip_since(fields, since.INCLUDE_OVERNIGHT)
    _skip_since(fields, since.CME_TAGGING)
    _skip_since(fields, since.IMBALANCE_ONLY)


def _skip_since(fields: Fields, version: int) -> None:
    if fields.version >= version:
        fields.skip()


def _skip_offsets(fields: Fields, exchange: str, order_type: str) -> None:
    if exchange == ATS:
        fields.skip()  # least quantity to trade
    middle = order_type in MIDDLE_TYPES
    if order_type in BEST_TYPES:
        fields.skip()  # least size to compete with
        middle = fields.offset() == inf  # compete up to the middle
    if middle:
        fields.skip(2)
