"""From greeting to end: versions, client ids, malformed requests, pacing."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import TUESDAY, InMemoryClient, InMemoryTws, by_id
from tws_simulator.session import Phase
from tws_simulator.wire.frames import frame
from tws_simulator.world import MAX_CLIENTS


def test_it_answers_the_lower_of_both_versions() -> None:
    """A newer client gets 178, an older one its own."""
    tws = InMemoryTws()
    assert InMemoryClient(tws).greet(222)[0] == "178"
    assert InMemoryClient(tws).greet(176) == ["176", "20261110 15:00:00 UTC"]


@pytest.mark.parametrize(
    "greeting", [b"GET / HTTP/1.1\r\n", b"API\0\0\0\0\x04abcd", b"API\0\0\0\0\x04v100",
                 b"API\0\xff\xff\xff\xff", b"API\0\0\0\0\x09v179..200"]
)  # fmt: skip
def test_what_is_no_greeting_ends_the_conversation(greeting: bytes) -> None:
    """A client without a version of ours gets no answer."""
    client = InMemoryClient(InMemoryTws())
    client.raw(greeting)
    assert client.session.client.closing
    assert client.read() == []


def test_a_greeting_may_come_byte_by_byte_with_the_first_request_behind_it() -> None:
    """TCP promises no more than order."""
    client = InMemoryClient(InMemoryTws())
    for byte in b"API\0\0\0\0\x12v157..178 +PACEAPI" + frame(71, 2, 5, ""):
        client.raw(bytes([byte]))
    assert [f[0] for f in client.read()] == ["178", "15", "9", "4", "4", "4", "4"]
    assert client.session.client.client_id == 5


def test_the_welcome_names_accounts_then_an_order_id_then_the_farms() -> None:
    """In the order captured from TWS; both 15 and 9 have exactly three fields."""
    client = InMemoryClient(InMemoryTws())
    client.greet()
    frames = client.ask(71, 2, 1, "")
    assert frames[:2] == [["15", "1", "DU1234567"], ["9", "1", "1"]]
    assert [f[3] for f in frames[2:]] == ["2104", "2104", "2106", "2158"]
    assert all(len(f) == 6 and f[2] == "-1" for f in frames[2:])


def test_a_client_id_in_use_gets_326_and_the_door() -> None:
    """The newcomer is closed; the one before notices nothing, and its id is free when it goes."""
    tws = InMemoryTws()
    first = tws.client(7)
    second = InMemoryClient(tws)
    second.greet()
    assert [f[2:4] for f in second.ask(71, 2, 7, "")] == [["-1", "326"]]
    assert second.session.client.closing
    second.leave()
    assert [f[0] for f in first.ask(49, 1)] == ["49"]
    first.leave()
    tws.client(7)


def test_the_33rd_client_is_refused() -> None:
    """TWS serves 32."""
    tws = InMemoryTws()
    for number in range(MAX_CLIENTS):
        tws.client(number)
    client = InMemoryClient(tws)
    client.greet()
    client.send(71, 2, 99, "")
    assert client.errors() == [(-1, 321)]
    assert client.session.client.closing


def test_a_request_before_start_api_is_an_error() -> None:
    """Nothing is answered before the client has named itself; then it may still do so."""
    client = InMemoryClient(InMemoryTws())
    client.greet()
    client.send(61, 1)
    assert client.errors() == [(-1, 320)]
    assert [f[0] for f in client.ask(71, 2, 1, "")][:2] == ["15", "9"]


@pytest.mark.parametrize(
    ("fields", "req_id"),
    [
        ((999, 1), -1),
        (("x",), -1),
        ((1, 11, 5), 5),
        ((1, 11, "five", *by_id(1)), -1),
        ((1, 11, 5, "conid"), 5),
        ((9, 8, 6, *by_id(1)[:5]), 6),
        ((20, 7), 7),
        ((62, 1, 8), 8),
        ((6, 2, "yes", ""), -1),
    ],
)
def test_what_cannot_be_read_gets_320_and_the_session_goes_on(
    fields: tuple[object, ...], req_id: int
) -> None:
    """The error carries the request's id wherever it can be read."""
    client = InMemoryTws().client()
    client.send(*fields)
    assert client.errors() == [(req_id, 320)]
    assert client.session.phase is Phase.READY
    assert [f[0] for f in client.ask(49, 1)] == ["49"]


def test_an_empty_frame_gets_320() -> None:
    """No fields, no request."""
    client = InMemoryTws().client()
    client.raw(b"\0\0\0\0")
    assert client.errors() == [(-1, 320)]


def test_an_impossible_frame_ends_the_conversation_and_frees_the_lines() -> None:
    """After it no two fields could be separated."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.raw(b"\xff\xff\xff\xff")
    assert client.session.client.closing
    assert [e.event for e in tws.events] == ["open", "end"]


@pytest.mark.parametrize(
    ("request_fields", "answer"),
    [
        ((5, 1), [["53", "1"]]),
        ((16, 1), [["53", "1"]]),
        ((99, 0), [["102"]]),
        ((7, 3, 4, 0, "", "", "", "", "", ""), [["55", "1", "4"]]),
        ((8, 1, 1), [["9", "1", "1"]]),
        ((17, 1), [["15", "1", "DU1234567"]]),
        ((49, 1), [["49", "1", str(int(TUESDAY))]]),
        ((104, 3), [["107", "3", ""]]),
        ((14, 1, 5), []),
        ((58, 1), []),
    ],
)
def test_start_up_requests_have_their_ends(
    request_fields: tuple[object, ...], answer: list[list[str]]
) -> None:
    """A client that starts waits for each of these."""
    assert InMemoryTws().client().ask(*request_fields) == answer


def test_messages_beyond_the_rate_wait_in_order_and_none_is_lost() -> None:
    """50 in a second are answered at once, the others a second later: TWS's default."""
    tws = InMemoryTws()
    client = tws.client()
    tws.wait(1)
    for number in range(120):
        client.send(7, 3, number, 0, "", "", "", "", "", "")
    assert [int(f[2]) for f in client.read()] == list(range(50))
    assert client.session.backlog == 70
    tws.wait(1)
    assert [int(f[2]) for f in client.read()] == list(range(50, 100))
    tws.wait(1)
    assert [int(f[2]) for f in client.read()] == list(range(100, 120))


def test_pacing_can_be_switched_off() -> None:
    """With 0 nothing waits."""
    client = InMemoryTws(messages_per_s=0).client()
    for number in range(120):
        client.send(7, 3, number, 0, "", "", "", "", "", "")
    assert len(client.read()) == 120


@pytest.mark.parametrize(("version", "fields"), [(165, 5), (176, 6), (178, 6)])
def test_errors_have_the_fields_of_the_version(version: int, fields: int) -> None:
    """Before 166 there is no reject JSON."""
    client = InMemoryTws().client(version=version)
    (error,) = client.ask(999)
    assert len(error) == fields
