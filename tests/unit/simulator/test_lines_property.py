"""Whatever clients do, the ledger adds up, and nothing they send breaks the world."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws, by_id, market_data_fields
from tws_simulator.services.market_data.ledger import LedgerEvent
from tws_simulator.session import Phase
from tws_simulator.wire.frames import frame

CLIENTS = (1, 2, 3)
SYMBOLS = ("SPY", "QQQ", "VIX")
LIMIT = 4

client_ids, req_ids = st.sampled_from(CLIENTS), st.integers(1, 3)
actions = st.one_of(
    st.tuples(st.just("open"), client_ids, req_ids, st.sampled_from(SYMBOLS)),
    st.tuples(st.just("snapshot"), client_ids, req_ids, st.sampled_from(SYMBOLS)),
    st.tuples(st.just("cancel"), client_ids, req_ids),
    st.tuples(st.just("leave"), client_ids),
    st.tuples(st.just("wait"), st.floats(0.0, 0.4)),
)


def recount(events: Sequence[LedgerEvent]) -> list[int]:
    """Count lines from what happened, without looking at `held`."""
    held: set[tuple[int, int]] = set()
    counts = []
    for event in events:
        line = (event.client_id, event.req_id)
        if event.event in ("open", "snapshot"):
            assert line not in held
            held.add(line)
        elif event.event in ("cancel", "end"):
            held.remove(line)
        counts.append(len(held))
    return counts


@settings(max_examples=examples(100))
@given(st.lists(actions, max_size=60))
def test_the_ledger_adds_up_and_never_exceeds_the_limit(
    steps: list[tuple[object, ...]],
) -> None:
    """`held` of each event is a recount of the events before it, and the world agrees."""
    tws = InMemoryTws(positions=1, lines=LIMIT, messages_per_s=0)
    clients = {client_id: tws.client(client_id) for client_id in CLIENTS}
    for kind, *args in steps:
        match kind, args:
            case (("open" | "snapshot"), [int() as client_id, int() as req_id, str() as symbol]):
                clients[client_id].market_data(
                    req_id, tws.spot(symbol), snapshot=kind == "snapshot"
                )
            case "cancel", [int() as client_id, int() as req_id]:
                clients[client_id].send(2, 2, req_id)
            case "leave", [int() as client_id]:
                clients[client_id].leave()
                clients[client_id] = tws.client(client_id)
            case "wait", [float() as seconds]:
                tws.wait(seconds)
    assert [event.held for event in tws.events] == recount(tws.events)
    assert all(event.held <= LIMIT for event in tws.events)
    assert tws.world.lines.held == (tws.events[-1].held if tws.events else 0)
    for client in clients.values():
        client.leave()
    assert tws.world.lines.held == 0
    assert tws.world.scheduler.next_due is None, "something goes on without a client"


texts = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "2147483647", "2147483648", "1e308", "nan", "SPY", "STK", "OPT",
         "SMART", "USD", "BAG", "756733", "1 D", "1 min", "20261218", "20261110-15:00:00",
         "20261110 15:00:00 US/Eastern", "99999 Y", "TRADES", "All", "DU1234567", "C"]
    ),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6),
)  # fmt: skip
frames_of_fields = st.lists(texts, max_size=24).map(
    lambda fields: frame(*fields) if fields else b"\0\0\0\0"
)
any_request = st.tuples(st.integers(0, 110), st.lists(texts, max_size=24)).map(
    lambda drawn: frame(drawn[0], *drawn[1])
)


@settings(max_examples=examples(150))
@given(st.lists(any_request | frames_of_fields | st.binary(max_size=40), max_size=12))
def test_whatever_a_client_sends_it_gets_an_answer_or_the_door(data: list[bytes]) -> None:
    """No bytes raise; the other client notices nothing."""
    tws = InMemoryTws(positions=3, lines=3, messages_per_s=0)
    bystander, fuzzer = tws.client(1), tws.client(2)
    for piece in data:
        fuzzer.raw(piece)
        tws.wait(0.01)
    open_or_closed = fuzzer.session.phase is Phase.READY or fuzzer.session.client.closing
    assert open_or_closed
    tws.wait(1)
    fuzzer.leave()
    assert [f[0] for f in bystander.ask(49, 1)] == ["49"]
    assert tws.world.lines.held == 0


@settings(max_examples=examples(100))
@given(st.binary(max_size=80))
def test_whatever_greets_the_session_never_raises(data: bytes) -> None:
    """Before a greeting there is no client to answer."""
    tws = InMemoryTws(positions=1)
    client = InMemoryClient(tws)
    client.raw(data)
    client.raw(b"API\0" + data)
    client.leave()


def test_a_request_cut_into_single_bytes_is_one_request() -> None:
    """The ledger has one event."""
    tws = InMemoryTws()
    client = tws.client()
    for byte in frame(*market_data_fields(1, by_id(756733, "SMART"))):
        client.raw(bytes([byte]))
    assert [e.event for e in tws.events] == ["open"]
