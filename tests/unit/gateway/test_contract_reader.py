"""Contracts are read once for the same text, and again for another one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gateway.test_translate import ib_option
from workers.gateway.ib.translate import ContractReader, contract_from, multiplier_if_any


def test_contracts_are_translated_once() -> None:
    """The same text is the same value; changed text is read again."""
    reader = ContractReader()
    first = reader.read(ib_option())
    assert reader.read(ib_option()) is first
    assert reader.read(ib_option(multiplier="10")).multiplier == Decimal(10)


@given(changed=st.sampled_from(["right", "tradingClass", "primaryExchange", "localSymbol"]))
def test_a_contract_is_read_again_where_any_of_its_texts_has_changed(changed: str) -> None:
    """A row that lacked something is corrected by the next one."""
    reader = ContractReader()
    whole = ib_option(primaryExchange="CBOE")
    lacking = ib_option(**({"primaryExchange": "CBOE"} | {changed: ""}))
    assert reader.read(lacking) == contract_from(lacking) != contract_from(whole)
    assert reader.read(whole) == contract_from(whole)


@pytest.mark.parametrize("text", ["", " ", "0", "0.0", "0.00", "00", "0E-8"])
def test_a_multiplier_that_is_none_or_0_is_1(text: str) -> None:
    assert multiplier_if_any(text) == 1


@pytest.mark.parametrize("text", ["-5", "N/A", "NaN"])
def test_a_multiplier_that_is_no_such_number_is_unknown(text: str) -> None:
    assert multiplier_if_any(text) is None
