"""A bond that TWS names without a symbol is a holding like any other: of the past, in the book."""

from __future__ import annotations

from decimal import Decimal

from slotwise.lake.as_of import positions_as_of
from slotwise.lake.book import book, with_landing
from slotwise.lake.store import Lake
from slotwise.portfolio.past import position_of
from slotwise.rules.holdings_diff import label
from slotwise.rules.valuation import position_row
from tests.support.landed import put
from tests.support.values import at, contract, position, quote

BOND = contract(7, symbol="", sec_type="BOND", local_symbol="T 4 1/8 11/15/32", price_magnifier=1)


def test_a_bond_without_a_symbol_is_valued_and_in_the_book(lake: Lake) -> None:
    held = position(7, contract=BOND, quantity=Decimal(7), observed_at=at(0))
    seen = quote(7, observed_at=at(0), bid="99.98", ask="100", last=None)
    put(lake, "position_updates", [position_row(held, seen, source="batch")], at(1))
    [row] = positions_as_of(lake, at(2)).to_pylist()
    assert row["market_value"] == Decimal("6999.3")
    assert label(row) == "T 4 1/8 11/15/32"
    assert position_of(row).contract.symbol == ""
    [known] = book(lake)
    assert (known.contract.symbol, known.contract.sec_type, known.quantity) == (
        "",
        "BOND",
        Decimal(7),
    )
    assert known.contract.label == "7"
    assert with_landing([known], ()) == [known]
