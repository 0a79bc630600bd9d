"""Which farm carries a contract: by its exchange and its kind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.simulator.holdings import HOLDINGS, holding
from tests.unit.simulator.in_memory import InMemoryTws, by_id, market_data_fields
from tests.unit.simulator.test_simulator_commands import give
from tws_simulator.instruments.contract import Contract
from tws_simulator.services.common.farms import farm_of, history_farm_of


def contract(**fields: Any) -> Contract:
    """Return a stock with other fields."""
    return replace(InMemoryTws(positions=1).spot("SPY"), **fields)


@pytest.mark.parametrize(
    ("fields", "farm", "history"),
    [
        ({}, "usfarm", "ushmds"),
        ({"sec_type": "IND", "exchange": "CBOE", "primary_exchange": ""}, "usfarm", "ushmds"),
        ({"sec_type": "OPT", "primary_exchange": ""}, "usopt", "ushmds"),
        ({"sec_type": "FUT", "exchange": "CME", "primary_exchange": ""}, "usfuture", "ushmds"),
        ({"sec_type": "FOP", "exchange": "CME", "primary_exchange": ""}, "usfuture", "ushmds"),
        ({"sec_type": "OPT", "exchange": "EUREX", "primary_exchange": ""}, "eufarm", "euhmds"),
        ({"sec_type": "FUT", "exchange": "OSE.JPN", "primary_exchange": ""}, "jfarm", "hkhmds"),
        ({"primary_exchange": "LSE", "currency": "GBP"}, "eufarm", "euhmds"),
        ({"primary_exchange": "SEHK", "currency": "HKD"}, "hfarm", "hkhmds"),
        ({"primary_exchange": "TSEJ", "currency": "JPY"}, "jfarm", "hkhmds"),
        ({"primary_exchange": "TSE", "currency": "CAD"}, "cafarm", "ushmds"),
        ({"primary_exchange": "", "currency": "EUR"}, "eufarm", "euhmds"),
        ({"sec_type": "CASH", "exchange": "IDEALPRO", "primary_exchange": ""}, "cashfarm",
         "cashhmds"),
        ({"sec_type": "BOND"}, "usbond", "ushmds"),
        ({"sec_type": "FUND"}, "fundfarm", "fundfarm"),
    ],
)  # fmt: skip
def test_farm_follows_from_exchange_and_kind(
    fields: dict[str, object], farm: str, history: str
) -> None:
    """Where neither says it, from the currency."""
    assert (farm_of(contract(**fields)), history_farm_of(contract(**fields))) == (farm, history)


@pytest.mark.parametrize(
    ("farm", "kinds"),
    [
        ("usfarm", {"CFD", "CRYPTO"}),
        ("usopt", {"WAR"}),
        ("usfuture", {"FUT", "FOP"}),
        ("usbond", {"BOND", "BILL"}),
        ("cashfarm", {"CASH", "CMDTY"}),
        ("eufarm", {"STK", "OPT", "IND", "IOPT"}),
        ("hfarm", set()),
    ],
)
def test_broken_farm_stops_what_it_carries_and_nothing_else(farm: str, kinds: set[str]) -> None:
    """Lines of every kind: those of the farm tick when it is back, the others at once."""
    asked = {kind: one for kind, one in HOLDINGS.items() if kind not in ("FUND", "BAG", "SLB")}
    tws = holding([one.entry for one in asked.values()])
    client = tws.client()
    give(tws, do="notice", code=2103, farm=farm)
    lines = {}
    for req_id, held in enumerate(tws.world.accounts.positions(), 1):
        kind = held.contract.sec_type
        lines[str(req_id)] = kind
        client.send(*market_data_fields(req_id, by_id(held.contract.con_id, asked[kind].asked)))
    assert client.errors() == [(-1, 2103)]
    tws.wait(5)
    assert {lines[f[2]] for f in client.read(1)} == set(lines.values()) - kinds
    give(tws, do="notice", code=2104, farm=farm)
    assert {lines[f[2]] for f in client.read(1)} >= kinds
