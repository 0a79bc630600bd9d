"""What a notice stops, and what starts again after the next one."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws, by_id
from tests.unit.simulator.test_simulator_commands import give

#: Longer than any contract here goes without a tick, seconds.
LONG_S = 20.0


def streaming() -> tuple[InMemoryTws, InMemoryClient]:
    """Return a client with a line on a stock (1), an option (2), a future (3) and an index (4)."""
    tws = InMemoryTws(positions=40)
    client = tws.client()
    contracts = (tws.spot("SPY"), tws.held("OPT"), tws.held("FUT"), tws.spot("VIX"))
    for req_id, contract in enumerate(contracts, 1):
        client.market_data(req_id, contract)
    tws.wait(1)
    client.read()
    return tws, client


def ticking(tws: InMemoryTws, client: InMemoryClient) -> set[int]:
    """Let time pass; return which requests ticked."""
    client.read()
    tws.wait(LONG_S)
    at = {"1": 2, "2": 2, "21": 1, "45": 2, "46": 2}
    return {int(f[at[f[0]]]) for f in client.read() if f[0] in at}


@pytest.mark.parametrize("lost", [1100, 2110])
def test_without_the_link_nothing_ticks_and_1102_brings_all_back(lost: int) -> None:
    """The lines are held all the time."""
    tws, client = streaming()
    assert ticking(tws, client) == {1, 2, 3, 4}
    give(tws, do="notice", code=lost)
    assert ticking(tws, client) == set()
    give(tws, do="notice", code=1102)
    assert tws.world.lines.held == 4
    assert ticking(tws, client) == {1, 2, 3, 4}


def test_1102_sends_at_once_what_has_changed() -> None:
    """The first ticks after the outage lead from the old quote to the new one."""
    tws, client = streaming()
    give(tws, do="notice", code=1100)
    tws.wait(600)
    client.read()
    give(tws, do="notice", code=1102)
    frames = client.read()
    assert frames[0][3] == "1102"
    bids = {f[2]: float(f[4]) for f in frames if f[0] == "1" and f[3] == "1"}
    assert bids["1"] == tws.world.market.quote(tws.spot("SPY"), tws.now).bid


def test_1101_ends_all_lines_and_they_can_be_had_again() -> None:
    """Nothing ticks until the client asks again."""
    tws, client = streaming()
    give(tws, do="notice", code=1100)
    give(tws, do="notice", code=1101)
    assert tws.world.lines.held == 0
    assert [e.event for e in tws.events[-4:]] == ["end"] * 4
    assert ticking(tws, client) == set()
    client.market_data(1, tws.spot("SPY"))
    assert ticking(tws, client) == {1}


@pytest.mark.parametrize(
    ("farm", "left"), [("usfarm", {2, 3}), ("usopt", {1, 3, 4}), ("usfuture", {1, 2, 4})]
)
def test_a_broken_farm_stops_its_own_contracts(farm: str, left: set[int]) -> None:
    """Stocks and indices, options, or futures; until it is OK."""
    tws, client = streaming()
    give(tws, do="notice", code=2103, farm=farm)
    assert client.read(4)[0][4] == f"Market data farm connection is broken:{farm}"
    assert ticking(tws, client) == left
    give(tws, do="notice", code=2104, farm=farm)
    assert ticking(tws, client) == {1, 2, 3, 4}


def test_a_farm_that_comes_back_can_leave_lines_dead() -> None:
    """They are held, and never tick; a new request on the contract does."""
    tws, client = streaming()
    give(tws, do="notice", code=2103, farm="usfarm")
    give(tws, do="notice", code=2104, farm="usfarm", dead=1)
    assert ticking(tws, client) == {2, 3, 4}
    assert tws.world.lines.held == 4
    client.send(2, 2, 1)
    client.market_data(5, tws.spot("SPY"))
    assert ticking(tws, client) == {2, 3, 4, 5}


def test_a_line_can_die_before_its_first_tick() -> None:
    """What TWS has announced with 58 and 81 may be all that ever comes."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    give(tws, do="notice", code=2104, farm="usfarm", dead=1)
    assert ticking(tws, client) == set()


def test_one_farm_being_back_does_not_bring_the_link_back() -> None:
    """What is broken twice must be mended twice."""
    tws, client = streaming()
    give(tws, do="notice", code=1100)
    give(tws, do="notice", code=2103, farm="usopt")
    give(tws, do="notice", code=1102)
    assert ticking(tws, client) == {1, 3, 4}
    give(tws, do="notice", code=1100)
    give(tws, do="notice", code=2104, farm="usopt")
    assert ticking(tws, client) == set()


def test_a_competing_session_takes_open_lines_too_and_gives_them_back() -> None:
    """10197 for each request; the lines are held."""
    tws, client = streaming()
    give(tws, do="competing", on=1)
    assert client.errors() == [(1, 10197), (2, 10197), (3, 10197), (4, 10197)]
    assert ticking(tws, client) == set()
    give(tws, do="competing", on=1)
    assert client.errors() == []
    give(tws, do="competing", on=0)
    assert tws.world.lines.held == 4
    assert ticking(tws, client) == {1, 2, 3, 4}


def test_a_dead_contract_holds_its_line_and_says_nothing() -> None:
    """Not even its first ticks; a snapshot of it ends empty after eleven seconds."""
    tws = InMemoryTws()
    client, spy = tws.client(), tws.spot("SPY")
    give(tws, do="dead", con_id=spy.con_id)
    client.market_data(1, spy)
    client.market_data(2, spy, snapshot=True)
    assert [f[0] for f in client.read()] == ["58", "81", "58", "81"]
    tws.wait(LONG_S)
    assert client.read() == [["57", "1", "2"]]
    assert tws.world.lines.held == 1
    give(tws, do="dead", con_id=spy.con_id, on=0)
    assert ticking(tws, client) == {1}


def test_a_line_asked_for_without_the_link_is_opened_when_it_is_back() -> None:
    """Until then TWS says nothing of it, and it holds no line."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="notice", code=1100)
    client.market_data(1, tws.spot("SPY"))
    client.market_data(2, tws.spot("QQQ"))
    client.market_data(1, tws.spot("QQQ"))
    assert client.errors() == [(-1, 1100), (1, 322)]
    client.send(2, 2, 2)
    tws.wait(LONG_S)
    assert client.read() == []
    assert tws.world.lines.held == 0
    give(tws, do="notice", code=1102)
    assert [f[0] for f in client.read()] == ["4", "58", "81"]
    assert tws.world.lines.held == 1
    assert ticking(tws, client) == {1}


@pytest.mark.parametrize(("restored", "answered"), [(1102, True), (1101, False)])
def test_other_requests_wait_for_the_link_too_or_are_lost(restored: int, answered: bool) -> None:
    """Details, bars, chains, symbols, lines; what TWS has by itself is answered."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="notice", code=1100)
    client.read()
    client.send(9, 8, 1, *by_id(756733, "SMART"), 0, "", "", "")
    client.send(20, 2, *by_id(756733, "SMART"), 0, "", "1 min", "300 S", 1, "TRADES", 1, 0, "")
    client.send(20, 5, *by_id(756733, "SMART"), 0, "", "1 min", "300 S", 1, "NOTHING", 1, 0, "")
    client.send(78, 3, "SPY", "", "STK", 756733)
    client.send(81, 4, "SP")
    client.market_data(6, tws.spot("SPY"))
    assert client.read() == []
    assert [f[0] for f in client.ask(49, 1)] == ["49"]
    client.send(61, 1)
    assert [f[0] for f in client.read()][-1] == "62"
    give(tws, do="notice", code=restored)
    frames = client.read()
    kinds = {f[0] for f in frames}
    answers = {"10", "52", "17", "75", "76", "79", "58", "81"}
    assert kinds == {"4"} | (answers if answered else set())
    assert tws.world.lines.held == answered
    errors = [(f[2], f[3]) for f in frames if f[0] == "4"]
    assert errors == [("-1", str(restored)), *([("5", "321")] if answered else [])]


def test_who_left_during_an_outage_gets_nothing_after_it() -> None:
    """Nor does it hold a line then."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="notice", code=1100)
    client.market_data(1, tws.spot("SPY"))
    client.send(81, 4, "SP")
    client.leave()
    client.read()
    give(tws, do="notice", code=1102)
    assert client.read() == []
    assert tws.world.lines.held == 0
    assert tws.world.scheduler.next_due is None


@pytest.mark.parametrize(
    "command",
    [
        {"do": "notice", "code": 2103, "farm": "moon farm"},
        {"do": "notice", "code": 1102, "dead": 1},
        {"do": "halt", "con_id": 42},
        {"do": "dead"},
    ],
)
def test_a_command_about_what_does_not_exist_is_refused(command: dict[str, object]) -> None:
    """A farm, a contract, a notice that leaves nothing dead."""
    assert give(InMemoryTws(), **command)["ok"] is False
