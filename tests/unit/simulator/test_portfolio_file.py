"""A portfolio file: what may be left out, and how a mistake in it is reported."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.simulator.in_memory import TUESDAY
from tws_simulator.book.file import read_portfolio
from tws_simulator.build import build_world
from tws_simulator.config import SimulatorConfig
from tws_simulator.errors import PortfolioError
from tws_simulator.world import World

OPTION = {"symbol": "SPX", "expiry": "20261218", "strike": 6000, "right": "P", "quantity": -2}


def world_of(folder: Path, *accounts: dict[str, Any]) -> World:
    """Write a file, read it, and build a world from it."""
    path = folder / "portfolio.json"
    path.write_text(json.dumps({"accounts": accounts}))
    portfolio = read_portfolio(path)
    return build_world(SimulatorConfig(), portfolio, TUESDAY, lambda event: None, "run")


def account(*positions: dict[str, Any], name: str = "U1") -> dict[str, Any]:
    """Describe an account."""
    return {"account": name, "positions": list(positions)}


def test_what_is_left_out_is_derived(tmp_path: Path) -> None:
    """Type, ids, names, multiplier, exchange, and a cost near the market."""
    world = world_of(
        tmp_path,
        account(
            {"symbol": "SPY", "quantity": 100},
            OPTION,
            {"symbol": "ES", "expiry": "20261218", "quantity": 1},
        ),
    )
    stock, option, future = world.accounts.positions("U1")
    assert (stock.contract.con_id, stock.contract.primary_exchange) == (756733, "ARCA")
    assert option.contract.sec_type == "OPT"
    assert option.contract.local_symbol == "SPXW  261218P06000000"
    assert (option.contract.multiplier, option.contract.con_id > 0) == (Decimal(100), True)
    assert (future.contract.local_symbol, future.contract.multiplier) == ("ESZ6", Decimal(50))
    assert future.avg_cost == pytest.approx(world.market.mark(future.contract, TUESDAY) * 50, 1e-3)


def test_what_is_given_is_taken(tmp_path: Path) -> None:
    """Ids, cost, names and exchange, even where the catalogue has others."""
    given = {
        **OPTION, "con_id": 700001, "avg_cost": 4510.5, "multiplier": "100",
        "trading_class": "SPX", "local_symbol": "SPX   261218P06000000", "currency": "USD",
    }  # fmt: skip
    bank = {"symbol": "BAC", "quantity": 5, "con_id": 10098}
    world = world_of(tmp_path, account(given, bank))
    option, stock = world.accounts.positions("U1")
    assert (option.contract.con_id, option.avg_cost) == (700001, 4510.5)
    assert option.contract.trading_class == "SPX"
    assert stock.contract.con_id == 10098
    assert world.universe.get(10098) is stock.contract


def test_an_unknown_underlying_is_made_up_and_quoted(tmp_path: Path) -> None:
    """Near the price that is given, the strike, or what was paid."""
    world = world_of(
        tmp_path,
        account(
            {"symbol": "ZZZ", "quantity": 1, "avg_cost": 55.0, "exchange": "NYSE"},
            {"symbol": "YYY", "expiry": "20261218", "strike": 30, "right": "C", "quantity": 1},
            {"symbol": "XXX", "quantity": 1, "price": 900},
        ),
    )
    stock, option, priced = world.accounts.positions()
    assert stock.contract.primary_exchange == "NYSE"
    assert world.market.mark(stock.contract, TUESDAY) == pytest.approx(55, rel=0.3)
    assert world.market.spot("YYY", TUESDAY) == pytest.approx(30, rel=0.3)
    assert world.market.quote(option.contract, TUESDAY).bid is not None
    assert world.market.mark(priced.contract, TUESDAY) == pytest.approx(900, rel=0.3)


def test_accounts_that_hold_the_same_contract_agree_on_its_id(tmp_path: Path) -> None:
    """Though only one of them gives it."""
    world = world_of(
        tmp_path, account(OPTION), account({**OPTION, "con_id": 700001}, name="U2"),
        account(name="U3"),
    )  # fmt: skip
    assert world.accounts.names == ("U1", "U2", "U3")
    assert {p.contract.con_id for p in world.accounts.positions()} == {700001}


@pytest.mark.parametrize(
    ("content", "reported"),
    [
        ("{", "is no JSON"),
        ("[]", "the file must be an object"),
        ('{"accounts": {}}', "the file.accounts: must be a list"),
        ('{"accounts": []}', "the file.accounts: must name at least one"),
        ('{"accounts": [1]}', "accounts[0] must be an object"),
        ('{"accounts": [{"positions": []}]}', "accounts[0].account: must be a text"),
        ('{"accounts": [{"account": "U1"}]}', "accounts[0].positions: must be a list"),
        (
            '{"accounts": [{"account": "U1", "positions": []},'
            ' {"account": "U1", "positions": []}]}',
            "accounts[1].account: U1 is there twice",
        ),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_reported_with_its_place(
    tmp_path: Path, content: str, reported: str
) -> None:
    """One line that names the field."""
    path = tmp_path / "portfolio.json"
    path.write_text(content)
    with pytest.raises(PortfolioError) as raised:
        read_portfolio(path)
    assert reported in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"symbol": ""}, ".symbol: must be a text"),
        ({"quantity": "many"}, ".quantity: must be a number"),
        ({"quantity": True}, ".quantity: must be a number"),
        ({"quantity": 1e30}, ".quantity: must be a number below"),
        ({"right": "X"}, ".right: must be C or P"),
        ({"expiry": "202612"}, ".expiry: must be a date"),
        ({"expiry": "20261399"}, ".expiry: must be a date"),
        ({"strike": 0}, ".strike: must be a price above 0"),
        ({"sec_type": "PEN"}, ".sec_type: must be one of"),
        ({"con_id": -5}, ".con_id: must be a whole number"),
        ({"con_id": 756733}, ".con_id: 756733 is SPY"),
        ({"multiplier": -0.5}, ".multiplier: must be above 0"),
    ],
)
def test_a_wrong_field_is_reported_with_its_place(
    tmp_path: Path, changes: dict[str, Any], reported: str
) -> None:
    """The account and the position are counted from 0, as in the file."""
    with pytest.raises(PortfolioError) as raised:
        world_of(tmp_path, account({"symbol": "SPY", "quantity": 1}, {**OPTION, **changes}))
    assert f"accounts[0].positions[1]{reported}" in str(raised.value)


def test_a_contract_held_twice_is_an_error(tmp_path: Path) -> None:
    """TWS has one row for each contract of an account."""
    with pytest.raises(PortfolioError, match="held twice"):
        world_of(tmp_path, account(OPTION, OPTION))


def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    """Missing, a folder, or no text."""
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "missing", tmp_path, tmp_path / "binary"):
        with pytest.raises(PortfolioError, match="cannot be read"):
            read_portfolio(path)
