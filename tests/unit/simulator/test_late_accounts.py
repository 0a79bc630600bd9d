"""Lists of accounts that come late, empty or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws
from tests.unit.simulator.test_position_answers import FIRST, SECOND, accounts_of, two_accounts
from tests.unit.simulator.test_simulator_commands import give


def test_accounts_come_late_to_every_client_that_connects() -> None:
    """In the first seconds of each session; clients that were there before are not concerned."""
    tws, before = two_accounts()
    tws.wait(1)
    assert give(tws, do="late_accounts", seconds=20)["ok"]
    assert accounts_of(before.ask(61, 1)) == [FIRST] * 12 + [SECOND]
    for client_id in (2, 3):
        client = tws.client(client_id)
        assert [f[0] for f in client.ask(61, 1)] == ["4", "62"]
        assert client.ask(6, 2, 1, FIRST) == []
        tws.wait(19)
        assert [f[0] for f in client.ask(61, 1)] == ["4", "62"]
        tws.wait(1)
        assert len(accounts_of(client.ask(61, 1))) == 13
    give(tws, do="late_accounts", on=0)
    assert len(accounts_of(tws.client(4).ask(61, 1))) == 13


def test_one_account_can_come_late_alone() -> None:
    """Its rows and its updates; those of the others come."""
    tws, _ = two_accounts()
    give(tws, do="late_accounts", seconds=20, mode="absent", account=SECOND)
    client = tws.client(2)
    assert accounts_of(client.ask(61, 1)) == [FIRST] * 12
    assert client.ask(6, 2, 1, SECOND) == []
    assert client.ask(6, 2, 1, FIRST)[-1][0] == "54"


def test_late_positions_can_come_by_themselves() -> None:
    """Rows and an end when the time is over, to subscribers."""
    tws, _ = two_accounts()
    give(tws, do="late_accounts", seconds=20, mode="silent", push=1)
    asked, quiet = tws.client(2), tws.client(3)
    assert asked.ask(61, 1) == []
    tws.wait(21)
    assert [f[0] for f in asked.read()] == ["61"] * 13 + ["62"]
    assert quiet.read() == []


def started(tws: InMemoryTws, client_id: int) -> tuple[InMemoryClient, list[list[str]]]:
    """Connect a client; return it and all it is sent at its start."""
    client = InMemoryClient(tws)
    client.greet()
    return client, client.ask(71, 2, client_id, "")


@pytest.mark.parametrize(("managed", "first"), [("empty", [["15", "1", ""]]), ("silent", [])])
def test_the_list_of_accounts_can_be_empty_or_late(managed: str, first: list[Any]) -> None:
    """15 names none, or does not come, until the time is over; then it comes by itself."""
    tws, _ = two_accounts()
    give(tws, do="late_accounts", seconds=20, managed=managed)
    client, frames = started(tws, 2)
    assert [f for f in frames if f[0] == "15"] == first
    assert [f[0] for f in frames if f[0] == "9"] == ["9"]
    assert client.ask(17, 1) == first
    tws.wait(20)
    assert client.read(15) == [["15", "1", f"{FIRST},{SECOND}"]]
    assert client.ask(17, 1) == [["15", "1", f"{FIRST},{SECOND}"]]


def test_a_client_that_leaves_during_its_login_leaves_nothing_behind() -> None:
    """A client that comes back has a login of its own."""
    tws, first = two_accounts()
    first.leave()
    give(tws, do="late_accounts", seconds=20, managed="empty", push=1)
    client, _ = started(tws, 2)
    client.send(61, 1)
    client.leave()
    assert tws.world.scheduler.next_due is None
    tws.wait(100)
    again, frames = started(tws, 2)
    assert [f[2] for f in frames if f[0] == "15"] == [""]
    again.leave()
