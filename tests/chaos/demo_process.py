"""A demo run as a user starts it, and what an outsider sees of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import psutil

from slotwise.lake.registry_store import open_registry
from tests.walks.running_stack import ask_duckdb
from workers.stack.child import wait_until
from workers.stack.ledger import IN_TURN_S, LedgerTail

#: A machine that does other things starts eight processes, and lands a first beat, within this,
#: seconds.
BEGINNING_S = 90.0
#: A demo that was interrupted reconciles, lets its queue run dry and counts within this, seconds.
ENDING_S = 120.0


def start_demo(folder: Path, *args: str) -> subprocess.Popen[str]:
    """Start `slotwise demo --json` with its lake and its files below a folder."""
    env = {key: value for key, value in os.environ.items() if key != "REDIS_URL"}
    lake = str(folder / "lake")
    return subprocess.Popen(
        [sys.executable, "-m", "workers.cli", "demo", "--json", "--lake", lake, *args],
        env={**env, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def child_of(demo: subprocess.Popen[str], word: str) -> psutil.Process | None:
    """Find the direct child whose command line has this word."""
    for process in psutil.Process(demo.pid).children():
        try:
            if any(word in Path(part).name for part in process.cmdline()):
                return process
        except psutil.NoSuchProcess:
            continue
    return None


def left_behind(folder: Path) -> list[str]:
    """List processes that still speak of this folder."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        environment = process.info["environ"] or {}
        command = process.info["cmdline"] or []
        if str(folder) in environment.get("SLOTWISE_LAKE", "") or str(folder) in " ".join(command):
            found.append(" ".join(command))
    return found


def landed(lake: Path, since: str = "2000-01-01") -> int:
    """Count the contracts with a polled row, observed since then; 0 where there is no lake yet."""
    if not (lake / "line_events" / "_delta_log").is_dir():
        return 0
    query = (
        "SELECT count(DISTINCT con_id) FROM {position_updates}"
        f" WHERE source = 'batch' AND observed_at >= TIMESTAMPTZ '{since}'"
    )
    [(count,)] = ask_duckdb(lake, query)
    return int(count)


def wait_until_landed(folder: Path, contracts: int, since: str = "2000-01-01") -> None:
    """Wait until so many contracts have a polled row, observed since then."""
    lake = folder / "lake"
    enough = wait_until(lambda: landed(lake, since) >= contracts, BEGINNING_S, step_s=1.0)
    assert enough, f"{landed(lake, since)} of {contracts} contracts landed"


def streams_held(folder: Path, limit: int) -> int:
    """Recount from its simulator's ledger the lines that stream now."""
    [ledger] = folder.glob("slotwise-demo-*/ledger.jsonl")
    lines = LedgerTail(ledger, limit)
    lines.activate(active_legs(folder / "lake"))
    return lines.count().held


def active_legs(lake: Path) -> set[int]:
    """Return the contracts of active strategies."""
    strategies = open_registry(str(lake)).strategies()
    return {leg for strategy in strategies for leg in strategy.con_ids}


def interrupt(demo: subprocess.Popen[str]) -> dict[str, Any]:
    """Press Ctrl-C and give the result; the demo says that it kept its promises."""
    demo.send_signal(signal.SIGINT)
    out, errors = demo.communicate(timeout=ENDING_S)
    result: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert demo.returncode == 0, (result["broken"], errors)
    return result


def assert_landed_exactly_once(lake: Path, queue: dict[str, int]) -> None:
    """Recount with DuckDB what the demo says of its queue."""
    ended = ask_duckdb(lake, "SELECT item_id FROM {position_queue} WHERE state = 'succeeded'")
    [(rows, items)] = ask_duckdb(
        lake,
        "SELECT count(*), count(DISTINCT item_id) FROM {position_updates}"
        " WHERE item_id IN (SELECT item_id FROM {position_queue} WHERE state = 'succeeded')",
    )
    assert len(ended) == len(set(ended)), "an item ends once"
    assert rows == items == len(ended), "and has exactly one row"
    assert len(ended) >= queue["succeeded"] > 0


def assert_ledger_says(ledger: Path, *, active: Collection[int], limit: int) -> None:
    """Read the simulator's ledger line by line: nothing refused, no line too many, ever.

    Each active contract streamed at one time; streams of the others are quotes in turn, and short.
    """
    events: list[dict[str, Any]] = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [event for event in events if event["event"] == "reject"] == []
    assert max(event["held"] for event in events) <= limit
    held, most, run = dict[tuple[int, int], dict[str, Any]](), 0, ""
    for event in events:
        if event["run"] != run:
            run, held = event["run"], {}
        line = (event["client_id"], event["req_id"])
        before = held.pop(line, event)
        if before["con_id"] not in active:
            assert event["t"] - before["t"] <= IN_TURN_S
        if event["event"] == "open":
            held[line] = event
        most = max(most, sum(one["con_id"] in active for one in held.values()))
    assert most == len(active)
