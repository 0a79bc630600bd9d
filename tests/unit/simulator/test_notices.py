"""Notices of any kind, at the start and later, true or not, and the ways back."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws, by_id
from tests.unit.simulator.test_outages import streaming, ticking
from tests.unit.simulator.test_simulator_commands import give

ALL = {1, 2, 3, 4}
SPY = 756733
TEXTS = {
    2103: "Market data farm connection is broken:",
    2104: "Market data farm connection is OK:",
    2105: "HMDS data farm connection is broken:",
    2106: "HMDS data farm connection is OK:",
    2107: "HMDS data farm connection is inactive but should be available upon demand.",
    2108: "Market data farm connection is inactive but should be available upon demand.",
    2119: "Market data farm is connecting:",
    2157: "Sec-def data farm connection is broken:",
    2158: "Sec-def data farm connection is OK:",
}


def start(tws: InMemoryTws, client_id: int = 9) -> tuple[InMemoryClient, list[list[str]]]:
    """Connect a client; return it and what it is sent at its start."""
    client = InMemoryClient(tws)
    client.greet()
    return client, client.ask(71, 2, client_id, "")


def said(frames: list[list[str]]) -> list[tuple[int, str]]:
    """Return code and text of the notices."""
    return [(int(f[3]), f[4]) for f in frames if f[0] == "4" and f[2] == "-1"]


def codes(frames: list[list[str]]) -> list[int]:
    """Return the codes of the notices."""
    return [code for code, _ in said(frames)]


@pytest.mark.parametrize(("code", "text"), TEXTS.items())
def test_a_notice_of_any_farm_is_sent_and_means_nothing_for_others(code: int, text: str) -> None:
    """Data, history and definitions of what other farms carry go on."""
    tws, client = streaming()
    assert give(tws, do="notice", code=code, farm="moonfarm.nj")["ok"]
    assert said(client.read()) == [(code, f"{text}moonfarm.nj")]
    assert ticking(tws, client) == ALL
    assert client.ask(9, 8, 5, *by_id(SPY), 0, "", "", "")[-1][0] == "52"


@pytest.mark.parametrize("code", [1100, 2110, 2103, 2105, 2157])
def test_a_notice_can_be_untrue(code: int) -> None:
    """With `effect` 0 data and answers go on."""
    tws, client = streaming()
    assert give(tws, do="notice", code=code, effect=0)["ok"]
    assert codes(client.read()) == [code]
    assert ticking(tws, client) == ALL
    assert client.ask(9, 8, 5, *by_id(SPY), 0, "", "", "")[-1][0] == "52"


def test_notices_come_in_any_number_and_order() -> None:
    """As codes, as codes with farms, and with texts of their own."""
    tws, client = streaming()
    listed = [2119, [2104, "hfarm"], {"code": 2106, "farm": "euhmds"}, 1102,
              {"code": 2999, "text": "Neu"}]  # fmt: skip
    assert give(tws, do="notices", list=listed * 20)["ok"]
    notices = said(client.read())
    assert [code for code, _ in notices] == [2119, 2104, 2106, 1102, 2999] * 20
    assert notices[1][1].endswith(":hfarm")
    assert notices[4][1] == "Neu"
    assert ticking(tws, client) == ALL


def test_history_waits_for_its_own_farm_alone() -> None:
    """2105 stops what ushmds carries until 2106; definitions go on."""
    tws, client = streaming()
    bars = (20, 6, *by_id(SPY, "SMART"), 0, "", "1 hour", "1 D", 1, "TRADES", 1, 0, "")
    give(tws, do="notice", code=2105, farm="euhmds")
    assert client.ask(*bars)[-1][0] == "17"
    give(tws, do="notice", code=2105)
    client.read()
    assert client.ask(*bars) == []
    assert client.ask(9, 8, 5, *by_id(SPY), 0, "", "", "")[-1][0] == "52"
    give(tws, do="notice", code=2106)
    assert [f[0] for f in client.read(17)] == ["17"]


def test_definitions_wait_for_their_farm() -> None:
    """2157 stops them until 2158; quotes go on."""
    tws, client = streaming()
    give(tws, do="notice", code=2157)
    client.read()
    assert client.ask(9, 8, 5, *by_id(SPY), 0, "", "", "") == []
    assert ticking(tws, client) == ALL
    give(tws, do="notice", code=2158)
    assert [f[0] for f in client.read(10, 52)] == ["10", "52"]


def test_an_error_of_any_code_can_be_sent_under_any_id() -> None:
    """To all, or to one client."""
    tws, client = streaming()
    other = tws.client(2)
    assert give(tws, do="say", code=10197, id=3, text="x", client_id=2)["clients"] == 1
    assert give(tws, do="say", code=2151, text="y")["clients"] == 2
    assert client.read(4) == [["4", "2", "-1", "2151", "y", ""]]
    assert [f[2:5] for f in other.read(4)] == [["3", "10197", "x"], ["-1", "2151", "y"]]


def test_the_greeting_is_what_a_command_says() -> None:
    """In place of the usual notices, after accounts and order id, or before them."""
    tws = InMemoryTws()
    _, frames = start(tws)
    assert [f[0] for f in frames[:2]] == ["15", "9"]
    assert codes(frames) == [2104, 2104, 2106, 2158]
    listed = [2110, 1100, [2103, "hfarm"], 2105, 2157, [2108, "cashfarm"], [2107, "euhmds"]]
    give(tws, do="greeting", list=listed, first=1, count=2)
    for client_id in (1, 2):
        client, frames = start(tws, client_id)
        assert codes(frames) == [2110, 1100, 2103, 2105, 2157, 2108, 2107]
        assert [f[0] for f in frames[-2:]] == ["15", "9"]
        client.market_data(1, tws.spot("SPY"))
        assert 1 in ticking(tws, client)
    assert codes(start(tws, 3)[1]) == [2104, 2104, 2106, 2158]
    give(tws, do="greeting", list=[])
    assert codes(start(tws, 4)[1]) == []
    give(tws, do="greeting", on=0)
    assert codes(start(tws, 5)[1]) == [2104, 2104, 2106, 2158]


@pytest.mark.parametrize("code", [1100, 2110])
@pytest.mark.parametrize(
    ("back", "words", "alive"),
    [
        ("1101", [1101], set()),
        ("1102", [1102], ALL),
        ("farms", [2104, 2104, 2104, 2106, 2158], ALL),
        ("ticks", [], ALL),
    ],
)
def test_every_way_back_from_an_outage(
    code: int, back: str, words: list[int], alive: set[int]
) -> None:
    """Nothing ticks and nothing is answered for so long; then what the way brings."""
    tws, client = streaming()
    assert give(tws, do="outage", code=code, seconds=60, back=back)["ok"]
    assert codes(client.read()) == [code]
    assert ticking(tws, client) == set()
    assert client.ask(49, 1)[0][0] == "49"
    assert client.ask(9, 8, 5, *by_id(SPY), 0, "", "", "") == []
    tws.wait(59 - 20)
    assert client.read() == []
    tws.wait(1)
    assert codes(client.read()) == words
    assert ticking(tws, client) == alive


def test_an_outage_can_leave_all_lines_dead() -> None:
    """They are held, and only a new request ticks."""
    tws, client = streaming()
    give(tws, do="outage", code=0, seconds=10, back="ticks", dead=1)
    assert codes(client.read()) == []
    tws.wait(11)
    assert ticking(tws, client) == set()
    assert tws.world.lines.held == 4
    client.market_data(9, tws.spot("SPY"))
    assert ticking(tws, client) == {9}


def test_an_outage_without_end_ends_by_command() -> None:
    """Nothing comes back by itself."""
    tws, client = streaming()
    give(tws, do="outage", back="none")
    tws.wait(5000)
    assert ticking(tws, client) == set()
    give(tws, do="notice", code=1102)
    assert ticking(tws, client) == ALL


@pytest.mark.parametrize("back", ["farms", "ticks", "1102"])
def test_a_greeting_that_is_true_and_its_way_back(back: str) -> None:
    """2110 in the greeting: nothing ticks until the link is back."""
    tws = InMemoryTws()
    give(tws, do="greeting", list=[2110], effect=1, seconds=30, back=back)
    client, frames = start(tws)
    assert codes(frames) == [2110]
    client.market_data(1, tws.spot("SPY"))
    assert ticking(tws, client) == set()
    tws.wait(10)
    client.read()
    assert ticking(tws, client) == {1}


def test_farms_flap_for_twenty_minutes_and_data_goes_on() -> None:
    """Each kind of farm by its own codes, each break mended, and nothing after that time."""
    tws, client = streaming()
    assert give(tws, do="flap", seconds=1200, period=10, down=2)["ok"]
    tws.wait(600)
    half = client.read()
    assert {f[2] for f in half if f[0] == "1"} >= {"1", "2", "3"}
    tws.wait(610)
    notices = said(half) + said(client.read())
    by_code = {code: sum(1 for c, _ in notices if c == code) for code, _ in notices}
    assert set(by_code) == {2103, 2119, 2104, 2105, 2106, 2157, 2158}
    assert 67 < sum(by_code[code] for code in (2103, 2105, 2157)) < 200
    for broken, mended in ((2103, 2104), (2105, 2106), (2157, 2158)):
        assert by_code[broken] == by_code[mended]
    tws.wait(600)
    assert codes(client.read()) == []


def test_farms_that_really_flap_stop_their_own_contracts() -> None:
    """And end with the schedule, or when it is switched off."""
    tws, client = streaming()
    give(tws, do="flap", farms="usopt", seconds=600, period=100, down=100, real=1)
    assert ticking(tws, client) == {1, 3, 4}
    give(tws, do="flap", on=0)
    assert codes(client.read()) == [2104]
    assert ticking(tws, client) == ALL


def test_nothing_is_planned_when_all_clients_have_left() -> None:
    """What became due meanwhile happens when the next one starts."""
    tws, client = streaming()
    give(tws, do="flap", real=1)
    give(tws, do="outage", seconds=60, back="1102")
    client.leave()
    assert tws.world.scheduler.next_due is None
    tws.wait(1000)
    late = tws.client(2)
    late.market_data(1, tws.spot("SPY"))
    give(tws, do="flap", on=0)
    assert ticking(tws, late) == {1}


def test_a_restart_mends_what_was_broken_and_keeps_what_a_new_session_sees() -> None:
    """The link is back, farms flap no longer; the greeting and late accounts stay."""
    tws, client = streaming()
    give(tws, do="flap")
    give(tws, do="outage", seconds=600)
    give(tws, do="greeting", list=[2110])
    give(tws, do="position_answers", mode="empty")
    give(tws, do="restart", seconds=1)
    client.leave()
    again, frames = start(tws)
    assert codes(frames) == [2110]
    assert len(again.ask(61, 1)) > 1
    again.market_data(1, tws.spot("SPY"))
    assert ticking(tws, again) == {1}


@pytest.mark.parametrize(
    "command",
    [
        {"do": "notice", "code": 1300},
        {"do": "notice", "code": 2999},
        {"do": "notice", "code": 2104, "farm": "x" * 50},
        {"do": "notices"},
        {"do": "notices", "list": [[]]},
        {"do": "notices", "list": ["2104"]},
        {"do": "notices", "list": [2104] * 1001},
        {"do": "say"},
        {"do": "say", "code": 1, "client_id": 5},
        {"do": "greeting", "list": [1]},
        {"do": "greeting", "count": 0},
        {"do": "greeting", "back": "soon"},
        {"do": "outage"},
        {"do": "outage", "code": 2104, "seconds": 1},
        {"do": "flap", "period": 0.01},
        {"do": "flap", "farms": [1]},
        {"do": "flap", "farms": "a b"},
    ],
)
def test_a_notice_that_makes_no_sense_is_refused(command: dict[str, object]) -> None:
    """And nothing is sent."""
    tws, client = streaming()
    assert give(tws, **command)["ok"] is False
    assert codes(client.read()) == []
