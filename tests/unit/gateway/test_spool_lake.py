"""A spool has the identity of its lake, and sends to no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from slotwise.bus.client import Bus
from slotwise.bus.lake_identity import LakeIdentity
from slotwise.rules.landing import Rows
from tests.support.memory_stream import MemoryStream
from workers.gateway.outbox.spool import Spool
from workers.gateway.outbox.spool_flow import LOOK_S, SpoolFlow
from workers.gateway.outbox.spool_lake import SpoolLake


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "gateway-17.sqlite")


def test_a_spool_learns_its_lake_and_reminds_an_emptied_redis(bus: Bus, spool: Spool) -> None:
    compared = SpoolLake(LakeIdentity(bus))
    assert compared.may_send(spool), "no lake is known yet"
    assert spool.lake is None
    LakeIdentity(bus).remember("A")
    assert compared.may_send(spool)
    assert spool.lake == "A"
    bus.clear()
    assert SpoolLake(LakeIdentity(bus)).may_send(spool)
    known = LakeIdentity(bus).known()
    assert known is not None
    assert known.identity == "A"


def test_a_spool_of_another_lake_is_kept_until_one_is_chosen(
    bus: Bus, spool: Spool, tmp_path: Path
) -> None:
    """Redis was emptied while the lake was away, and a new lake was made in its place."""
    spool.set_lake("A")
    LakeIdentity(bus).remember("B")
    stream = MemoryStream()
    flow = SpoolFlow(stream, spool, may_send=SpoolLake(LakeIdentity(bus)).may_send)
    flow.put([(Rows("quotes"), None)])
    with capture_logs() as logs:
        for number in range(3):
            assert not flow.send(number * LOOK_S)
    assert len(logs) == 1, "said once"
    assert (stream.length(), spool.count()) == (0, 1)
    LakeIdentity(bus).adopt("B")
    flow.send(9 * LOOK_S)
    assert stream.length() == 1
    assert spool.lake == "B"
    spool.close()
    assert Spool(tmp_path / "gateway-17.sqlite").lake == "B"


def test_the_identity_is_known_while_redis_is_away(bus: Bus) -> None:
    """What a process has worked with it goes on to expect."""
    identity = LakeIdentity(bus)
    assert identity.expected() is None
    identity.remember("A")
    bus.clear()
    identity.known()
    assert identity.expected() == "A"
