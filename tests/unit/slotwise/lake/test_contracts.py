"""What is kept of a contract comes back from the lake as it went."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, KeptContract
from slotwise.lake.arrow import to_batch
from slotwise.lake.contract_rows import ContractRow, contract_row
from slotwise.lake.contracts import kept_contract, kept_contracts
from slotwise.lake.schemas import CONTRACTS
from slotwise.lake.store import Lake
from slotwise.lake.writer import TableWriter
from tests.support.values import NOON, at, contract, details, known

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
NAMES = st.lists(st.sampled_from(["SMART", "CME", "LSE", "QBALGO"]), max_size=3, unique=True)
SMALL = st.none() | st.decimals("0.000001", 9_999_999, places=6)
TIMES = st.integers(0, 10**8).map(lambda seconds: NOON + timedelta(seconds=seconds))
CONTRACTS_ = st.builds(
    Contract,
    con_id=st.just(7), symbol=WORDS, sec_type=st.sampled_from(["STK", "FOP", "BOND"]),
    local_symbol=WORDS, expiry=WORDS, strike=SMALL, right=st.sampled_from(["", "C", "P"]),
    multiplier=st.decimals("0.000000001", 1_000_000, places=9), currency=WORDS, exchange=WORDS,
    primary_exchange=WORDS, trading_class=WORDS,
    price_magnifier=st.none() | st.integers(1, 10_000),
)  # fmt: skip
DETAILS = st.builds(
    ContractDetails,
    contract=CONTRACTS_, looked_up_at=TIMES, valid_exchanges=NAMES.map(tuple),
    listed_at=NAMES.map(tuple), min_tick=SMALL, under_con_id=st.integers(0, 2**31 - 1),
    time_zone=WORDS, trading_hours=WORDS, liquid_hours=WORDS, long_name=WORDS, maturity=WORDS,
    coupon=SMALL,
)  # fmt: skip
KEPT = st.builds(
    KeptContract,
    con_id=st.just(7), details=st.none() | DETAILS, at=TIMES, refusal=WORDS,
    code=st.integers(0, 20_000), quoted_as=st.integers(0, 2**31 - 1),
)  # fmt: skip


@given(KEPT)
def test_contracts_come_back_as_they_went(kept: KeptContract) -> None:
    """Over Arrow, with every field that the column can hold."""
    batch = to_batch([contract_row(kept)], CONTRACTS.sent)
    [row] = msgspec.convert(batch.to_pylist(), list[ContractRow])
    assert kept_contract(row) == kept


def test_kept_contracts_are_the_newest(lake: Lake) -> None:
    """A refusal after details keeps both: what it was, and that TWS has it no more."""
    one = known(contract(1, price_magnifier=100))
    later = KeptContract(con_id=1, details=one.details, at=at(60), refusal="gone", code=200)
    rows = [later, known(contract(2)), one]
    batch = to_batch([contract_row(kept) for kept in rows], CONTRACTS.sent)
    TableWriter(lake, CONTRACTS.name).land([batch], 1, NOON)
    found = {kept.con_id: kept for kept in kept_contracts(lake)}
    assert (found[1], found[2].details) == (later, details(contract(2)))


def test_a_lake_without_the_table_keeps_nothing(tmp_path: Path) -> None:
    """And reading makes none."""
    assert kept_contracts(Lake(str(tmp_path / "lake"))) == []
    assert list(tmp_path.iterdir()) == []


def test_numbers_are_plain(lake: Lake) -> None:
    """A multiplier reads 100, not 100.000000000000 or 1E+2."""
    batch = to_batch([contract_row(known(contract(1, multiplier=Decimal(100))))], CONTRACTS.sent)
    [row] = msgspec.convert(batch.to_pylist(), list[ContractRow])
    details_ = kept_contract(row).details
    assert details_ is not None
    assert str(details_.contract.multiplier) == "100"
