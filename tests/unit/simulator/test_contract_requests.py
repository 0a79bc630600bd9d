"""Contract details, chains, symbols and bars."""

from __future__ import annotations

import pytest

from tests.unit.simulator.in_memory import InMemoryTws, by_id, by_name


def details(tws: InMemoryTws, contract: tuple[object, ...], version: int = 178) -> list[list[str]]:
    """Ask for details; each row and the end."""
    client = tws.client(9, version)
    frames = client.ask(9, 8, 3, *contract, 0, "", "", "")
    client.leave()
    return frames


@pytest.mark.parametrize("kind", ["STK", "OPT", "FUT"])
def test_every_held_contract_has_details_by_its_id_alone(kind: str) -> None:
    """One row that names where it can be asked for, then 52."""
    tws = InMemoryTws()
    held = tws.held(kind)
    row, end = details(tws, by_id(held.con_id))
    assert end == ["52", "1", "3"]
    assert (row[0], row[2], row[3], row[12]) == ("10", held.symbol, kind, str(held.con_id))
    assert row[7] == {"STK": "SMART", "OPT": "SMART", "FUT": "CME"}[kind]
    assert row[7] in row[16].split(",")
    assert len(row[16].split(",")) == len(row[-6].split(",")), "a market rule for each exchange"


@pytest.mark.parametrize(
    ("symbol", "kind", "exchange"),
    [("VIX", "IND", "CBOE"), ("SPX", "IND", "CBOE"), ("SPY", "STK", "SMART"),
     ("QQQ", "STK", "ISLAND"), ("IWM", "STK", "ARCA")],
)  # fmt: skip
def test_the_usual_underlyings_are_there_whichever_account_holds_them(
    symbol: str, kind: str, exchange: str
) -> None:
    """By symbol, type and exchange, even in an empty book."""
    row, _ = details(InMemoryTws(positions=0), by_name(symbol, kind, exchange))
    assert (row[2], row[7]) == (symbol, exchange)


def test_an_ambiguous_description_gives_all_that_fit() -> None:
    """The nearest expiry first."""
    tws = InMemoryTws(positions=100)
    frames = details(tws, by_name("SPX", "OPT"))
    assert len(frames) > 5
    expiries = [f[4][:8] for f in frames[:-1]]
    assert expiries == sorted(expiries)
    held = tws.held("OPT")
    (row, _) = details(
        tws,
        by_name(held.symbol, "OPT", expiry=held.expiry, strike=held.strike, right=held.right),
    )
    assert row[12] == str(held.con_id)


@pytest.mark.parametrize(
    "contract", [by_id(42), by_name("NOPE", "STK"), by_id(756733, "MOON"), by_name("SPY", "IND")]
)
def test_an_unknown_contract_gets_200_and_no_end(contract: tuple[object, ...]) -> None:
    """The text is TWS's."""
    (error,) = details(InMemoryTws(), contract)
    text = "No security definition has been found for the request"
    assert error[:5] == ["4", "2", "3", "200", text]


@pytest.mark.parametrize(
    ("version", "last_trade"),
    [(160, "-14:30:00"), (163, "-14:30:00"), (176, "-14:30:00"), (178, " 14:30:00 UTC")],
)
def test_details_have_the_layout_of_the_version(version: int, last_trade: str) -> None:
    """Older versions have a message version and a size multiplier; the last trade date differs."""
    tws = InMemoryTws()
    held = tws.held("FUT")
    row, _ = details(tws, by_id(held.con_id), version)
    shift = 1 if version < 164 else 0
    assert row[4 + shift] == held.expiry + last_trade
    assert len(row) == (39 if version < 163 else 40)


def test_option_chains_list_expiries_and_strikes_of_what_exists() -> None:
    """One row for each exchange, then 76."""
    tws = InMemoryTws(positions=100)
    frames = tws.client().ask(78, 4, "SPX", "", "IND", 416904)
    assert frames[-1] == ["76", "4"]
    row = frames[0]
    assert row[:6] == ["75", "4", "SMART", "416904", "SPXW", "100"]
    count = int(row[6])
    assert int(row[7 + count]) == len(row) - 8 - count


def test_symbols_are_found_by_how_they_begin() -> None:
    """With the types derived from them."""
    (row,) = InMemoryTws().client().ask(81, 4, "sp")
    assert row[:2] == ["79", "4"]
    assert {"SPX", "SPY"} <= set(row)


def bars(tws: InMemoryTws, *, size: str, duration: str, what: str = "TRADES",
         end: str = "", keep: int = 0) -> list[list[str]]:  # fmt: skip
    """Ask for bars of SPY."""
    return tws.client(8).ask(
        20, 5, *by_id(756733, "SMART"), 0, end, size, duration, 0, what, 2, keep, ""
    )


def test_bars_end_now_and_lie_side_by_side() -> None:
    """Epoch seconds with format 2; the last bar holds this minute."""
    tws = InMemoryTws()
    (frame,) = bars(tws, size="1 min", duration="600 S")
    assert frame[:2] == ["17", "5"]
    assert frame[3] == "20261110-15:00:00"
    rows = [frame[5 + 8 * n : 13 + 8 * n] for n in range(int(frame[4]))]
    starts = [int(row[0]) for row in rows]
    assert starts == [int(tws.now) - 60 * n for n in reversed(range(10))]
    for row in rows:
        opened, high, low, close = map(float, row[1:5])
        assert low <= opened <= high
        assert low <= close <= high
        assert int(row[5]) > 0


def test_quoted_bars_have_no_volume() -> None:
    """-1, -1 and -1, as captured from TWS."""
    (frame,) = bars(InMemoryTws(), size="1 min", duration="60 S", what="MIDPOINT")
    assert frame[10:13] == ["-1", "-1.0", "-1"]


def test_a_bar_agrees_with_the_live_price() -> None:
    """One market behind both: the newest bar closes where the quote is."""
    tws = InMemoryTws()
    tws.wait(30.25)
    (frame,) = bars(tws, size="1 min", duration="60 S", what="MIDPOINT")
    quote = tws.world.market.quote(tws.spot("SPY"), tws.now)
    assert quote.bid is not None
    assert quote.ask is not None
    assert quote.bid - 0.02 <= float(frame[9]) <= quote.ask + 0.02


def test_the_newest_bar_is_kept_up_to_date_until_cancelled() -> None:
    """90 every five seconds; a second cancel gets 366."""
    tws = InMemoryTws()
    bars(tws, size="1 min", duration="60 S", keep=1)
    client = tws.world.clients[8]
    tws.wait(11)
    assert len(client.take_output()) == 2
    tws.world.history.cancel(client, 5, tws.now)
    tws.wait(11)
    assert client.take_output() == []
    tws.world.history.cancel(client, 5, tws.now)
    assert b"366" in client.take_output()[0]


@pytest.mark.parametrize(
    ("size", "duration", "end", "what"),
    [("7 mins", "1 D", "", "TRADES"), ("1 min", "1", "", "GOSSIP"), ("1 min", "a D", "", "TRADES"),
     ("1 min", "1 D", "yesterday", "TRADES"), ("1 min", "1 D", "20261110 15:00:00 Mars/City",
     "TRADES")],
)  # fmt: skip
def test_bars_that_cannot_be_made_get_321(size: str, duration: str, end: str, what: str) -> None:
    """One error each, and nothing else."""
    (frame,) = bars(InMemoryTws(), size=size, duration=duration, end=end, what=what)
    assert (frame[0], frame[3]) == ("4", "321")
