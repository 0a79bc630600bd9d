"""Measure how long a question about the past takes.

    python -m tests.integration.lake.measure_past [--million 10]

A lake of so many million rows (10,000 contracts polled every 30 s) is made, marked as time goes by,
compacted, and asked for random moments. Prints one line of JSON; ends by itself.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from slotwise.lake.as_of import positions_as_of
from slotwise.lake.position_checkpoints import CHECKPOINTS_EACH, make_position_checkpoint
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lake.writer import LANDING_APP_ID

CONTRACTS, POLL_S, POLLS_A_COMMIT = 10_000, 30, 10
BEGAN = datetime(2026, 11, 20, 1, tzinfo=UTC)


def made(lake: Lake, commits: int) -> datetime:
    """Fill the lake; gives when the last row was observed."""
    values = {field.name: _column(field) for field in POSITION_UPDATES.schema}
    rows = CONTRACTS * POLLS_A_COMMIT
    observed = BEGAN
    for number in range(commits):
        begin = BEGAN + timedelta(seconds=POLL_S * POLLS_A_COMMIT * number)
        times = [begin + timedelta(seconds=POLL_S * poll) for poll in range(POLLS_A_COMMIT)]
        observed = times[-1]
        landed = observed + timedelta(seconds=5)
        micros = np.repeat([int(at.timestamp() * 1_000_000) for at in times], CONTRACTS)
        changed = {
            "observed_at": pa.array(micros, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "landed_at": pa.array([landed] * rows, pa.timestamp("us", "UTC")),
            "landing": pa.array([number + 1] * rows, pa.int64()),
            "date": pa.array([landed.date()] * rows, pa.date32()),
            "item_id": pa.array([f"i{number}-{place}" for place in range(rows)]),
        }
        table = pa.table(values | changed, schema=POSITION_UPDATES.schema)
        reported = CommitProperties(app_transactions=[Transaction(LANDING_APP_ID, number + 1)])
        uri = lake.uri("position_updates")
        write_deltalake(uri, table, mode="append", commit_properties=reported)
        make_position_checkpoint(lake, landed)
    return observed


def _column(field: pa.Field[Any]) -> pa.Array[Any]:
    rows = CONTRACTS * POLLS_A_COMMIT
    if field.name == "con_id":
        return pa.array(np.tile(np.arange(1, CONTRACTS + 1), POLLS_A_COMMIT))
    if pa.types.is_decimal(field.type):
        return pa.array([Decimal(place % 900 + 1) for place in range(rows)], field.type)
    if pa.types.is_string(field.type):
        few = 1 if field.name == "account" else 50
        return pa.array([f"x{place % few}" for place in range(rows)])
    missing: pa.Array[Any] = pa.nulls(rows, field.type)
    return missing


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--million", type=int, default=10, help="rows, in millions")
    parser.add_argument("--asked", type=int, default=60, help="moments that are asked for")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake(folder)
        lake.create()
        commits = options.million * 1_000_000 // (CONTRACTS * POLLS_A_COMMIT)
        until = made(lake, commits)
        DeltaTable(lake.uri("position_updates")).optimize.compact()
        chance = random.Random(1)
        took_ms = []
        span = until - BEGAN - 2 * CHECKPOINTS_EACH
        for _ in range(options.asked):
            at = BEGAN + CHECKPOINTS_EACH * 2 + span * chance.random()
            began = time.perf_counter()
            found = positions_as_of(lake, at)
            took_ms.append((time.perf_counter() - began) * 1000)
            assert found.num_rows == CONTRACTS
        answer = {
            "rows": commits * CONTRACTS * POLLS_A_COMMIT,
            "holdings": CONTRACTS,
            "asked": options.asked,
            "median_ms": round(statistics.median(took_ms), 1),
            "p95_ms": round(statistics.quantiles(took_ms, n=20)[-1], 1),
            "worst_ms": round(max(took_ms), 1),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
        }
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
