"""The client: tables of a running system, and events as they come, in and out of event loops."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO

import duckdb
import pytest

from slotwise import Client, ConnectionState, ContractSeen, ContractUnseen, PositionUpdate, connect
from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.status import GatewayStatus, LegStatus, StatusBoard
from slotwise.errors import InputError
from slotwise.lake.store import Lake
from slotwise.rules.valuation import position_row
from tests.support.landed import put
from tests.support.values import NOON, contract, option, position, quote, snapshot
from workers.stack.child import wait_until

SPY, PUT = contract(1, symbol="SPY"), option(2)


def publish_status(bus: Bus, *legs: LegStatus) -> None:
    now = datetime.now(UTC)
    StatusBoard(bus).put(
        GatewayStatus(
            at=now, session="ready", detail="", limit=100, lines={}, waiting=[],
            quotes_in_flight=0, positions=2, polled_at=now, connected_at=now, ticks=0,
            handler_errors={}, legs=legs,
        )
    )  # fmt: skip


def leg(con_id: int, state: str = "seen") -> LegStatus:
    label = {1: "SPY", 2: PUT.label}[con_id]
    return LegStatus(con_id=con_id, label=label, strategies=("put",), state=state, reason="no tick")  # type: ignore[arg-type]  # a state's name


def tick(bus: Bus, bid: int) -> None:
    QuoteBoard(bus).put([quote(1, bid=bid, ask=bid + 2, close=690, observed_at=datetime.now(UTC))])


@pytest.fixture
def running(bus: Bus) -> Bus:
    """Boards as a gateway publishes them: two holdings, both legs of a strategy, one quote."""
    now = datetime.now(UTC)
    held = [
        position(1, 100, contract=SPY, observed_at=now),
        position(2, -2, contract=PUT, observed_at=now),
    ]
    SnapshotBoard(bus).put(snapshot("s", *held, when=now))
    publish_status(bus, leg(1), leg(2))
    tick(bus, 700)
    return bus


@pytest.fixture
def client(running: Bus, redis_url: str, key_prefix: str, lake: Lake) -> Iterator[Client]:
    with connect(redis_url, lake.address, key_prefix) as made:
        yield made


def test_the_portfolio_comes_as_tables_that_any_library_takes(client: Client) -> None:
    found = client.portfolio(by="strategy")
    by_id = {row["con_id"]: row for row in found.rows}
    assert by_id[1]["market_value"] == Decimal(70_100)
    assert by_id[2]["market_value"] is None
    groups = _registered(found.groups.to_arrow())
    asked = groups.execute("select holdings, priced, market_value from groups where level = 0")
    [total] = asked.fetchall()
    assert total == (2, 1, Decimal(70_100))
    assert found.rows.to_duckdb().count("con_id").fetchall() == [(2,)]


def _registered(table: object) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("groups", table)
    return connection


def test_a_library_that_is_not_installed_is_named_with_its_extra(client: Client) -> None:
    for name in ("pandas", "polars"):
        try:
            __import__(name)
        except ImportError:
            with pytest.raises(InputError, match=rf"slotwise\[{name}\]"):
                getattr(client.quotes(), f"to_{name}")()
        else:
            assert getattr(client.quotes(), f"to_{name}")()["bid"][0] == 700.0


def test_quotes_and_positions_are_tables(client: Client, lake: Lake) -> None:
    [quoted] = client.quotes()
    assert (quoted["con_id"], quoted["bid"]) == (1, Decimal(700))
    assert len(client.positions()) == 0
    put(lake, "position_updates", [position_row(position(1, 7), None, source="batch")], NOON)
    assert [row["quantity"] for row in client.positions()] == [Decimal(7)]
    assert [row["quantity"] for row in client.portfolio(as_of="2026-06-01 12:01").rows] == [7]


def test_a_subscription_gives_each_change_once_and_unseen_as_an_event(
    client: Client, running: Bus
) -> None:
    subscription = client.subscribe(strategies=["put"])
    first = subscription.poll()
    assert isinstance(first[0], ConnectionState)
    assert first[0].is_ready
    updates = {e.position.contract.con_id: e for e in first if isinstance(e, PositionUpdate)}
    assert set(updates) == {1, 2}
    assert updates[1].strategies == ("put",)
    assert subscription.poll() == []
    tick(running, 710)
    [update] = subscription.poll()
    assert isinstance(update, PositionUpdate)
    assert update.quote is not None
    assert update.quote.bid == 710
    publish_status(running, leg(1), leg(2, "unseen"))
    [unseen] = subscription.poll()
    assert isinstance(unseen, ContractUnseen)
    assert (unseen.contract.con_id, unseen.reason) == (2, "unseen: no tick")
    assert subscription.poll() == []
    publish_status(running, leg(1), leg(2))
    [seen] = subscription.poll()
    assert isinstance(seen, ContractSeen)


def test_contracts_are_named_by_id_or_in_words(client: Client) -> None:
    def named(*contracts: int | str) -> set[int]:
        return {
            event.position.contract.con_id
            for event in client.subscribe(contracts).poll()
            if isinstance(event, PositionUpdate)
        }

    assert named(1) == {1}
    assert named("spy 20261218 P 560") == {2}
    assert named() == {1, 2}


def test_it_works_inside_a_running_loop_both_ways(client: Client, running: Bus) -> None:
    """As in a notebook: its cells run in a loop, and may use either kind of iterator."""

    async def cell() -> list[int]:
        assert len(client.portfolio().rows) == 2
        prices: list[int] = []
        with client.subscribe([1]) as subscription:
            for event in subscription:
                if isinstance(event, PositionUpdate):
                    break
            asyncio.get_running_loop().call_later(0.3, tick, running, 720)
            async for event in subscription:
                if isinstance(event, PositionUpdate) and event.quote and event.quote.bid:
                    prices.append(int(event.quote.bid))
                    break
        return prices

    assert asyncio.run(asyncio.wait_for(cell(), 20)) == [720]


def handling(
    folder: Path, redis_url: str, key_prefix: str, lake: Lake, log: IO[str] | None = None
) -> subprocess.Popen[bytes]:
    """Start `slotwise handle` with the class that stands in `my_desk.py` of a folder."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("SLOTWISE_", "REDIS_"))}
    env = {
        **clean, "SLOTWISE_REDIS_URL": redis_url, "SLOTWISE_KEY_PREFIX": key_prefix,
        "SLOTWISE_LAKE": lake.address,
    }  # fmt: skip
    words = ["handle", "my_desk:Alarm", "--strategy", "put"]
    return subprocess.Popen(
        [sys.executable, "-m", "workers.cli", *words], cwd=folder, env=env, stderr=log
    )


def test_a_handler_runs_in_a_process_of_its_own(
    running: Bus, redis_url: str, key_prefix: str, lake: Lake, tmp_path: Path
) -> None:
    """It receives an update and what is unseen, and ends by itself when asked."""
    (tmp_path / "my_desk.py").write_text(
        "class Alarm:\n"
        "    name = 'alarm'\n"
        "    def on_updates(self, updates):\n"
        "        self._write('update', [u.position.contract.con_id for u in updates])\n"
        "    def on_unseen(self, contracts):\n"
        "        self._write('unseen', [c.contract.con_id for c in contracts])\n"
        "    def _write(self, what, ids):\n"
        "        with open('calls', 'a') as file:\n"
        "            print(what, *sorted(ids), file=file)\n"
    )
    process = handling(tmp_path, redis_url, key_prefix, lake)
    calls = tmp_path / "calls"

    def says(text: str) -> bool:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if calls.exists() and text in calls.read_text():
                return True
            publish_status(running, leg(1), leg(2, "unseen" if text == "unseen 2" else "seen"))
            time.sleep(0.2)
        return False

    try:
        assert says("update 1 2")
        assert says("unseen 2")
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_what_a_handler_raises_names_no_account_in_the_log(
    running: Bus, redis_url: str, key_prefix: str, lake: Lake, tmp_path: Path
) -> None:
    """Also one whose form is no known one: the accounts of what is held are known."""
    mine = "QX7RMPLEDGE"
    held = position(1, 100, contract=SPY, observed_at=datetime.now(UTC), account=mine)
    SnapshotBoard(running).put(snapshot("s", held, when=datetime.now(UTC)))
    (tmp_path / "my_desk.py").write_text(
        "class Alarm:\n"
        "    name = 'alarm'\n"
        "    def on_updates(self, updates):\n"
        "        names = {update.position.account for update in updates} - {'DU1'}\n"
        "        for name in names:\n"
        "            raise ValueError(f'no hedge for {name}')\n"
    )
    path = tmp_path / "log"
    with path.open("w") as log:
        process = handling(tmp_path, redis_url, key_prefix, lake, log)
        try:
            assert wait_until(lambda: "no hedge for" in path.read_text(), 60)
        finally:
            process.terminate()
            assert process.wait(20) == 0
    assert mine not in path.read_text()
