"""Quotes take their time as measured on a real TWS, where the switch says so."""

from __future__ import annotations

from statistics import median

import pytest

from tests.unit.simulator.in_memory import InMemoryTws
from tws_simulator.errors import UsageError

OPTION_COMPUTATION, SNAPSHOT_END = "21", "57"
BID, ASK, MODEL = "1", "2", "13"


def _came(*, snapshot: bool, stock: bool = False, requests: int = 40) -> list[dict[str, float]]:
    """Return how long after each request its parts came, seconds to a hundredth."""
    tws = InMemoryTws(settle="measured", lines=200)
    client = tws.client()
    contract = tws.spot("SPY") if stock else tws.held("OPT")
    came: list[dict[str, float]] = []
    for number in range(requests):
        client.market_data(100 + number, contract, snapshot=snapshot)
        found: dict[str, float] = {}
        name = str(100 + number)
        for step in range(1250 if snapshot else 150):
            tws.wait(0.01)
            for frame in client.read():
                if frame[0] == "1" and frame[2] == name and frame[3] in (BID, ASK):
                    found.setdefault("sides", (step + 1) / 100)
                elif frame[:3] == [OPTION_COMPUTATION, name, MODEL]:
                    found.setdefault("model", (step + 1) / 100)
                elif frame[0] == SNAPSHOT_END:
                    found["end"] = (step + 1) / 100
            if "end" in found:
                break
        if not snapshot:
            client.send(2, 2, 100 + number)
        came.append(found)
    return came


def test_a_stream_of_an_option_has_sides_soon_and_its_model_within_a_second() -> None:
    came = _came(snapshot=False)
    assert 0.10 <= median(one["sides"] for one in came) <= 0.19
    assert max(one["model"] for one in came) <= 1.4
    assert sum(one["model"] <= 1.0 for one in came) >= 0.9 * len(came)
    assert all(one["model"] > one["sides"] for one in came)
    assert len({one["sides"] for one in came}) > 5


def test_a_snapshot_of_an_option_ends_after_eleven_to_twelve_seconds() -> None:
    came = _came(snapshot=True, requests=10)
    assert all(11.0 <= one["end"] <= 12.02 for one in came)
    assert all(one["model"] < 2.0 for one in came)


def test_a_snapshot_of_a_stock_ends_when_its_prices_are_there() -> None:
    assert all(one["end"] < 0.7 for one in _came(snapshot=True, stock=True))


def test_quick_is_the_default() -> None:
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(3, tws.held("OPT"), snapshot=True)
    tws.wait(0.31)
    assert [frame[0] for frame in client.read() if frame[0] == SNAPSHOT_END] == [SNAPSHOT_END]


def test_another_way_is_refused() -> None:
    with pytest.raises(UsageError, match="--settle soon"):
        InMemoryTws(settle="soon")
