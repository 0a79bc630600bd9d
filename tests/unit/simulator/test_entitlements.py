"""Data that the login may not see is refused with TWS's codes."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give


@pytest.mark.parametrize("code", [354, 10089, 10168])
def test_denied_data_gets_its_code_and_holds_no_line(code: int) -> None:
    """Other contracts are not touched, and what is granted again is given."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    assert give(tws, do="deny_data", con_id=spy.con_id, code=code)["ok"]
    client.market_data(1, spy)
    client.market_data(2, tws.spot("QQQ"))
    assert client.errors() == [(1, code)]
    assert tws.world.lines.held == 1
    assert give(tws, do="grant_data", con_id=spy.con_id)["ok"]
    client.market_data(3, spy)
    assert client.errors() == []


def test_a_competing_session_takes_all_new_data_until_it_is_gone() -> None:
    """Every request for data gets 10197."""
    tws = InMemoryTws()
    client = tws.client()
    assert give(tws, do="competing", on=1)["ok"]
    client.market_data(1, tws.spot("SPY"))
    assert client.errors() == [(1, 10197)]
    assert give(tws, do="competing", on=0)["ok"]
    client.market_data(1, tws.spot("SPY"))
    assert client.errors() == []


def test_only_codes_of_missing_data_can_be_denied_with() -> None:
    """Any other code is an error of the command."""
    tws = InMemoryTws()
    assert not give(tws, do="deny_data", con_id=1, code=101)["ok"]
    assert not give(tws, do="deny_data", con_id=1, code=10197)["ok"]
