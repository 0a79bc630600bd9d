"""`slotwise positions`: rows with their money, and sums below them."""

from __future__ import annotations

import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from slotwise.exchange_rates import ExchangeRate
from slotwise.lake.store import Lake
from slotwise.rules.valuation import position_row
from tests.support.command_process import run_command
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at, contract, position, quote

BEFORE, THEN = "2026-06-01 11:59:30", "2026-06-01 12:01"


def slotwise(lake: Lake, *words: str) -> str:
    """Run a command on a lake and return what it prints."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    env = {**clean, "SLOTWISE_LAKE": lake.address, "COLUMNS": "140"}
    ended = run_command(*words, env=env, cwd=Path(lake.address).parent)
    ended.check_returncode()
    return ended.stdout


@pytest.fixture
def held(lake: Lake) -> Lake:
    """A share in pence, one in dollars with a delayed last trade, one never quoted."""
    pence = contract(1, symbol="GAW", currency="GBP", price_magnifier=100)
    rows = [
        position_row(
            position(1, contract=pence, avg_cost=Decimal("41.5")),
            quote(1, bid=4290, ask=4300, observed_at=at(-3)),
            source="batch",
        ),
        position_row(position(2), quote(2, last="110.1", delayed=True), source="batch"),
        position_row(position(3, avg_cost=None), None, source="batch"),
    ]
    put(lake, "position_updates", rows, NOON)
    rates = [("USD", "1"), ("GBP", "1.33")]
    put(
        lake,
        "exchange_rates",
        [
            ExchangeRate(
                account=ACCOUNT,
                currency=currency,
                base_currency="USD",
                rate=Decimal(rate),
                observed_at=NOON,
            )
            for currency, rate in rates
        ],
        NOON,
    )
    return lake


SUMS = [
    "GBP: 1 holding, value 429.50, gain 14.50",
    "USD: 2 holdings, value 1,101.00 (without 1 unknown), gain 101.00 (without 1 unknown)",
    "all in USD: 3 holdings, value 1,672.24 (without 1 unknown), gain 120.28 (without 1 unknown);"
    " rates up to 60 s old",
]


def test_the_table_names_where_prices_are_from_and_ends_with_the_sums(held: Lake) -> None:
    shown = slotwise(held, "positions", "--as-of", THEN).splitlines()
    assert shown[-3:] == SUMS
    table = "\n".join(shown[:-3])
    assert "429.50 GBP" in table
    assert "last, delayed" in table
    assert slotwise(held, "positions", "--as-of", THEN, "--totals").splitlines() == SUMS


def test_json_has_rows_in_the_base_currency_and_sums_as_data(held: Lake) -> None:
    rows = json.loads(slotwise(held, "positions", "--as-of", THEN, "--json"))
    first, second, third = rows
    assert (first["market_value"], first["market_value_base"]) == ("429.50000000", "571.23500000")
    assert (first["price_magnifier"], first["quote_age_s"], first["delayed"]) == (100, 3.0, False)
    assert (second["price_source"], second["delayed"]) == ("last", True)
    unknown = ("avg_cost", "price", "market_value", "unrealized_pnl", "market_value_base")
    assert {third[name] for name in unknown} == {None}
    sums = json.loads(slotwise(held, "positions", "--as-of", THEN, "--totals", "--json"))
    assert [one["currency"] for one in sums["currencies"]] == ["GBP", "USD"]
    assert sums["bases"][0]["market_value"] == "1672.23500000"


@pytest.fixture
def shared_out(lake: Lake) -> Lake:
    """Three accounts, two of which end alike, one of no known form; one contract in each."""
    early = position_row(position(2, observed_at=at(-60)), quote(2), source="batch")
    rows = [
        position_row(position(1, n + 1, account=account), quote(1), source="batch")
        for n, account in enumerate(ACCOUNTS)
    ]
    put(lake, "position_updates", [early, *rows], NOON)
    return lake


ACCOUNTS = ("DU1234567", "DU7654567", "ABC12XY9")
MASKED = ("******567#1", "******567#2", "*****XY9")


def quantities(printed: str) -> dict[str, str]:
    return {row["account"]: f"{Decimal(row['quantity']):.0f}" for row in json.loads(printed)}


@pytest.mark.parametrize(
    "words",
    [
        ("positions", "--as-of", THEN),
        ("positions", "--diff", BEFORE, THEN, "--json"),
        ("history", "1"),
    ],
)
def test_accounts_are_masked_unless_whole_ones_are_asked_for(
    shared_out: Lake, words: tuple[str, ...]
) -> None:
    masked, whole = slotwise(shared_out, *words), slotwise(shared_out, *words, "--whole-accounts")
    for account, name in zip(ACCOUNTS, MASKED, strict=True):
        assert account not in masked
        assert account in whole
        assert name in masked


@pytest.mark.parametrize("name", ["ABC12XY9", "*****XY9", "*XY9"])
def test_an_account_is_named_as_it_is_or_as_it_is_shown(shared_out: Lake, name: str) -> None:
    printed = slotwise(shared_out, "positions", "--as-of", THEN, "--json", "--account", name)
    assert quantities(printed) == {"*****XY9": "3"}


def test_a_name_that_is_shown_of_two_accounts_is_one_clear_error(shared_out: Lake) -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        slotwise(shared_out, "positions", "--as-of", THEN, "--account", "******567")
    assert "may be any of 2 accounts" in refused.value.stderr
    printed = slotwise(
        shared_out, "positions", "--as-of", THEN, "--json", "--account", "******567#2"
    )
    assert list(quantities(printed).values()) == ["2"]
