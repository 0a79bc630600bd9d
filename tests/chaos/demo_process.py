"""A demo run as a user starts it, and what an outsider sees of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from tests.walks.running_stack import ask_duckdb


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
            if any(word in part for part in process.cmdline()):
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


def landed(lake: Path) -> int:
    """Count the contracts with a polled row; 0 while there is no lake yet."""
    if not (lake / "line_events" / "_delta_log").is_dir():
        return 0
    query = "SELECT count(DISTINCT con_id) FROM {position_updates} WHERE source = 'batch'"
    [(count,)] = ask_duckdb(lake, query)
    return int(count)


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


def assert_ledger_says(ledger: Path, *, streams: int, limit: int) -> None:
    """Read the simulator's ledger line by line: nothing refused, no line too many, ever."""
    events: list[dict[str, Any]] = [json.loads(line) for line in ledger.read_text().splitlines()]
    assert [event for event in events if event["event"] == "reject"] == []
    assert max(event["held"] for event in events) <= limit
    held, most, run = set[tuple[int, int]](), 0, ""
    for event in events:
        if event["run"] != run:
            run, held = event["run"], set()
        line = (event["client_id"], event["req_id"])
        (held.add if event["event"] == "open" else held.discard)(line)
        most = max(most, len(held))
    assert most == streams
