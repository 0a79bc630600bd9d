"""`slotwise portfolio`: now from the boards, and the past from the lake."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.marks import MarksBoard, encoded
from slotwise.lake.store import Lake
from slotwise.registry import RegistryRow
from slotwise.rules.marks.mark import Mark
from slotwise.rules.valuation import position_row
from tests.support.command_process import run_command
from tests.support.compose import ROOT
from tests.support.landed import put
from tests.support.values import NOON, at, contract, option, position, quote, snapshot

PAST = ("--as-of", "2026-06-01 12:01", "--zone", "UTC")


def run(
    lake: Lake, *words: str, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    return run_command(
        *words,
        env={**clean, "SLOTWISE_LAKE": lake.address, "COLUMNS": "80", **(env or {})},
        cwd=Path(lake.address).parent,
    )


@pytest.fixture
def held(lake: Lake) -> Lake:
    """A share with a price of 3 s, a put in a strategy, one never quoted."""
    rows = [
        position_row(
            position(1, 100, contract=contract(1, symbol="SPY")),
            quote(1, bid="699.5", ask="700.5", observed_at=at(-3)),
            source="batch",
        ),
        position_row(
            position(2, -2, contract=option(2), avg_cost=Decimal(250)),
            quote(2, bid="2.4", ask="2.5", observed_at=at(-200)),
            source="batch",
        ),
        position_row(position(3, account="DU2"), None, source="batch"),
    ]
    put(lake, "position_updates", rows, NOON)
    put(lake, "strategy_registry", [RegistryRow("e", "activated", "put", 2, 1, at(-500))], NOON)
    return lake


def test_the_past_is_shown_in_groups_within_80_columns(held: Lake) -> None:
    shown = run(held, "portfolio", *PAST)
    assert shown.returncode == 0, shown.stderr
    lines = shown.stdout.splitlines()
    assert lines[0] == "3 holdings at 2026-06-01 12:01:00 UTC"
    assert lines[1] == "prices: 1 late, 1 stale, 1 unknown"
    assert any(line.startswith("total") and "2/3" in line for line in lines)
    assert any(line.startswith("put") for line in lines)
    assert any(line.startswith("unassigned") for line in lines)
    assert max(map(len, lines)) <= 80


def test_json_csv_and_parquet_say_the_same(held: Lake, tmp_path: Path) -> None:
    file = tmp_path / "held.parquet"
    as_json: dict[str, Any] = json.loads(run(held, "portfolio", *PAST, "--json").stdout)
    as_csv = run(held, "portfolio", *PAST, "--csv", "--parquet", str(file)).stdout
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    table = pq.read_table(file).to_pylist()
    assert [row["con_id"] for row in as_json["rows"]] == [row["con_id"] for row in table]
    assert [str(row["con_id"]) for row in table] == [row["con_id"] for row in rows]
    for one, two, three in zip(as_json["rows"], rows, table, strict=True):
        known = one["market_value"] is not None
        assert known == (two["market_value"] != "") == (three["market_value"] is not None)
        if known:
            assert Decimal(one["market_value"]) == Decimal(two["market_value"])
            assert Decimal(one["market_value"]) == three["market_value"]
        assert one["freshness"] == two["freshness"] == three["freshness"]
    [usd] = as_json["currencies"]
    assert (usd["holdings"], usd["priced"], usd["market_value"]["without"]) == (3, 2, 1)


@pytest.mark.parametrize(
    ("words", "message", "status"),
    [
        (("--symbol", "NIX"), "no holding has symbol 'NIX'", 2),
        (("--strategy", "nix"), "no holding has strategy 'nix'", 2),
        (("--account", "DU9"), "no holding has account", 2),
        (("--by", "beauty"), "rows are grouped by", 1),
        (("--sort", "beauty"), "rows are sorted by", 1),
        (("--expiring", "soon"), "--expiring 'soon'", 1),
        (("--as-of", "2099-01-01"), "in the future", 2),
        (("--as-of", "2020-01-01"), "before the first row", 2),
        (("--known-at", "2099-01-01"), "in the future", 2),
        (("--as-of", "someday"), "is no time", 1),
        (("--zone", "Mars/Base"), "unknown time zone", 1),
        (("--watch",), "leave the others out", 1),
    ],
)
def test_what_cannot_be_answered_is_an_error(
    held: Lake, words: tuple[str, ...], message: str, status: int
) -> None:
    ended = run(held, "portfolio", *PAST, *words)
    assert (ended.returncode, ended.stdout) == (status, "")
    assert message in ended.stderr


def test_now_comes_from_the_boards_with_fresh_ages(
    held: Lake, bus: Bus, redis_url: str, key_prefix: str
) -> None:
    env = {"SLOTWISE_REDIS_URL": redis_url, "SLOTWISE_KEY_PREFIX": key_prefix}
    nothing = run(held, "portfolio", env=env)
    assert nothing.returncode == 2
    assert "no positions are published" in nothing.stderr
    now = datetime.now(UTC)
    spy = position(1, 100, contract=contract(1, symbol="SPY"), observed_at=now)
    SnapshotBoard(bus).put(snapshot("s", spy, position(3, observed_at=now), when=now))
    QuoteBoard(bus).put([quote(1, bid=700, ask=702, close=690, observed_at=now)])
    found = json.loads(run(held, "portfolio", "--json", env=env).stdout)
    rows = {row["con_id"]: row for row in found["rows"]}
    assert Decimal(rows[1]["market_value"]) == 70_100
    assert rows[1]["price_age_s"] < 60
    assert rows[3]["freshness"] == "unknown"
    # The put of the lake is no more held.
    assert set(rows) == {1, 3}
    old = now - timedelta(minutes=10)
    QuoteBoard(bus).put([quote(1, bid=700, ask=702, observed_at=old)])
    shown = run(held, "portfolio", env=env).stdout
    assert "10 min stale" in shown
    assert "fresh" not in shown


def test_accounts_are_masked_unless_whole_ones_are_asked_for(held: Lake) -> None:
    put(held, "position_updates", [position_row(
        position(9, account="DU1234567"), None, source="batch")], at(1))  # fmt: skip
    masked = run(held, "portfolio", *PAST, "--json", "--by", "account").stdout
    assert "DU1234567" not in masked
    assert "******567" in masked
    whole = run(held, "portfolio", *PAST, "--json", "--whole-accounts").stdout
    assert "DU1234567" in whole
    for name in ("DU1234567", "******567"):
        found = json.loads(run(held, "portfolio", *PAST, "--json", "--account", name).stdout)
        assert [row["con_id"] for row in found["rows"]] == [9]


def test_conditions_that_nothing_meets_are_not_an_empty_account(held: Lake) -> None:
    shown = run(held, "portfolio", *PAST, "--expiring", "2026-06-01").stdout
    assert shown.splitlines()[1:] == ["no holding meets these conditions"]


def test_watching_needs_a_terminal(held: Lake) -> None:
    ended = run(held, "portfolio", "--watch")
    assert (ended.returncode, "needs a terminal" in ended.stderr) == (1, True)


def test_between_quotes_a_mark_prices_the_holding_with_its_band_and_ages(
    lake: Lake, bus: Bus, redis_url: str, key_prefix: str
) -> None:
    """The put was quoted four minutes ago, its underlying was seen now; the share ticks."""
    env = {"SLOTWISE_REDIS_URL": redis_url, "SLOTWISE_KEY_PREFIX": key_prefix, "COLUMNS": "160"}
    now = datetime.now(UTC)
    put_, share = position(2, -2, contract=option(2)), position(1, 100, contract=contract(1))
    SnapshotBoard(bus).put(snapshot("s", put_, share, when=now))
    ago = now - timedelta(minutes=4)
    QuoteBoard(bus).put(
        [
            quote(2, bid="2.4", ask="2.5", delta=-0.4, observed_at=ago),
            quote(1, bid=9, ask=11, observed_at=now),
        ]
    )
    at_s = now.timestamp()
    marks = [
        Mark(2, at_s, 2.987654, 0.08, "model", at_s - 240, at_s - 240, at_s - 1),
        Mark(1, at_s, 10.0, 0.5, "stream", at_s),
    ]
    MarksBoard(bus).put(encoded(marks, now))
    found = json.loads(run(lake, "portfolio", "--json", env=env).stdout)
    rows = {row["con_id"]: row for row in found["rows"]}
    option_, stock = rows[2], rows[1]
    assert (Decimal(option_["price"]), option_["price_source"]) == (Decimal("2.988"), "model")
    assert Decimal(option_["band"]) == Decimal("0.08")
    assert option_["freshness"] == "model"
    assert 240 <= option_["price_age_s"] < 360
    assert Decimal(option_["market_value"]) == Decimal("-597.6")
    assert (stock["price_source"], stock["freshness"]) == ("mid", "fresh")
    shown = run(lake, "portfolio", "--by", "none", env=env).stdout
    assert "4 min model" in shown
    assert "prices: 1 fresh, 1 model" in shown
    assert "0.08" in shown


def test_strategies_that_share_a_contract_have_their_own_profit(held: Lake) -> None:
    """Activated by the command, with quantities; what is held beyond them is unassigned."""
    for name, legs in (("put", "2 x -1"), ("hedge", "1 x 30")):
        answer = run(held, "strategies", "activate", name, "--legs", legs, "--force")
        assert answer.returncode == 0, answer.stderr
    listed = run(held, "strategies", "list", "--json")
    own = {one["name"]: one["quantities"] for one in json.loads(listed.stdout)}
    assert [float(own["put"]["2"]), float(own["hedge"]["1"])] == [-1.0, 30.0]
    whole = json.loads(run(held, "portfolio", "--as-of", "now", "--json").stdout)
    worth = {
        group["path"][0]: float(group["currencies"][0]["market_value"]["total"])
        for group in whole["groups"]
    }
    assert worth == {"put": -245.0, "hedge": 21_000.0, "unassigned": 48_755.0}
    [usd] = whole["currencies"]
    assert (usd["holdings"], float(usd["market_value"]["total"])) == (3, 69_510.0)
    words = ("--as-of", "now", "--strategy", "hedge", "--json")
    alone = json.loads(run(held, "portfolio", *words).stdout)
    assert [float(row["quantity"]) for row in alone["rows"]] == [30.0]


def test_days_of_expiring_count_from_the_time_that_is_asked_about(held: Lake) -> None:
    for command in ("portfolio", "positions"):
        for words, count in (("2026-12-18", 1), ("200d", 1), ("199d", 0), ("200 days", 1)):
            shown = run(held, command, *PAST, "--expiring", words, "--csv")
            assert len(shown.stdout.splitlines()[1:]) == count, (command, words)


def test_files_of_positions_have_the_same_types_whatever_is_held(
    held: Lake, tmp_path: Path
) -> None:
    """A part without a price or a strategy, and the whole."""
    schemas = []
    for name, words in (("part", ("--kind", "STK", "--symbol", "S3")), ("whole", ())):
        file = tmp_path / f"{name}.parquet"
        ended = run(held, "positions", *PAST, *words, "--parquet", str(file), "--csv")
        schemas.append(pq.read_schema(file))
        header, *rows = list(csv.reader(io.StringIO(ended.stdout)))
        assert header == schemas[-1].names
        assert len(rows) == pq.read_table(file).num_rows
    assert schemas[0].equals(schemas[1])
    nothing = run(held, "positions", *PAST, "--expiring", "today", "--csv").stdout
    assert nothing.splitlines() == [",".join(schemas[0].names)]


def test_a_full_disk_is_one_line(held: Lake) -> None:
    ended = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m workers.cli portfolio --as-of '2026-06-01 12:01'"
         " --zone UTC --csv > /dev/full"],
        env={**os.environ, "SLOTWISE_LAKE": held.address}, cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (
        1, "slotwise: the output cannot be written: No space left on device\n",
    )  # fmt: skip


def test_a_reader_that_has_closed_the_pipe_is_no_traceback(held: Lake) -> None:
    """As `head` does; whether Python writes at once or at the end."""
    for unbuffered in ("", "1"):
        reading, writing = os.pipe()
        os.close(reading)
        ended = subprocess.run(
            [sys.executable, "-m", "workers.cli", "portfolio", *PAST, "--csv"],
            env={**os.environ, "SLOTWISE_LAKE": held.address, "PYTHONUNBUFFERED": unbuffered},
            cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        os.close(writing)
        assert (ended.returncode, ended.stderr) == (1, "")


def test_sums_are_followed_by_the_short_options_near_spot(held: Lake) -> None:
    words = ("--by", "underlying,expiry", "--greeks", "--sums", "--near")
    shown = run(held, "portfolio", *PAST, *words, "20").stdout.splitlines()
    place = shown.index("1 short option within 20 % of spot")
    assert shown[0].startswith("3 holdings at")
    assert any(line.startswith("total") and "2/3" in line for line in shown[:place])
    assert not any("SPY 20261218 P 560" in line for line in shown[:place])
    assert [line[:18] for line in shown[place:] if line.startswith("SPY 2")] == [
        "SPY 20261218 P 560"
    ]
    assert "700.00" in shown[-1]
    none = run(held, "portfolio", *PAST, *words, "1").stdout.splitlines()
    assert none[-1] == "0 short options within 1 % of spot"


def test_history_says_which_picture_it_has_written(held: Lake, tmp_path: Path) -> None:
    """Beside the rows, which may be read by a program."""
    picture = tmp_path / "past.svg"
    answer = run(held, "history", "1", "--plot", str(picture), "--json")
    assert json.loads(answer.stdout)
    assert answer.stderr.splitlines()[-1] == f"{picture}: the picture is written"
    assert picture.read_text().startswith("<svg")
