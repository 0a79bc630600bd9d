"""The order of service: no client's requests delay the others, and one that does not read waits."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws, by_id
from tests.unit.simulator.recorded import RecordedClient, RecordedTws
from tws_simulator.session import MAX_REQUEST_BYTES, MAX_TURN_BYTES, Phase
from tws_simulator.wire.frames import frame

SPY = by_id(756733, "SMART")


def bars(req_id: int) -> bytes:
    """Ask for more bars than fit into one turn."""
    return frame(20, req_id, *SPY, 0, "", "1 secs", "1 D", 1, "TRADES", 1, 0, "")


def answered(client: InMemoryClient) -> list[int]:
    """Return which requests for bars have their answer."""
    return [int(f[1]) for f in client.read(17)]


def test_many_large_answers_take_a_turn_each() -> None:
    """In between the simulator can look after others; none is lost, and none overtakes."""
    tws = InMemoryTws(positions=1)
    client = tws.client(1)
    client.raw(bars(1) + bars(2) + bars(3) + frame(49, 1))
    assert answered(client) == [1]
    assert client.session.backlog == 3
    tws.world.scheduler.run(tws.now)
    assert answered(client) == [2]
    tws.world.scheduler.run(tws.now)
    tws.world.scheduler.run(tws.now)
    assert [f[0] for f in client.read()] == ["17", "49"]


def test_one_answer_may_be_longer_than_a_turn() -> None:
    """An answer is never cut."""
    tws = InMemoryTws(positions=2000)
    client = tws.client(1)
    client.send(61, 1)
    frames = client.read()
    assert sum(len("\0".join(f)) for f in frames) > MAX_TURN_BYTES
    assert [f[0] for f in frames] == ["61"] * 2000 + ["62"]


def test_a_client_whose_socket_is_full_waits_and_loses_nothing() -> None:
    """Its requests are worked off when it reads again; until then no other request is."""
    tws = InMemoryTws(positions=1)
    client, other = tws.client(1), tws.client(2)
    client.session.congested = True
    client.send(49, 1)
    client.send(17, 1)
    tws.wait(30)
    assert client.read() == []
    assert [f[0] for f in other.ask(49, 1)] == ["49"]
    client.session.relieved(tws.now)
    assert [f[0] for f in client.read()] == ["49", "15"]


def test_a_request_that_no_client_would_send_ends_the_session() -> None:
    """As soon as its length is known."""
    client = InMemoryTws(positions=1).client(1)
    client.raw(MAX_REQUEST_BYTES.to_bytes(4, "big"))
    assert client.session.phase is Phase.READY
    client = InMemoryTws(positions=1).client(1)
    client.raw((MAX_REQUEST_BYTES + 1).to_bytes(4, "big"))
    assert client.session.phase is Phase.CLOSED


@pytest.mark.parametrize("pieces", [[b"GET / HTTP"], [b"AP", b"I\0", b"nonsense"], [b"API"]])
def test_a_greeting_that_is_none_is_in_the_log_as_bytes(pieces: list[bytes]) -> None:
    """Once, and whole, whether it was wrong or cut short."""
    tws = RecordedTws(positions=1)
    client = RecordedClient(tws)
    for piece in pieces:
        client.raw(piece)
    client.leave()
    noted = [(line["kind"], line.get("raw")) for line in tws.record() if line["kind"] != "holding"]
    assert noted == [("bytes", b"".join(pieces).hex()), ("close", None)]


def test_the_log_has_what_waited_what_was_withheld_and_what_came_late() -> None:
    """Each with its own state or kind; what cannot be read is shown as bytes."""
    tws = RecordedTws(positions=1, messages_per_s=3)
    client = tws.recorded(1)
    client.raw(frame(49, 1) * 4)
    tws.wait(0.5)
    tws.control(do="silence")
    tws.control(do="notice", code=1100)
    client.raw(b"\xff\xff\xff\xff")
    tws.control(do="silence", on=0)
    reported = [
        (line["kind"], line.get("id"), line.get("state"))
        for line in tws.record()
        if line["kind"] != "holding"
        and (line.get("id") not in (4, 9, 15) or line.get("state") in ("withheld", "late"))
    ]
    assert reported == [
        ("greeting", None, None),
        ("greeting", None, "sent"),
        ("frame", 71, "taken"),
        ("frame", 49, "taken"),
        ("frame", 49, "sent"),
        ("frame", 49, "taken"),
        ("frame", 49, "sent"),
        ("frame", 49, "waits"),
        ("frame", 49, "waits"),
        ("frame", 4, "withheld"),
        ("frame", 4, "late"),
        ("bytes", None, None),
        ("close", None, None),
    ]
