"""Remarks about requests that live, refusals that come late, and permission by kind."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws
from tests.unit.simulator.test_outages import ticking
from tests.unit.simulator.test_simulator_commands import give

SPY = 756733


def asked(
    code: int, *, kind: int = 1, **fields: object
) -> tuple[InMemoryTws, InMemoryClient, list[list[str]]]:
    """Ask for SPY, in a type of data, where a remark is made; return what comes at once."""
    tws = InMemoryTws()
    client = tws.client()
    client.send(59, 1, kind)
    assert give(tws, do="partial", code=code, con_id=SPY, **fields)["ok"]
    client.market_data(1, tws.spot("SPY"))
    return tws, client, client.read()


@pytest.mark.parametrize("code", [10090, 10091, 2188])
def test_a_remark_comes_and_then_live_ticks(code: int) -> None:
    """58, the remark, 81; the line is held."""
    tws, client, frames = asked(code)
    assert [f[0] for f in frames] == ["58", "4", "81"]
    assert frames[1][2:4] == ["1", str(code)]
    assert frames[0][3] == "1"
    assert tws.world.lines.held == 1
    assert ticking(tws, client) == {1}


@pytest.mark.parametrize("code", [10089, 10167, 354])
def test_a_remark_comes_and_then_delayed_ticks(code: int) -> None:
    """For delayed data; a request of live data is refused with the code."""
    tws, client, frames = asked(code, kind=3)
    assert [f[3] for f in frames[:2]] == ["3", str(code)]
    tws.wait(1)
    assert {f[3] for f in client.read(1)} >= {"66", "67", "68"}
    _, client, frames = asked(code)
    assert [f[2:4] for f in frames] == [["1", str(code)]]


@pytest.mark.parametrize("code", [10089, 10090, 10091, 354])
def test_after_a_remark_nothing_may_come(code: int) -> None:
    """The line is held and silent; a snapshot ends after its eleven seconds."""
    tws, client, _ = asked(code, kind=3, ticks=0)
    assert tws.world.lines.held == 1
    assert ticking(tws, client) == set()
    client.market_data(2, tws.spot("SPY"), snapshot=True)
    tws.wait(12)
    assert [f[0] for f in client.read(1, 2, 57)] == ["57"]


def test_a_remark_can_come_first_and_in_another_language() -> None:
    """Texts say nothing that a client may rely on."""
    _, _, frames = asked(354, kind=3, first=1, language="de")
    assert [f[0] for f in frames] == ["4", "58", "81"]
    assert "nicht abonniert" in frames[0][4]
    _, _, frames = asked(10091, text="\u90e8\u5206")
    assert frames[1][4] == "\u90e8\u5206"


def test_a_remark_ends_when_the_data_is_granted() -> None:
    """For new requests."""
    tws, client, _ = asked(10091)
    assert give(tws, do="grant_data", con_id=SPY)["ok"]
    client.market_data(2, tws.spot("SPY"))
    assert [f[0] for f in client.read() if f[2] == "2"] == ["58"]


@pytest.mark.parametrize("code", [200, 354, 10089, 10168])
def test_a_refusal_comes_later_than_the_time(code: int) -> None:
    """The server refuses, TWS answers the time by itself; until then no line is held."""
    tws = InMemoryTws()
    client = tws.client()
    assert give(tws, do="deny_data", con_id=SPY, code=code, delay=0.64)["ok"]
    client.market_data(1, tws.spot("SPY"))
    assert [f[0] for f in client.ask(49, 1)] == ["49"]
    assert tws.world.lines.held == 0
    tws.wait(0.63)
    assert client.read() == []
    tws.wait(0.02)
    assert client.errors() == [(1, code)]
    assert [e.event for e in tws.events] == ["reject"]


def test_a_refusal_that_is_on_its_way_can_be_cancelled() -> None:
    """Or its client leaves: nothing comes then; its id is in use until it has come."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="deny_data", con_id=SPY, code=354, delay=1)
    client.market_data(1, tws.spot("SPY"))
    client.market_data(1, tws.spot("QQQ"))
    assert client.errors() == [(1, 322)]
    client.send(2, 2, 1)
    tws.wait(2)
    assert client.read() == []
    client.market_data(2, tws.spot("SPY"))
    client.leave()
    assert tws.world.scheduler.next_due is None


def test_permission_can_lack_for_kinds_exchanges_and_lists() -> None:
    """The newest rule decides; what is granted to all is granted."""
    tws = InMemoryTws(positions=40)
    client = tws.client()
    contracts = [tws.spot("SPY"), tws.held("OPT"), tws.held("FUT"), tws.spot("VIX"),
                 tws.spot("AAPL")]  # fmt: skip

    def refused() -> list[int]:
        for number, contract in enumerate(contracts):
            client.market_data(number, contract)
        found = [number for number, _ in client.errors()]
        for number in range(len(contracts)):
            client.send(2, 2, number)
        client.read()
        return found

    give(tws, do="deny_data", code=354, sec_type="OPT")
    give(tws, do="deny_data", code=354, exchange="NASDAQ")
    assert refused() == [1, 4]
    give(tws, do="deny_data", code=10089, currency="USD")
    assert refused() == [0, 1, 2, 3, 4]
    give(tws, do="grant_data", exchange="CME")
    give(tws, do="grant_data", symbol="VIX")
    assert refused() == [0, 1, 4]
    give(tws, do="grant_data")
    assert refused() == []
    give(tws, do="deny_data", code=354, con_id=[contracts[0].con_id, contracts[2].con_id])
    assert refused() == [0, 2]


@pytest.mark.parametrize(
    "command",
    [
        {"do": "deny_data", "code": 354},
        {"do": "deny_data", "code": 354, "con_id": ["x"]},
        {"do": "deny_data", "code": 354, "con_id": SPY, "delay": -1},
        {"do": "partial", "code": 200, "con_id": SPY},
        {"do": "partial", "code": 354, "con_id": SPY, "language": "tlh"},
        {"do": "partial", "code": 354},
    ],
)
def test_a_permission_that_makes_no_sense_is_refused(command: dict[str, object]) -> None:
    """And data comes."""
    tws = InMemoryTws()
    assert give(tws, **command)["ok"] is False
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    assert client.errors() == []
