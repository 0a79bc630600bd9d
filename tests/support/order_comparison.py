"""Readers of our messages on orders, and how to compare what they read with what we wrote."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.support.order_listeners import read_by_ib_async, read_by_official
from tests.support.versions import versions
from tws_simulator.instruments.contract import Contract
from tws_simulator.java_numbers import UNSET_DOUBLE

UNSET = float(UNSET_DOUBLE)
VERSIONS = versions()
#: The newest version ib_async speaks.
IB_ASYNC_NEWEST = 178
HEARERS = [(read_by_official, version) for version in VERSIONS] + [
    (read_by_ib_async, version) for version in VERSIONS if version <= IB_ASYNC_NEWEST
]
by_everyone = pytest.mark.parametrize(
    ("hear", "version"), HEARERS, ids=[f"{hear.__name__}-{v}" for hear, v in HEARERS]
)


def like(hear: Any, value: Decimal) -> Decimal | float:
    """Give a quantity as the library does."""
    return float(value) if hear is read_by_ib_async else value


def or_unset(value: float | None) -> float:
    """Give a number, or what the libraries make of TWS's "no value"."""
    return UNSET if value is None else value


def seconds_of(text: str) -> int:
    """Read a time of UTC, written without blanks."""
    return int(datetime.strptime(text, "%Y%m%d%H:%M:%S").replace(tzinfo=UTC).timestamp())


def same_contract(
    theirs: Any, ours: Contract, exchange: str, *, is_bag: bool, no_right: str
) -> None:
    """Compare a contract; orders have a sign for "no right", fills have nothing."""
    assert (theirs.symbol, theirs.exchange, theirs.currency) == (
        ours.symbol, exchange, ours.currency,
    )  # fmt: skip
    if is_bag:
        assert (theirs.secType, theirs.tradingClass, theirs.strike) == ("BAG", "COMB", 0)
        assert (theirs.lastTradeDateOrContractMonth, theirs.multiplier) == ("", "")
        assert (str(theirs.conId), theirs.right) == (theirs.localSymbol, no_right)
        return
    assert (theirs.conId, theirs.secType, theirs.strike) == (
        ours.con_id, ours.sec_type, ours.strike,
    )  # fmt: skip
    assert theirs.lastTradeDateOrContractMonth == ours.expiry
    assert theirs.right == (ours.right or no_right)
    assert (theirs.localSymbol, theirs.tradingClass) == (ours.local_symbol, ours.trading_class)
    assert theirs.multiplier == ours.multiplier_text
