"""Another session of the same user: it takes market data, and perhaps positions."""

from __future__ import annotations

import pytest

from tests.unit.simulator.test_outages import streaming, ticking
from tests.unit.simulator.test_simulator_commands import give

ALL = {1, 2, 3, 4}


@pytest.mark.parametrize(("back", "alive"), [("alone", ALL), ("asked", set())])
def test_data_comes_back_by_itself_or_only_when_it_is_asked_for(back: str, alive: set[int]) -> None:
    """Each open request gets 10197, is silent and holds its line; a new one ticks either way."""
    tws, client = streaming()
    assert give(tws, do="competing", on=1, back=back, seconds=600)["ok"]
    assert sorted(client.errors()) == [(n, 10197) for n in sorted(ALL)]
    assert ticking(tws, client) == set()
    assert tws.world.lines.held == 4
    tws.wait(600 - 20)
    assert ticking(tws, client) == alive
    client.send(2, 2, 1)
    client.market_data(9, tws.spot("SPY"))
    assert ticking(tws, client) == (alive - {1}) | {9}


@pytest.mark.parametrize(("back", "ticks"), [("alone", {9}), ("asked", set())])
def test_a_request_meanwhile_is_refused_or_kept(back: str, ticks: set[int]) -> None:
    """Kept: 58 and 10197, silent, and then as the others."""
    tws, client = streaming()
    give(tws, do="competing", on=1, back=back)
    client.read()
    client.market_data(8, tws.spot("QQQ"))
    assert client.errors() == [(8, 10197)]
    assert tws.world.lines.held == 4
    give(tws, do="competing", on=1, back=back, new="kept")
    client.market_data(9, tws.spot("QQQ"))
    assert [f[0] for f in client.read()] == ["58", "81", "4"]
    assert ticking(tws, client) == set()
    assert tws.world.lines.held == 5
    give(tws, do="competing", on=0)
    assert ticking(tws, client) & {9} == ticks


@pytest.mark.parametrize(
    ("mode", "kinds"), [("whole", None), ("empty", ["62"]), ("empty2151", ["4", "62"])]
)
def test_positions_are_given_or_not_meanwhile(mode: str, kinds: list[str] | None) -> None:
    """Until the other session has ended."""
    tws, client = streaming()
    whole = [f[0] for f in client.ask(61, 1)]
    give(tws, do="competing", on=1, positions=mode, seconds=60)
    client.read()
    assert [f[0] for f in client.ask(61, 1)] == (whole if kinds is None else kinds)
    tws.wait(61)
    client.read()
    assert [f[0] for f in client.ask(61, 1)] == whole


def test_a_snapshot_meanwhile_ends_without_a_tick() -> None:
    """After its eleven seconds, where it is kept."""
    tws, client = streaming()
    give(tws, do="competing", on=1, new="kept")
    client.market_data(9, tws.spot("QQQ"), snapshot=True)
    client.read()
    tws.wait(12)
    assert [f[0] for f in client.read()] == ["57"]


@pytest.mark.parametrize(
    "command", [{}, {"on": 1, "back": "soon"}, {"on": 1, "new": "x"}, {"on": 1, "positions": "x"},
                {"on": 1, "seconds": 0}]
)  # fmt: skip
def test_a_competing_session_that_makes_no_sense_is_refused(command: dict[str, object]) -> None:
    """And data goes on."""
    tws, client = streaming()
    assert give(tws, do="competing", **command)["ok"] is False
    assert ticking(tws, client) == ALL
