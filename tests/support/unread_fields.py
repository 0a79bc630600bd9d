"""Strategies of the fields of an order that mean nothing to us, under their names in clients."""

from __future__ import annotations

from math import inf

from hypothesis import strategies as st

from tws_simulator.java_numbers import INT_MAX

#: What IB's client lets pass.
texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6)
#: Ids and counts; the largest int means "none".
ints = st.integers(0, INT_MAX - 1)
numbers = st.floats(-1e9, 1e9).filter(lambda value: value != INT_MAX)

_TEXTS = (
    "openClose", "faGroup", "faMethod", "faPercentage", "modelCode", "designatedLocation",
    "rule80A", "settlingFirm", "deltaNeutralOrderType", "deltaNeutralSettlingFirm",
    "deltaNeutralClearingAccount", "deltaNeutralClearingIntent", "deltaNeutralOpenClose",
    "deltaNeutralDesignatedLocation", "scaleTable", "activeStartTime", "activeStopTime",
    "hedgeType", "hedgeParam", "clearingAccount", "clearingIntent", "algoId",
    "referenceExchangeId", "adjustedOrderType", "extOperator", "mifid2DecisionMaker",
    "mifid2DecisionAlgo", "mifid2ExecutionTrader", "mifid2ExecutionAlgo",
)  # fmt: skip
_INTS = (
    "origin", "displaySize", "triggerMethod", "shortSaleSlot", "exemptCode", "minQty",
    "auctionStrategy", "volatilityType", "deltaNeutralConId", "deltaNeutralShortSaleSlot",
    "referencePriceType", "scaleInitLevelSize", "scaleSubsLevelSize", "scalePriceAdjustInterval",
    "scaleInitPosition", "scaleInitFillQty", "referenceContractId", "adjustableTrailingUnit",
)  # fmt: skip
_NUMBERS = (
    "discretionaryAmt", "percentOffset", "startingPrice", "stockRefPrice", "delta",
    "stockRangeLower", "stockRangeUpper", "volatility", "deltaNeutralAuxPrice",
    "scalePriceIncrement", "scalePriceAdjustValue", "scaleProfitOffset", "peggedChangeAmount",
    "referenceChangeAmount", "triggerPrice", "lmtPriceOffset", "adjustedStopPrice",
    "adjustedStopLimitPrice", "adjustedTrailingAmount",
)  # fmt: skip
_FLAGS = (
    "blockOrder", "sweepToFill", "hidden", "allOrNone", "overridePercentageConstraints",
    "deltaNeutralShortSale", "continuousUpdate", "scaleAutoReset", "scaleRandomPercent",
    "optOutSmartRouting", "notHeld", "solicited", "randomizeSize", "randomizePrice",
    "isPeggedChangeAmountDecrease", "conditionsIgnoreRth", "conditionsCancelOrder",
    "dontUseAutoPriceForHedge", "isOmsContainer", "discretionaryUpToLimitPrice",
    "usePriceMgmtAlgo",
)  # fmt: skip
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
