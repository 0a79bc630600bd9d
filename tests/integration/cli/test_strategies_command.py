"""`slotwise strategies activate` says which contracts it took, and what it replaced."""

from __future__ import annotations

from decimal import Decimal

import pytest

from slotwise.bus.client import Bus
from slotwise.client.strategies import register_strategy
from slotwise.contract import Contract
from slotwise.lake.store import Lake
from slotwise.settings import Settings
from tests.support.answering_gateway import answering
from tests.support.command_process import run_command
from tests.support.values import contract, option

CALL = option(
    588089959, symbol="IWM", expiry="20261211", right="C", strike=Decimal(253),
    multiplier=Decimal(100), trading_class="IWM", exchange="SMART", local_symbol="",
)  # fmt: skip
KNOWN: dict[str, tuple[Contract, ...]] = {
    "IWM 20261211 C 253": (CALL,),
    "761": (contract(761, symbol="SPY"),),
    "762": (contract(762, symbol="QQQ"),),
}


@pytest.fixture
def env(lake: Lake, redis_url: str, key_prefix: str) -> dict[str, str]:
    return {
        "SLOTWISE_REDIS_URL": redis_url,
        "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": lake.address,
    }


def activate(bus: Bus, env: dict[str, str], legs: str) -> list[str]:
    """Activate a strategy, and return the lines that are written."""
    with answering(bus, KNOWN):
        answer = run_command("strategies", "activate", "hedge", "--legs", legs, env=env)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_activate_repeats_quantities_beside_the_multiplier(bus: Bus, env: dict[str, str]) -> None:
    assert activate(bus, env, "IWM 20261211 C 253 x -100, 761 x 5, 762") == [
        "588089959  IWM 20261211 C 253 multiplier 100 SMART USD, quantity -100",
        "761  SPY SMART USD, quantity 5",
        "hedge: 3 contracts active",
    ]


def test_activate_says_what_it_replaces(bus: Bus, env: dict[str, str]) -> None:
    assert activate(bus, env, "761, 762") == ["hedge: 2 contracts active"]
    assert activate(bus, env, "762, 761") == ["hedge: 2 contracts active"], "nothing is replaced"
    assert activate(bus, env, "761") == ["hedge: 1 contract active, in place of 2 contracts before"]
    assert activate(bus, env, "761 x -2") == [
        "761  SPY SMART USD, quantity -2",
        "hedge: 1 contract active, in place of 1 contract before",
    ]


def test_list_has_whole_names_in_80_columns(env: dict[str, str], lake: Lake) -> None:
    """They are what other commands take."""
    lake.create()
    names = [f"condor-iwm-2026120{day}-{number}" for day in (4, 5) for number in (1, 2)]
    config = Settings(
        redis_url=env["SLOTWISE_REDIS_URL"], key_prefix=env["SLOTWISE_KEY_PREFIX"],
        lake=lake.address,
    )  # fmt: skip
    for name in names:
        register_strategy(config, name, range(500_000_001, 500_000_009), 1)
    answer = run_command("strategies", "list", env={**env, "COLUMNS": "80"})
    assert answer.returncode == 0, answer.stderr
    assert all(f"{name} " in answer.stdout for name in names), answer.stdout
    assert max(map(len, answer.stdout.splitlines())) <= 80
