"""Strategies of orders as clients may place them: what we read of them, and all we do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from math import inf
from typing import Any

from hypothesis import strategies as st

from workers.simulator.instruments.query import ContractQuery
from workers.simulator.wire.fields import INT_MAX
from workers.simulator.wire.order_requests import Leg, PlaceOrder

#: What IB's client lets pass.
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6)
#: Ids and counts; the largest int means "none".
ints = st.integers(0, INT_MAX - 1)
numbers = st.floats(-1e9, 1e9).filter(lambda value: value != INT_MAX)
prices = st.none() | numbers
quantities = st.decimals(0, 10**6, places=4)
ORDER_TYPES = (
    "LMT", "MKT", "STP", "TRAIL", "VOL", "PEG BENCH", "PEGBENCH", "PEG BEST", "PEGBEST", "PEG MID",
    "PEGMID",
)  # fmt: skip
#: Types of conditions: price, time, margin, execution, volume, per cent.
CONDITIONS = (1, 3, 4, 5, 6, 7)

_TEXTS = [
    "openClose",
    "faGroup",
    "faMethod",
    "faPercentage",
    "modelCode",
    "designatedLocation",
    "rule80A",
    "settlingFirm",
    "deltaNeutralOrderType",
    "deltaNeutralSettlingFirm",
    "deltaNeutralClearingAccount",
    "deltaNeutralClearingIntent",
    "deltaNeutralOpenClose",
    "deltaNeutralDesignatedLocation",
    "scaleTable",
    "activeStartTime",
    "activeStopTime",
    "hedgeType",
    "hedgeParam",
    "clearingAccount",
    "clearingIntent",
    "algoId",
    "referenceExchangeId",
    "adjustedOrderType",
    "extOperator",
    "mifid2DecisionMaker",
    "mifid2DecisionAlgo",
    "mifid2ExecutionTrader",
    "mifid2ExecutionAlgo",
]
_INTS = [
    "origin",
    "displaySize",
    "triggerMethod",
    "shortSaleSlot",
    "exemptCode",
    "minQty",
    "auctionStrategy",
    "volatilityType",
    "deltaNeutralConId",
    "deltaNeutralShortSaleSlot",
    "referencePriceType",
    "scaleInitLevelSize",
    "scaleSubsLevelSize",
    "scalePriceAdjustInterval",
    "scaleInitPosition",
    "scaleInitFillQty",
    "referenceContractId",
    "adjustableTrailingUnit",
]
_NUMBERS = [
    "discretionaryAmt",
    "percentOffset",
    "startingPrice",
    "stockRefPrice",
    "delta",
    "stockRangeLower",
    "stockRangeUpper",
    "volatility",
    "deltaNeutralAuxPrice",
    "scalePriceIncrement",
    "scalePriceAdjustValue",
    "scaleProfitOffset",
    "peggedChangeAmount",
    "referenceChangeAmount",
    "triggerPrice",
    "lmtPriceOffset",
    "adjustedStopPrice",
    "adjustedStopLimitPrice",
    "adjustedTrailingAmount",
]
_FLAGS = [
    "blockOrder",
    "sweepToFill",
    "hidden",
    "allOrNone",
    "overridePercentageConstraints",
    "deltaNeutralShortSale",
    "continuousUpdate",
    "scaleAutoReset",
    "scaleRandomPercent",
    "optOutSmartRouting",
    "notHeld",
    "solicited",
    "randomizeSize",
    "randomizePrice",
    "isPeggedChangeAmountDecrease",
    "conditionsIgnoreRth",
    "conditionsCancelOrder",
    "dontUseAutoPriceForHedge",
    "isOmsContainer",
    "discretionaryUpToLimitPrice",
    "usePriceMgmtAlgo",
]
#: Fields the official client refuses to send before a version.
SINCE = {
    "duration": 158, "postToAts": 160, "autoCancelParent": 162, "advancedErrorOverride": 166,
    "manualOrderTime": 169, "minTradeQty": 170, "minCompeteSize": 170,
    "competeAgainstBestOffset": 170, "midOffsetAtWhole": 170, "midOffsetAtHalf": 170,
    "customerAccount": 183, "professionalCustomer": 184, "includeOvernight": 189,
    "manualOrderIndicator": 192, "imbalanceOnly": 199,
}  # fmt: skip

unread = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(_TEXTS, texts),
        **dict.fromkeys(_INTS, ints),
        **dict.fromkeys(_NUMBERS, numbers),
        **dict.fromkeys(_FLAGS, st.booleans()),
        "duration": ints, "postToAts": ints, "autoCancelParent": st.booleans(),
        "advancedErrorOverride": texts, "manualOrderTime": texts, "minTradeQty": ints,
        "minCompeteSize": ints, "competeAgainstBestOffset": numbers | st.just(inf),
        "midOffsetAtWhole": numbers, "midOffsetAtHalf": numbers, "customerAccount": texts,
        "professionalCustomer": st.booleans(), "includeOvernight": st.booleans(),
        "manualOrderIndicator": ints, "imbalanceOnly": st.booleans(),
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """Hold what we read of an order, and what a client may send besides."""

    read: PlaceOrder
    unread: dict[str, Any]
    conditions: list[tuple[int, bool, str, int, float]] = field(default_factory=list)
    leg_prices: list[float | None] = field(default_factory=list)
    #: Of the routing, of the algorithm, and of the miscellaneous options.
    pairs: tuple[list[tuple[str, str]], ...] = ([], [], [])
    delta_neutral: bool = False


contracts = st.builds(
    ContractQuery,
    con_id=ints,
    symbol=texts,
    sec_type=st.sampled_from(["STK", "OPT", "BAG", "BAG"]),
    expiry=texts,
    strike=st.floats(0, 1e5),
    right=texts,
    multiplier=texts,
    exchange=st.sampled_from(["SMART", "IBKRATS", ""]),
    primary_exchange=texts,
    currency=texts,
    local_symbol=texts,
    trading_class=texts,
)
_pairs = st.lists(st.tuples(texts, texts), max_size=3)


@st.composite
def placed(draw: st.DrawFn) -> Placed:
    """Draw an order of any kind."""
    query = draw(contracts)
    conditions = draw(
        st.lists(
            st.tuples(st.sampled_from(CONDITIONS), st.booleans(), texts, ints, numbers), max_size=3
        )
    )
    is_bag = query.sec_type == "BAG"
    leg = st.builds(Leg, con_id=ints, ratio=ints, action=texts, exchange=texts)
    quantity: Decimal = draw(quantities)
    read = PlaceOrder(
        order_id=draw(ints),
        contract=query,
        action=draw(st.sampled_from(["BUY", "SELL", "SSHORT"])),
        quantity=quantity,
        order_type=draw(st.sampled_from(ORDER_TYPES)),
        legs=tuple(draw(st.lists(leg, max_size=4))) if is_bag else (),
        limit_price=draw(prices),
        aux_price=draw(prices),
        tif=draw(texts),
        oca_group=draw(texts),
        oca_type=draw(ints),
        account=draw(texts),
        order_ref=draw(texts),
        transmit=draw(st.booleans()),
        parent_id=draw(ints),
        outside_rth=draw(st.booleans()),
        what_if=draw(st.booleans()),
        good_after=draw(texts),
        good_till=draw(texts),
        trail_stop_price=draw(prices),
        trailing_percent=draw(prices),
        algo=draw(texts),
        conditions=len(conditions),
        cash_quantity=draw(prices),
    )
    return Placed(
        read,
        draw(unread),
        conditions,
        draw(st.lists(prices, max_size=4)) if is_bag else [],
        (draw(_pairs), draw(_pairs), draw(_pairs)),
        draw(st.booleans()),
    )
