"""A contract in a few words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from slotwise.contract import Contract
from slotwise.position import newest_by_key
from tests.support.values import contract, option, position

LABELS = [
    (contract(1, symbol="AAPL"), "AAPL"),
    (option(1, strike=Decimal("560.0")), "SPY 20261218 P 560"),
    (option(1, strike=Decimal("12.50"), right="C"), "SPY 20261218 C 12.5"),
    (option(1, strike=Decimal(4000)), "SPY 20261218 P 4000"),
    (contract(1, symbol="ES", sec_type="FUT", expiry="20261218"), "ES FUT 20261218"),
    (contract(1, symbol="VIX", sec_type="IND"), "VIX IND"),
]


@pytest.mark.parametrize(("named", "label"), LABELS, ids=[label for _, label in LABELS])
def test_a_label_says_what_it_is(named: Contract, label: str) -> None:
    assert named.label == label


def test_the_last_word_on_a_holding_counts() -> None:
    """A push during a poll repeats a holding in the answer."""
    old, other, new = position(1, 10), position(2), position(1, 12)
    assert newest_by_key([old, other, new]) == (new, other)


def test_accounts_keep_their_holdings_apart() -> None:
    mine, yours = position(1), position(1, account="DU2")
    assert newest_by_key([mine, yours]) == (mine, yours)
