"""Requests go where the details say that a contract is quoted, whatever its type."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.contract_details import merged
from slotwise.contract_routing import SMART, guessed_exchange, is_market, request_exchange
from tests.support.values import contract, details

#: Every security type that TWS has.
TYPES = (
    "STK", "OPT", "FUT", "FOP", "IND", "CFD", "CASH", "CRYPTO", "BOND", "BILL", "WAR", "IOPT",
    "FUND", "CMDTY", "BAG", "SLB", "NEWS",
)  # fmt: skip
MARKETS = ("CME", "CBOT", "EUREX", "HKFE", "OSE.JPN", "LSE", "TASE", "JSE", "NYSE", "PAXOS")
NAMES = st.sampled_from((*MARKETS, "QBALGO", "IBKRATS", SMART))
LISTS = st.lists(NAMES, max_size=6, unique=True)


@given(
    sec_type=st.sampled_from(TYPES),
    valid=LISTS,
    held_at=st.one_of(st.just(""), NAMES),
    rows=LISTS,
    primary=st.one_of(st.just(""), NAMES),
)
def test_request_exchange_is_listed_and_a_market(
    sec_type: str, valid: list[str], held_at: str, rows: list[str], primary: str
) -> None:
    """Of every type: SMART where it is listed and only there, else a market where one is listed."""
    chosen = request_exchange(sec_type, valid, held_at, rows, primary)
    if SMART in valid:
        assert chosen == SMART
    elif valid:
        assert chosen in valid
        assert chosen != SMART
        markets = [name for name in valid if is_market(name)]
        assert is_market(chosen) or not markets
        if is_market(held_at) and held_at in valid:
            assert chosen == held_at
    elif any(is_market(name) for name in (held_at, *rows, primary)) and SMART not in rows:
        assert chosen
        assert chosen in (SMART, held_at, *rows, primary)


@given(rows=st.permutations(["QBALGO", "CME", "IBKRATS"]), held_at=st.sampled_from(["", "CME"]))
def test_rows_of_one_contract_give_one_answer_in_any_order(rows: list[str], held_at: str) -> None:
    """A future that is listed at CME and at algorithms is asked for at CME."""
    made = [
        details(
            contract(
                5,
                sec_type="FUT",
                exchange=name,
                price_magnifier=None if n else 100,
                multiplier=Decimal(1 if n else 5000),
            ),
            valid_exchanges=("QBALGO", "CME", "IBKRATS"),
            listed_at=(name,),
            trading_hours=name,
        )
        for n, name in enumerate(rows)
    ]
    one = merged(made)
    assert (one.contract.exchange, one.trading_hours) == ("CME", "CME")
    # Those of the one row that has both.
    assert (one.contract.multiplier, one.contract.price_magnifier) == (Decimal(5000), 100)
    assert set(one.listed_at) == set(rows)


@pytest.mark.parametrize(
    ("sec_type", "held_at", "guess"),
    [
        ("STK", "NASDAQ", "SMART"),
        ("OPT", "", "SMART"),
        ("FUT", "CME", "CME"),
        ("FUT", "", ""),
        ("FOP", "", ""),
        ("FOP", "SMART", ""),
        ("CASH", "", "IDEALPRO"),
        ("CRYPTO", "PAXOS", "PAXOS"),
        ("BOND", "", "SMART"),
        ("IND", "CBOE", "CBOE"),
    ],
)
def test_guessed_exchange_without_details(sec_type: str, held_at: str, guess: str) -> None:
    """Futures and their options are never guessed at SMART."""
    assert guessed_exchange(sec_type, held_at) == guess
