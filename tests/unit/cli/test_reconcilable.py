"""The gateway's reasons against a reconciliation are reported without waiting."""

from __future__ import annotations

import pytest

from slotwise.bus.status import GatewayStatus
from slotwise.condition import Condition
from slotwise.position import Unknown
from tests.support.values import NOON, at
from tests.unit.cli.scenes import bus_facts, gateway, queue
from workers.screen.facts import BusFacts
from workers.screen.reconcilable import hindrance

SINCE = at(-540)


def with_unknown(*accounts: str) -> BusFacts:
    """Return what Redis says while positions of these accounts are not known."""
    unknown = {name: Unknown(since=SINCE, reason="2151") for name in accounts}
    return bus_facts(gateway(unknown=unknown), queue())


def state_of(bus: BusFacts, account: str | None = None) -> str | None:
    found = hindrance(bus, account, NOON)
    return None if found is None else found.state


def test_nothing_hinders_a_reconciliation_of_a_healthy_system() -> None:
    assert state_of(bus_facts(gateway(), queue())) is None


def test_a_reconciliation_without_a_system_is_hindered() -> None:
    assert state_of(bus_facts(None, None)) == "no_system"
    assert state_of(bus_facts(None, queue())) == "gateway_away"


def test_a_reconciliation_without_a_login_is_hindered() -> None:
    waits = Condition(name="not_logged_in", since=SINCE, text="no account")
    status: GatewayStatus = gateway(connected_at=None, conditions=(waits,))
    assert state_of(bus_facts(status, queue())) == "tws_not_logged_in"


@pytest.mark.parametrize(
    ("unknown", "account", "state"),
    [
        (("",), None, "positions_unknown"),
        (("",), "DU1234567", "positions_unknown"),
        (("DU1234567",), "DU1234567", "positions_unknown"),
        (("DU1234567",), "DU7654321", None),
        # Others are verified.
        (("DU1234567",), None, None),
    ],
)
def test_unknown_positions_hinder_where_they_are_asked_for(
    unknown: tuple[str, ...], account: str | None, state: str | None
) -> None:
    assert state_of(with_unknown(*unknown), account) == state
