"""Who gets a line, who does not, and with which error."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import (
    SOON_S,
    InMemoryTws,
    by_id,
    by_name,
    market_data_fields,
)


def test_the_line_over_the_limit_gets_101_whichever_client_asks() -> None:
    """Lines are shared by all clients, and a snapshot counts while it is open."""
    tws = InMemoryTws(lines=2)
    first, second = tws.client(1), tws.client(2)
    first.market_data(1, tws.spot("SPY"))
    first.market_data(2, tws.spot("QQQ"), snapshot=True)
    second.market_data(1, tws.spot("IWM"))
    (error,) = second.read()
    assert error[2:5] == ["1", "101", "Max number of tickers has been reached"]
    tws.wait(SOON_S)
    second.read()
    second.market_data(1, tws.spot("IWM"))
    assert second.errors() == []
    assert [(e.client_id, e.event, e.held) for e in tws.events] == [
        (1, "open", 1), (1, "snapshot", 2), (2, "reject", 2), (1, "end", 1), (2, "open", 2),
    ]  # fmt: skip


def test_snapshots_can_be_free_of_lines() -> None:
    """IB does not say whether they count: a switch."""
    tws = InMemoryTws(lines=0, snapshots_count=False)
    client = tws.client()
    client.market_data(1, tws.spot("SPY"), snapshot=True)
    client.market_data(2, tws.spot("SPY"))
    assert client.errors() == [(2, 101)]
    tws.wait(SOON_S)
    assert [f[0] for f in client.read(57)] == ["57"]
    assert {e.held for e in tws.events} == {0}


def test_a_lower_limit_takes_no_line_away_but_gives_none_either() -> None:
    """Until enough were given back."""
    tws = InMemoryTws(lines=3)
    client = tws.client()
    for req_id, symbol in enumerate(("SPY", "QQQ", "IWM")):
        client.market_data(req_id, tws.spot(symbol))
    tws.world.lines.granted = 2
    client.send(2, 2, 0)
    client.market_data(5, tws.spot("SPX"))
    assert client.errors() == [(5, 101)]
    client.send(2, 2, 1)
    client.market_data(6, tws.spot("SPX"))
    assert client.errors() == []


def test_a_lost_connection_ends_its_lines_at_once() -> None:
    """And only its own."""
    tws = InMemoryTws()
    first, second = tws.client(1), tws.client(2)
    first.market_data(1, tws.spot("SPY"))
    first.market_data(2, tws.spot("QQQ"), snapshot=True)
    second.market_data(1, tws.spot("SPY"))
    first.leave()
    assert [(e.event, e.held) for e in tws.events[-2:]] == [("end", 2), ("end", 1)]
    tws.wait(20)
    assert tws.world.lines.held == 1


@pytest.mark.parametrize(
    ("fields", "code", "cause"),
    [
        (market_data_fields(1, by_id(756733)), 321, "Please enter exchange"),
        (market_data_fields(1, by_id(42, "SMART")), 200, "No security definition"),
        (market_data_fields(1, by_id(756733, "MOON")), 200, "No security definition"),
        (market_data_fields(1, by_name("NOPE", "STK", "SMART")), 200, "No security definition"),
        (market_data_fields(1, by_name("SPY", "PEN", "SMART")), 321, "valid security type"),
        (market_data_fields(1, by_name("SPX", "OPT", "SMART")), 200, "ambiguous"),
        (
            market_data_fields(1, by_id(756733, "SMART"), snapshot=True, generic_ticks="233"),
            321,
            "not applicable to generic ticks",
        ),
    ],
)
def test_what_tws_refuses_is_refused_with_its_code(
    fields: tuple[object, ...], code: int, cause: str
) -> None:
    """Each is in the ledger as a reject and holds no line."""
    tws = InMemoryTws(positions=40)
    client = tws.client()
    (error,) = client.ask(*fields)
    assert error[2:4] == ["1", str(code)]
    assert cause in error[4]
    assert [(e.event, e.held) for e in tws.events] == [("reject", 0)]


def test_a_request_id_in_use_gets_322() -> None:
    """The line that has it goes on."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.market_data(1, tws.spot("QQQ"))
    assert client.errors() == [(1, 322)]
    assert tws.world.lines.held == 1


def test_combinations_and_delta_neutral_contracts_are_read_to_the_end() -> None:
    """Their further fields do not shift the ones behind them."""
    client = InMemoryTws().client()
    bag = by_name("SPY", "BAG", "SMART")
    client.send(1, 11, 1, *bag, 2, 1, 1, "BUY", "SMART", 2, 1, "SELL", "SMART", 0, "", 0, 0, "")
    client.send(1, 11, 2, *by_id(756733, "SMART"), 1, 5, 0.5, 10.0, "", 1, 0, "")
    assert client.errors() == [(1, 200)]
