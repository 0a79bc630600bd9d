"""Options that deliver early, contracts that deliver another amount, answers with rows missing."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_expiry import ACCOUNT, opened
from tests.unit.simulator.test_simulator_commands import give

EXPIRY = "20271217"


def quantity(tws: InMemoryTws, con_id: int) -> Decimal:
    held = tws.world.accounts.position(ACCOUNT, con_id)
    return Decimal(0) if held is None else held.quantity


@pytest.mark.parametrize(
    ("held", "right", "shares"), [(3, "C", 200), (-3, "C", -200), (3, "P", -200), (-3, "P", 200)]
)
def test_an_option_delivers_before_its_last_day(held: int, right: str, shares: int) -> None:
    """Two of three: shares at the strike, money the other way, and subscribers get both."""
    tws = InMemoryTws(positions=0)
    con_id = opened(tws, symbol="AAPL", expiry=EXPIRY, strike=200, right=right, quantity=held)
    stock = tws.spot("AAPL").con_id
    cash = tws.world.accounts.cash(ACCOUNT)
    client = tws.client()
    client.ask(61, 1)
    client.read(61)
    answer = give(tws, do="exercise", con_id=con_id, quantity=2)
    assert answer == {"ok": True, "shares": shares}
    assert quantity(tws, con_id) == (1 if held > 0 else -1)
    assert quantity(tws, stock) == shares
    assert tws.world.accounts.cash(ACCOUNT) - cash == -shares * 200
    assert {int(row[3]) for row in client.read(61)} == {con_id, stock}
    assert give(tws, do="exercise", con_id=con_id, quantity=2)["ok"] is False
    assert give(tws, do="exercise", con_id=stock)["ok"] is False


def test_a_contract_delivers_another_amount_with_the_same_id() -> None:
    """Positions and details say so; the quantity stays."""
    tws = InMemoryTws(positions=0)
    con_id = opened(tws, symbol="AAPL", expiry=EXPIRY, strike=200, right="C", quantity=3)
    client = tws.client()
    client.ask(61, 1)
    client.read(61)
    assert give(tws, do="multiplier", con_id=con_id, multiplier=110) == {"ok": True}
    (row,) = client.read(61)
    assert (int(row[3]), row[9], row[14]) == (con_id, "110", "3")
    assert give(tws, do="multiplier", con_id=con_id, multiplier=0)["ok"] is False
    assert client.ask(61, 1)[0][9] == "110"


@pytest.mark.parametrize(("missing", "rows"), [(None, 20), (0.25, 30), (1, 0)])
def test_an_answer_lacks_rows_and_ends_as_if_it_were_whole(
    missing: float | None, rows: int
) -> None:
    tws = InMemoryTws(positions=40)
    client = tws.client()
    part = {} if missing is None else {"missing": missing}
    assert give(tws, do="poll", kind="partial", **part)["ok"] is True
    kinds = [int(row[0]) for row in client.ask(61, 1)]
    assert kinds == [61] * rows + [62]
    assert len(client.ask(61, 1)) == 41
