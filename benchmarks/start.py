"""Start: how soon 10,000 contracts are on the board and landed, unknown to the lake and known."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from benchmarks.baselines.lake_reader import landed_since
from benchmarks.figures import Part
from benchmarks.harness import OwnRedis, cpu_s, own_redis
from benchmarks.lake_days import land_rows
from benchmarks.start_figures import Start, part_of, requests_of
from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, KeptContract
from slotwise.errors import SlotwiseError
from slotwise.lake.contract_rows import contract_row
from slotwise.lake.schemas import CONTRACTS
from slotwise.lake.store import Lake
from workers.stack.child import Child, stop_all
from workers.stack.ports import free_port
from workers.stack.processes import celery_specs, gateway_spec, simulator_spec

#: Contracts that are held, and the fewest of a share of the effort.
HELD, FEWEST = 10_000, 100
#: Each start is looked at for this long, seconds: long enough for look-ups to reach their pace.
SECONDS, LEAST_S = 26.0, 8.0
#: All have landed within this, seconds, also on a busy machine.
LANDED_S = 120.0
#: Time between two looks, seconds: looking takes CPU too, of another process.
LOOK_S = 0.25


def run(share: float) -> Part:
    """Start twice: on an empty lake, and on one that has each contract."""
    held, seconds = max(FEWEST, round(HELD * share)), max(LEAST_S, SECONDS * share)
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        folder = Path(name)
        with own_redis(folder) as redis:
            return _measure(folder, redis, held, seconds)


def _measure(folder: Path, redis: OwnRedis, held: int, seconds: float) -> Part:
    port, wire_log = free_port(), folder / "wire.jsonl"
    options = ("--port", str(port), "--positions", str(held), "--wire-log", str(wire_log))
    lake = Lake(str(folder / "lake"))
    lake.create()
    simulator = Child(simulator_spec(options, {}, folder))
    try:
        simulator.start()
        unknown, contracts = _start(folder, redis, port, "unknown", held, seconds)
        _know(lake, contracts)
        known, _ = _start(folder, redis, port, "known", held, seconds)
    finally:
        stop_all([simulator])
    return part_of(unknown, known, held)


def _start(
    folder: Path, redis: OwnRedis, port: int, name: str, held: int, seconds: float
) -> tuple[Start, Sequence[Contract]]:
    """Start all processes; return what it took, and the contracts that are held."""
    place, lake = folder / name, folder / "lake"
    place.mkdir()
    env = {
        "REDIS_URL": redis.url,
        "SLOTWISE_REDIS_URL": redis.url,
        # Its keys are not there yet: this start finds a Redis that is empty.
        "SLOTWISE_KEY_PREFIX": f"{name}:",
        "SLOTWISE_LAKE": str(lake),
        "SLOTWISE_IB_PORT": str(port),
        "SLOTWISE_IB_CONNECT_TIMEOUT_S": "0",
        "SLOTWISE_WATCH": "",
    }
    specs = [gateway_spec(env, place), *celery_specs(env, place, free_port())]
    children = [Child(spec) for spec in specs if spec.name != "flower"]
    board = SnapshotBoard(bus := Bus(redis.url, f"{name}:"))
    redis_before, began_at, began = cpu_s(redis.pid), datetime.now(UTC), time.monotonic()
    board_s = landed_s = 0.0
    try:
        for child in children:
            child.start()
        while not (landed_s and time.monotonic() - began >= seconds):
            time.sleep(LOOK_S)
            after_s = time.monotonic() - began
            head = board.head()
            if not board_s and head is not None and head.count >= held:
                board_s = after_s
            if not landed_s and landed_since(lake, began_at).contracts >= held:
                landed_s = after_s
            if after_s > LANDED_S:
                words = "; ".join(f"{c.spec.name}: {c.last_words()}" for c in children)
                raise SlotwiseError(f"{held} contracts have not landed in {LANDED_S:g} s ({words})")
        took_s = time.monotonic() - began
        used: Mapping[str, float] = {
            **{child.spec.name: cpu_s(child.pid) for child in children if child.pid is not None},
            "redis": cpu_s(redis.pid) - redis_before,
        }
        whole = board.all()
    finally:
        stop_all(children)
        bus.close()
    since = began_at.timestamp()
    with (folder / "wire.jsonl").open() as lines:
        sent = requests_of(lines, since, since + took_s)
    start = Start(board_s, landed_s, took_s, *sent, used)
    return start, [one.contract for one in whole[1]] if whole else []


def _know(lake: Lake, contracts: Sequence[Contract]) -> None:
    """Write the details of each contract, as a gateway keeps TWS's answers."""
    at = datetime.now(UTC)
    rows = [
        contract_row(
            KeptContract(
                con_id=one.con_id,
                details=ContractDetails(
                    contract=msgspec.structs.replace(
                        one, exchange=one.exchange or "SMART", price_magnifier=1
                    ),
                    looked_up_at=at,
                ),
                at=at,
            )
        )
        for one in {contract.con_id: contract for contract in contracts}.values()
    ]
    land_rows(lake, CONTRACTS, rows, at)
