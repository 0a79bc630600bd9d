"""Recount of closings and values: the simulator's record of what was held, against the lake."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from tests.chaos.storm.audit import Reader
from tests.chaos.storm.kinds import factor
from tests.support.holdings_recount import Holdings

#: Greatest age of what a row states, seconds: a gateway can have been stopped meanwhile.
LATE_S = 45.0
#: Clocks of two processes on one machine differ by less, seconds.
SAME_S = 1.0
#: After this time a closing has its row, seconds: the product promises 90, and is killed here.
LASTING_S = 120.0
#: Money is stored to this; a value may differ from the recount by it and by a rounded price.
CENT, PART = 0.01, 1e-6


def recount(lake: Path, record: Path, off: Collection[float]) -> tuple[int, list[str]]:
    """Count the closings in the lake, and name what was closed or valued wrongly.

    `off` is all that the gateway's clock was ever wrong by, seconds.
    """
    runs, held, began, ended = _timeline(record)
    reader = Reader(lake)
    try:
        rows = reader.ask(
            "SELECT account, con_id, quantity, epoch(observed_at) FROM position_updates"
        )
        values = reader.ask(
            "SELECT DISTINCT symbol, sec_type, quantity, price, market_value FROM position_updates"
            " WHERE price IS NOT NULL AND market_value IS NOT NULL"
        )
    finally:
        reader.close()

    def true_time(at: float) -> float:
        likely = (at - seconds for seconds in off)
        return next((t for t in likely if began - LATE_S <= t <= ended + LATE_S), at)

    closed: dict[tuple[str, int], list[float]] = {}
    seen: dict[tuple[str, int], list[float]] = {}
    broken = []
    for account, con_id, quantity, at in rows:
        key, t = (account, con_id), true_time(float(at))
        (seen if quantity else closed).setdefault(key, []).append(t)
        if not quantity and 0 not in held.quantities(key, t - LATE_S, t + SAME_S):
            broken.append(f"{key} closed at {t:.1f} while the simulator held it")
    before: dict[tuple[str, int], float] = {}
    for end in sorted(held.closings(), key=lambda one: one.t):
        key = (end.account, end.con_id)
        opened_after, before[key] = before.get(key, 0.0), end.t
        lasts_until = next(
            (t for t in _changes(runs, key) if t > end.t and held.quantity(key, t)), ended
        )
        # What was open for moments, while nothing was looking, needs no closing.
        known = any(opened_after < t < end.t for t in seen.get(key, ()))
        reported = any(end.t - SAME_S <= t <= lasts_until + SAME_S for t in closed.get(key, ()))
        if known and not reported and lasts_until - end.t >= LASTING_S:
            broken.append(f"{key} closed at {end.t:.1f}: the lake has no row of it")
    for symbol, sec_type, quantity, price, value in values:
        times = factor(symbol, sec_type)
        if times is not None:
            right = float(quantity) * float(price) * times
            if abs(float(value) - right) > CENT + PART * abs(right):
                broken.append(
                    f"{symbol} {sec_type}: {quantity} at {price} is worth {right}, {value}"
                )
    return sum(map(len, closed.values())), broken


def _timeline(record: Path) -> tuple[list[dict[str, Any]], Holdings, float, float]:
    """Join all runs of the simulator; what a new run does not hold at its start is closed then."""
    lines = [json.loads(text) for text in record.read_text().splitlines() if text.endswith("}")]
    lines = [line for line in lines if line["kind"] == "holding"]
    joined: list[dict[str, Any]] = []
    run, now = "", dict[tuple[str, int], dict[str, Any]]()
    for line in lines:
        if line["run"] != run:
            run = line["run"]
            starts = {
                (one["account"], one["con_id"])
                for one in lines
                if one["run"] == run and one["t"] <= line["t"] + SAME_S
            }
            for key, last in list(now.items()):
                if key not in starts and last["quantity"] != "0":
                    # Closed once, though later runs lack it too.
                    now[key] = {**last, "t": line["t"], "quantity": "0"}
                    joined.append(now[key])
        now[line["account"], line["con_id"]] = line
        joined.append(line)
    return joined, Holdings(joined), lines[0]["t"], lines[-1]["t"]


def _changes(lines: list[dict[str, Any]], key: tuple[str, int]) -> list[float]:
    return [line["t"] for line in lines if (line["account"], line["con_id"]) == key]
