"""What the portfolio reads of contracts' details."""

from __future__ import annotations

from slotwise.lake.contract_facts import contract_facts
from slotwise.lake.contract_rows import contract_row
from slotwise.lake.store import Lake
from slotwise.portfolio.underlying import Quotation
from tests.support.landed import put
from tests.support.values import NOON, contract, known, option


def test_facts_say_how_an_underlying_is_quoted_that_is_not_held(lake: Lake) -> None:
    share = contract(9, symbol="GAW", currency="GBP", price_magnifier=100)
    rows = [contract_row(known(share)), contract_row(known(option(1), under_con_id=9))]
    put(lake, "contracts", rows, NOON)
    facts = contract_facts(lake)
    assert facts.underlying(1) == 9
    assert facts.quotation(9) == Quotation("GBP", 100)
    assert facts.quotation(7) is None
