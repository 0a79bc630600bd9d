"""Connections broken on command: silences that end, half-open ones, slow answers, garbage."""

from __future__ import annotations

from random import Random

import pytest

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws
from tests.unit.simulator.test_simulator_commands import Shell, give
from tws_simulator.session import Phase
from tws_simulator.wire.frames import MAX_FRAME_BYTES, frame
from tws_simulator.wire.malformed import GARBAGE


def test_a_silence_that_ends_delivers_what_both_sides_held_back_in_order() -> None:
    """Pushes of the meantime come first, then answers to what was asked in the meantime."""
    tws = InMemoryTws()
    client = tws.client()
    client.ask(61, 1)
    give(tws, do="silence")
    client.send(49, 1)
    option = tws.held("OPT").con_id
    give(tws, do="position", con_id=option, quantity=7)
    assert client.read() == []
    assert give(tws, do="silence", on=0) == {"ok": True, "clients": 1}
    pushed, answer = client.read()
    assert (pushed[0], pushed[3], pushed[14]) == ("61", str(option), "7")
    assert answer[0] == "49"
    assert [f[0] for f in client.ask(49, 1)] == ["49"]


def test_a_silence_can_end_with_the_end_of_the_connection() -> None:
    """The peer forgot us: nothing is delivered, and its lines are free."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.read()
    give(tws, do="silence")
    give(tws, do="silence", on=0, then="cut")
    assert client.session.client.closing
    assert client.read() == []
    assert tws.world.lines.held == 0


@pytest.mark.parametrize("fault", ["silence", "slow"])
def test_a_peer_that_held_back_too_much_ends_the_connection(fault: str) -> None:
    """No part of what was sent may be missing, and nothing is kept without end."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do=fault, seconds=2, streams=0)
    client.send(49, 1)
    for _ in range(17):
        client.session.client.send(bytes(1024 * 1024))
    give(tws, do="silence", on=0)
    tws.wait(2.1)
    assert client.session.phase is Phase.CLOSED
    assert client.session.client.take_output() == []
    assert tws.world.clients == {}


def test_a_silent_session_takes_only_so_many_bytes() -> None:
    """The rest stays in the socket, as with a peer that froze."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="silence")
    assert client.session.backlog == 0
    client.raw(bytes(1_000_000))
    assert client.session.backlog > 1000


@pytest.mark.parametrize("where", ["greeting", "start"])
def test_a_half_open_peer_accepts_and_then_says_nothing_until_the_silence_ends(where: str) -> None:
    """Before the greeting is answered, or after; clients that were there notice nothing."""
    tws = InMemoryTws()
    before = tws.client(1)
    give(tws, do="half_open", where=where)
    late = InMemoryClient(tws)
    late.raw(b"API\0\0\0\0\x09v157..178")
    late.send(71, 2, 2, "")
    assert [len(f) for f in late.read()] == ([2] if where == "start" else [])
    assert 2 not in tws.world.clients
    assert [f[0] for f in before.ask(49, 1)] == ["49"]
    give(tws, do="half_open", on=0)
    assert tws.client(3).ask(49, 1)
    give(tws, do="silence", on=0)
    assert [f[0] for f in late.read(15, 9)] == ["15", "9"]
    assert sorted(tws.world.clients) == [1, 2, 3]


def test_what_comes_with_the_greeting_is_not_lost_to_a_half_open_peer() -> None:
    """A client may send startApi without waiting for the answer."""
    tws = InMemoryTws()
    give(tws, do="half_open", where="start")
    late = InMemoryClient(tws)
    late.raw(b"API\0\0\0\0\x09v157..178" + frame(71, 2, 2, ""))
    assert len(late.read()) == 1
    give(tws, do="silence", on=0)
    assert [f[0] for f in late.read(15, 9)] == ["15", "9"]


def test_half_open_ends_by_itself_for_new_connections() -> None:
    """After the seconds that were given."""
    tws = InMemoryTws()
    give(tws, do="half_open", seconds=5)
    tws.wait(4.9)
    late = InMemoryClient(tws)
    late.raw(b"API\0\0\0\0\x09v157..178")
    assert late.read() == []
    tws.wait(0.2)
    assert tws.client(2).ask(49, 1)


def test_slow_answers_come_later_in_their_order_and_streams_go_on() -> None:
    """Each so much after its request, not after the one before it."""
    tws = InMemoryTws()
    client = tws.client()
    client.ask(61, 1)
    give(tws, do="slow", seconds=2)
    client.send(49, 1)
    tws.wait(1)
    client.send(8, 1, 1)
    give(tws, do="position", con_id=tws.held("OPT").con_id, quantity=7)
    assert [f[0] for f in client.read()] == ["61"]
    tws.wait(1.1)
    assert [f[0] for f in client.read()] == ["49"]
    tws.wait(1)
    assert [f[0] for f in client.read()] == ["9"]
    assert give(tws, do="slow", seconds=0)["ok"]
    assert [f[0] for f in client.ask(49, 1)] == ["49"]


def test_one_kind_of_request_can_be_slow_and_nothing_overtakes_it() -> None:
    """TWS reads a client's requests one after another."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="slow", seconds=2, request="positions")
    assert [f[0] for f in client.ask(49, 1)] == ["49"]
    client.send(61, 1)
    client.send(49, 1)
    assert client.read() == []
    tws.wait(2.1)
    assert [f[0] for f in client.read()] == ["61"] * 20 + ["62", "49"]


def test_answers_that_are_less_slow_overtake_none_that_are_slower() -> None:
    """What was asked first is answered first, whatever became of the slowness."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="slow", seconds=5)
    client.send(8, 1, 1)
    give(tws, do="slow", seconds=1)
    client.send(49, 1)
    give(tws, do="slow", seconds=0)
    client.send(8, 1, 1)
    tws.wait(4.9)
    assert client.read() == []
    tws.wait(0.2)
    assert [f[0] for f in client.read()] == ["9", "49", "9"]


def test_pushes_can_wait_with_slow_answers() -> None:
    """They come before the answer, as they happened before it."""
    tws = InMemoryTws()
    client = tws.client()
    client.ask(61, 1)
    give(tws, do="slow", seconds=2, streams=0)
    client.send(49, 1)
    give(tws, do="position", con_id=tws.held("OPT").con_id, quantity=7)
    assert client.read() == []
    tws.wait(2.1)
    assert [f[0] for f in client.read()] == ["61", "49"]
    give(tws, do="position", con_id=tws.held("OPT").con_id, quantity=8)
    assert [f[0] for f in client.read()] == ["61"]


def test_slow_answers_of_a_client_that_left_are_forgotten() -> None:
    """Nothing is planned for a client that has left."""
    tws = InMemoryTws()
    client = tws.client()
    give(tws, do="slow", seconds=2)
    client.send(1, 11, 1, 756733, *[""] * 6, "SMART", *[""] * 4, 0, "", 0, 0, "")
    client.leave()
    assert tws.world.scheduler.next_due is None
    assert tws.events == []


@pytest.mark.parametrize("kind", [*GARBAGE, ""])
def test_garbage_is_sent_and_the_same_for_a_seed(kind: str) -> None:
    """To all, or to one client; the simulator itself goes on."""
    tws = InMemoryTws()
    sent = []
    for client_id in (1, 2):
        client = tws.client(client_id)
        arguments = {"kind": kind} if kind else {}
        assert give(tws, do="garbage", client_id=client_id, seed=5, **arguments)["clients"] == 1
        sent.append(b"".join(client.session.client.take_output()))
        client.send(49, 1)
        assert b"".join(client.session.client.take_output())[4:7] == b"49\0"
    assert sent[0] == sent[1] != b""


def test_each_kind_of_garbage_is_what_it_says() -> None:
    """For many seeds: a frame is whole, but what is in it is wrong."""
    for seed in range(50):
        made = {kind: make(Random(seed)) for kind, make in GARBAGE.items()}
        for kind in ("noise", "unknown_id", "wrong_count", "no_number"):
            assert int.from_bytes(made[kind][:4], "big") == len(made[kind]) - 4, kind
        assert int.from_bytes(made["absurd_length"][:4], "big") > MAX_FRAME_BYTES
        assert 150 <= int(made["unknown_id"][4:].split(b"\0")[0]) < 200
        assert len(made["wrong_count"][4:-1].split(b"\0")) != 16
        fields = made["no_number"][4:-1].split(b"\0")
        assert len(fields) == 16
        with pytest.raises(ValueError, match="could not convert"):
            float(fields[14].decode().replace("0x", "x"))


def test_a_truncated_frame_is_the_end_of_one_connection() -> None:
    """A head without its rest, then the end; the other client goes on."""
    tws = InMemoryTws()
    victim, other = tws.client(1), tws.client(2)
    victim.market_data(1, tws.spot("SPY"))
    victim.read()
    assert give(tws, do="truncate", client_id=1)["clients"] == 1
    data = b"".join(victim.session.client.take_output())
    whole = 4 + int.from_bytes(data[:4], "big")
    rest = data[whole:]
    assert data[4:whole] == b"62\x001\0"
    assert 0 < len(rest) < 4 + int.from_bytes(rest[:4].ljust(4, b"\xff"), "big")
    assert victim.session.phase is Phase.CLOSED
    assert tws.world.lines.held == 0
    assert [f[0] for f in other.ask(49, 1)] == ["49"]


def test_a_restart_ends_the_faults_and_is_announced_only_if_asked() -> None:
    """TWS says nothing at its nightly restart; a lost server would be 1100."""
    tws, shell = InMemoryTws(), Shell()
    client = tws.client()
    give(tws, do="slow", seconds=60)
    give(tws, shell, do="restart", seconds=30)
    assert client.errors() == []
    give(tws, shell, do="restart", seconds=20, notice=1)
    assert client.errors() == [(-1, 1100)]
    assert shell.did == [("restart", 30.0), ("restart", 20.0)]
    assert [f[0] for f in client.ask(49, 1)] == ["49"], "a TWS that was restarted is not slow"


@pytest.mark.parametrize(
    "command",
    [
        {"do": "silence", "on": 0, "then": "sing"},
        {"do": "half_open", "where": "noon"},
        {"do": "half_open", "seconds": 0},
        {"do": "slow"},
        {"do": "slow", "seconds": -1},
        {"do": "slow", "seconds": 1, "request": "pizza"},
        {"do": "garbage", "kind": "organic"},
        {"do": "garbage", "client_id": 9},
        {"do": "truncate", "client_id": 9},
        {"do": "restart"},
        {"do": "restart", "seconds": 100_000},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(command: dict[str, object]) -> None:
    """With why, and without an effect."""
    tws, shell = InMemoryTws(), Shell()
    client = tws.client()
    answer = give(tws, shell, **command)
    assert answer["ok"] is False
    assert answer["error"]
    assert shell.did == []
    assert [f[0] for f in client.ask(49, 1)] == ["49"]


def test_help_describes_every_command_in_one_line() -> None:
    """From the tables in the modules of the commands."""
    commands = give(InMemoryTws(), do="help")["commands"]
    assert {"position", "limit", "silence", "restart", "status"} <= commands.keys()
    for name, description in commands.items():
        assert len(description) > 10, f"{name} is not described"
        assert "\n" not in description
