"""`why`, `history` and `lines` take a symbol or words for an id; `positions` chooses and ages."""

from __future__ import annotations

import json
import os
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest

from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, LegStatus, StatusBoard
from slotwise.lake.store import Lake
from slotwise.leg import read_leg
from slotwise.rules.valuation import position_row
from tests.support.command_process import run_command
from tests.support.executed import execution
from tests.support.landed import put
from tests.support.values import NOON, at, contract, option, position, quote
from workers.commands.contract_named import fitting
from workers.commands.lines import status_of

THEN = ("--as-of", "2026-06-01 12:01", "--zone", "UTC")


def run(lake: Lake, *words: str) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    return run_command(
        *words,
        env={**clean, "SLOTWISE_LAKE": lake.address, "COLUMNS": "80"},
        cwd=Path(lake.address).parent,
    )


@pytest.fixture
def held(lake: Lake) -> Lake:
    """A share priced 3 s ago, two options on it of one expiry, an index of another symbol."""
    rows = [
        position_row(
            position(1, 100, contract=contract(1, symbol="SPY")),
            quote(1, bid=699, ask=701, observed_at=at(-3)),
            source="batch",
        ),
        position_row(position(2, -2, contract=option(2)), None, source="batch", strategy="put"),
        position_row(position(3, 2, contract=option(3, strike=Decimal(570))), None, source="batch"),
    ]
    put(lake, "position_updates", rows, NOON)
    return lake


@pytest.mark.parametrize(
    ("words", "con_id"),
    [(("1",), 1), (("SPY",), 1), (("spy",), 1), (("SPY", "20261218", "P", "560"), 2),
     (("SPY 2026-12-18 570P",), 3)],
)  # fmt: skip
def test_history_takes_an_id_a_symbol_or_words(
    held: Lake, words: tuple[str, ...], con_id: int
) -> None:
    ended = run(held, "history", *words)
    assert ended.stdout.startswith(f"{con_id}: 1 state,"), ended.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("QQQ",), "no row names a contract 'QQQ'"),
        (("SPY", "20261218"), "no row names a contract"),
        (("SPY", "--from", "2099-01-01"), "in the future"),
        (("SPY", "--to", "2020-01-01"), "no row names contract 1 in this time"),
        (("SPY", "P"), "is an option: it needs expiry"),
    ],
)
def test_history_of_what_is_not_there_is_an_error(
    held: Lake, words: tuple[str, ...], message: str
) -> None:
    ended = run(held, "history", *words)
    assert ended.returncode > 0
    assert message in ended.stderr
    assert ended.stdout == ""


def test_history_lists_executions_and_says_what_is_inferred(held: Lake) -> None:
    sold = [position_row(position(1, left, contract=contract(1, symbol="SPY"),
                                  observed_at=at(seconds)), None, source="batch")
            for left, seconds in ((90, 10), (70, 20))]  # fmt: skip
    put(held, "position_updates", sold, at(21))
    put(held, "executions", [execution(1, -10, "700.15", 9)], at(21))
    lines = run(held, "history", "SPY", "--zone", "UTC").stdout.splitlines()
    assert lines[0].endswith("2 fills, 1 of them inferred")
    assert lines[-2].endswith("12:00:09 UTC: DU1 sold 10 at 700.15, execution")
    assert lines[-1].endswith("12:00:20 UTC: DU1 sold 20 at 700.15, inferred, at the last price")


@pytest.mark.parametrize("words", [("history", "SPY"), ("why", "SPY", "--gaps")])
def test_a_contract_named_in_words_where_no_lake_is_is_no_matter_of_spelling(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    ended = run(Lake(str(tmp_path / "none")), *words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "cannot be read: there is none" in ended.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("option", ["--gaps", "--blind"])
def test_why_gaps_takes_words(held: Lake, option: str) -> None:
    ended = run(held, "why", "SPY", "20261218", "P", "560", option)
    assert ended.stdout.startswith("2: not seen 0 times"), ended.stderr


def test_a_bare_symbol_means_the_share_and_else_the_index() -> None:
    share, index = contract(1, symbol="X"), contract(2, symbol="X", sec_type="IND")
    put_ = option(3, symbol="X")
    assert fitting(read_leg("X"), (index, share, put_)) == (share,)
    assert fitting(read_leg("X"), (index, put_)) == (index,)
    assert fitting(read_leg("X"), (put_,)) == ()
    assert fitting(read_leg("X 20261218 P 560"), (share, put_)) == (put_,)


def test_lines_of_a_symbol_are_those_of_its_options_too(bus: Bus) -> None:
    status = GatewayStatus(
        at=NOON, session="ready", detail="", limit=100,
        lines={1: ("SPY", "a"), 2: ("SPY 20261218 P 560", "a"), 3: ("QQQ", "b")}, waiting=[4],
        quotes_in_flight=0, positions=3, polled_at=None, connected_at=NOON, ticks=0,
        handler_errors={}, legs=(LegStatus(con_id=4, label="SPY 20261218 P 570"),),
    )  # fmt: skip
    StatusBoard(bus).put(status)
    of_spy = status_of(status, read_leg("SPY"))
    assert (set(of_spy.lines), of_spy.waiting) == ({1, 2}, [4])
    assert set(status_of(status, read_leg("SPY 20261218 P 560")).lines) == {2}
    assert set(status_of(status, read_leg("3")).lines) == {3}


def test_lines_of_a_symbol_keep_their_places_among_all_that_wait(bus: Bus) -> None:
    """A contract has the place that it has in the whole queue, and its name."""
    waiting = {4: "QQQ", 5: "SPY 20261218 P 570"}
    status = GatewayStatus(
        at=NOON, session="ready", detail="", limit=1, lines={1: ("IWM", "a")}, waiting=[4, 5],
        quotes_in_flight=0, positions=3, polled_at=None, connected_at=NOON, ticks=0,
        handler_errors={}, kept_for_quotes=2, waiting_labels=waiting, refused={5: "TWS error 101"},
        legs=tuple(LegStatus(con_id=each, label=waiting[each]) for each in waiting),
    )  # fmt: skip
    StatusBoard(bus).put(status)
    env = {**os.environ, "REDIS_URL": bus.url, "SLOTWISE_KEY_PREFIX": bus.prefix, "COLUMNS": "80"}
    all_of_them = run_command("lines", env=env).stdout
    assert "waits, place 1: 4 QQQ\n" in all_of_them
    assert "waits, place 2: 5 SPY 20261218 P 570: TWS error 101" in all_of_them
    of_spy = run_command("lines", "SPY", env=env).stdout
    assert of_spy.startswith("SPY: 0 of 1 lines held")
    assert "waits, place 2: 5 SPY 20261218 P 570: TWS error 101" in of_spy
    assert "place 1" not in of_spy
    data = json.loads(run_command("lines", "--json", env=env).stdout)
    assert (data["kept_for_quotes"], data["waiting"]) == (2, [4, 5])
    assert data["waiting_labels"] == {str(each): label for each, label in waiting.items()}
    assert data["witness"]["compared"] == 0


def test_positions_are_chosen_and_no_old_price_is_fresh(held: Lake) -> None:
    words = ("positions", *THEN, "--json")
    rows = json.loads(run(held, *words, "--kind", "options", "--sort", "-strike").stdout)
    assert [row["con_id"] for row in rows] == [3, 2]
    [share] = json.loads(run(held, *words, "--symbol", "spy", "--kind", "STK").stdout)
    assert (share["price_age_s"], share["freshness"]) == (63.0, "late")
    shown = run(held, "positions", *THEN).stdout
    assert "63 s late" in shown
    assert "fresh" not in shown
    table = [line for line in shown.splitlines() if line[:1] in "┏┃┡│└"]
    assert any("SPY 20261218 P 560" in line for line in table)
    assert max(map(len, table)) <= 80
    assert "no holding has symbol" in run(held, *words, "--symbol", "NIX").stderr
    csv = run(held, "positions", *THEN, "--strategy", "put", "--csv").stdout.splitlines()
    assert len(csv) == 2
