"""Processes of different versions do not share Redis's keys: the misfit's error gives advice."""

from __future__ import annotations

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.version import KEYS_VERSION, claim_version
from slotwise.errors import BusVersionError


def test_the_first_process_says_which_version_it_is(bus: Bus) -> None:
    claim_version(bus)
    claim_version(bus)
    assert int(bus.redis.get(bus.key("version"))) == KEYS_VERSION


def test_an_older_process_is_refused(bus: Bus) -> None:
    claim_version(bus, KEYS_VERSION + 1)
    with pytest.raises(BusVersionError, match="install the newer Slotwise"):
        claim_version(bus)
    assert int(bus.redis.get(bus.key("version"))) == KEYS_VERSION + 1


@pytest.mark.parametrize("there", [str(KEYS_VERSION), "", "one"])
def test_a_newer_process_says_what_to_do(bus: Bus, there: str) -> None:
    """As does any, where the version cannot be read."""
    bus.redis.set(bus.key("version"), there)
    with pytest.raises(BusVersionError, match="stop every older process"):
        claim_version(bus, KEYS_VERSION + 1)
    assert bus.redis.get(bus.key("version")).decode() == there
