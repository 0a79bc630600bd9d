"""A contract in a few words."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.contract import Contract
from slotwise.errors import InputError
from slotwise.leg import BY_ID_ONLY, KINDS, read_leg
from slotwise.position import newest_by_key
from slotwise.rules.leg_resolution import fits
from tests.support.effort import examples
from tests.support.values import contract, option, position

LABELS = [
    (contract(1, symbol="AAPL"), "AAPL"),
    (option(1, strike=Decimal("560.0")), "SPY 20261218 P 560"),
    (option(1, strike=Decimal("12.50"), right="C"), "SPY 20261218 C 12.5"),
    (option(1, strike=Decimal(4000)), "SPY 20261218 P 4000"),
    (contract(1, symbol="ES", sec_type="FUT", expiry="20261218"), "ES FUT 20261218"),
    (contract(1, symbol="VIX", sec_type="IND"), "VIX IND"),
    (contract(1, symbol="GAW", currency="GBP"), "GAW GBP"),
    (contract(1, symbol="7203", currency="JPY"), "7203 JPY"),
    (contract(1, symbol="700"), '"700"'),
    (contract(1, symbol="CIG C"), '"CIG C"'),
    (contract(1, symbol="BRK B"), "BRK B"),
    (contract(1, symbol="EUR", sec_type="CASH"), "EUR.USD CASH"),
    (contract(1, symbol="US-T", sec_type="BOND", expiry="20300930"), "US-T BOND 20300930"),
    (
        contract(1, symbol="US-T", sec_type="BOND", local_symbol="T 0 1/4 09/30/30"),
        "T 0 1/4 09/30/30 BOND",
    ),
    (
        contract(1, symbol="UKT", sec_type="BILL", local_symbol="UKT 0 01/15/27", currency="GBP"),
        "UKT 0 01/15/27 BILL GBP",
    ),
    (contract(815824267, symbol="", sec_type="BOND"), "815824267"),
    (contract(1, symbol="", sec_type=""), ""),
    (
        option(1, symbol="ES", sec_type="FOP", strike=Decimal(5550), trading_class="EW3"),
        "ES FOP 20261218 P 5550 (EW3)",
    ),
]


@pytest.mark.parametrize(("named", "label"), LABELS, ids=[label for _, label in LABELS])
def test_a_label_says_what_it_is(named: Contract, label: str) -> None:
    assert named.label == label


SYMBOLS = st.sampled_from(
    [
        "SPY",
        "BRK B",
        "CIG C",
        "7203",
        "EUR",
        "ALL",
        "SPX",
        "EUR.USD",
        "X BAG",
        "M&M",
        "STK",
        "BF.B",
        "",
    ]
) | st.from_regex(r"[A-Z0-9.]{1,6}( [A-Z]{1,4})?", fullmatch=True)
CONTRACTS = st.builds(
    Contract,
    con_id=st.integers(1, 2**31 - 1),
    symbol=SYMBOLS,
    local_symbol=st.sampled_from(["", "T 0 1/4 09/30/30", "SPY", "815824267", "EUR.USD CASH"]),
    sec_type=st.sampled_from(sorted({*KINDS, *BY_ID_ONLY})),
    expiry=st.sampled_from(["", "202812", "20281215"]),
    strike=st.none() | st.decimals(0, 99_999, places=3),
    right=st.sampled_from(["", "C", "P"]),
    currency=st.sampled_from(["USD", "GBP", "JPY", "CNH", ""]),
    trading_class=st.sampled_from(["", "EW3", "E3A", "SPY"]),
)


@settings(max_examples=examples(200))
@given(CONTRACTS)
def test_a_label_as_a_leg_is_the_contract_or_is_refused(named: Contract) -> None:
    """Of every type: never another type, day, strike, currency or class."""
    try:
        leg = read_leg(named.label)
    except InputError:
        return
    assert leg.con_id == named.con_id if leg.con_id else fits(leg, named)


def test_the_last_word_on_a_holding_counts() -> None:
    """A push during a poll repeats a holding in the answer."""
    old, other, new = position(1, 10), position(2), position(1, 12)
    assert newest_by_key([old, other, new]) == (new, other)


def test_accounts_keep_their_holdings_apart() -> None:
    mine, yours = position(1), position(1, account="DU2")
    assert newest_by_key([mine, yours]) == (mine, yours)
