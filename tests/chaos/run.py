"""Kill everything at random, then recount: python -m tests.chaos.run [--minutes 2].

Prints progress on stderr, and one line of JSON on stdout. Exit status 1 where a promise was broken.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.demo_process import left_behind
from tests.chaos.storm.audit import Found, audit, differences, pending
from tests.chaos.storm.events import KINDS
from tests.chaos.storm.freshness import LONG_AGO
from tests.chaos.storm.recount import recount
from tests.chaos.storm.stand import EndedError, Stand, say
from tests.chaos.storm.storm import ACTIVE, WHOLE_S, Options, Storm
from tests.support.object_store import object_store
from workers.stack.interrupt import until_interrupted
from workers.stack.supervisor import Supervisor

#: The lake says what the simulator says within this, and the queue is dry, seconds.
SETTLE_S = 180.0
#: Reading the lake and stopping the processes take at most this, seconds.
CLOSING_S = 300.0


def main() -> None:
    """Run the storm and exit with its verdict."""
    given = _arguments()
    options = Options(
        minutes=given.minutes,
        kills=given.kills,
        seed=given.seed,
        positions=given.positions,
        every_s=given.every,
        without=tuple(given.without),
        at_once=given.at_once,
    )
    folder = Path(tempfile.mkdtemp(prefix="slotwise-chaos-"))
    began = time.monotonic()
    say(f"seed {options.seed}; files in {folder}")
    result = run(folder, options, given.store)
    result |= {"seed": options.seed, "seconds": round(time.monotonic() - began)}
    if result["broken"] or given.keep:
        result["files"] = str(folder)
    else:
        shutil.rmtree(folder)
    sys.stdout.write(json.dumps(result) + "\n")
    sys.exit(1 if result["broken"] else 0)


def run(folder: Path, options: Options, store: bool = False) -> dict[str, Any]:
    """Run the storm in a folder, with the lake there or in a store; leaves no process behind."""
    if not store:
        return _run(folder, options, None)
    with object_store(folder) as environment:
        # This process makes the tables, so it needs to know the store as the others do.
        os.environ.update(environment)
        return _run(folder, options, environment)


def _run(folder: Path, options: Options, store: dict[str, str] | None) -> dict[str, Any]:
    broken: list[str] = []
    late = threading.Event()
    limit_s = options.minutes * 60 + 3 * WHOLE_S + 2 * SETTLE_S
    timers = [
        threading.Timer(limit_s, late.set),
        # Children end with their parent, whatever it was waiting for.
        threading.Timer(limit_s + CLOSING_S, os._exit, (1,)),
    ]
    for timer in timers:
        timer.daemon = True
        timer.start()
    figures: dict[str, Any] = {}
    stand: Stand | None = None
    try:
        with until_interrupted() as interrupted, Supervisor() as children:
            stand = Stand(
                folder, options.positions, children, lambda: interrupted() or late.is_set(), store
            )
            storm = Storm(stand, options)
            try:
                stand.start()
                storm.prepare()
                storm.rage()
                storm.settle()
                broken += storm.broken + _at_rest(stand, storm)
            except EndedError:
                broken += [*storm.broken, "ended before its time"]
            finally:
                stand.calm()
        stand.look()
        found = audit(stand.lake)
        figures = _figures(storm, found)
        closings, wrong = recount(stand.lake, stand.holdings, stand.clocks.off("gateway"))
        figures["closings"] = closings
        broken += found.broken + [f"{len(wrong)} rows are wrong, such as {wrong[:5]}"] * bool(wrong)
        if left := left_behind(folder):
            broken.append(f"processes left behind: {left}")
    finally:
        for timer in timers:
            timer.cancel()
        if stand is not None:
            stand.volume.end()
    return {"broken": broken, **figures}


def _at_rest(stand: Stand, storm: Storm) -> list[str]:
    """Wait until lake and queue are at rest, and name what does not come to rest."""
    say("settling")
    broken = []

    def equal() -> bool:
        held = stand.positions()
        stand.look()
        return held is not None and not differences(stand.lake, held)

    if not stand.wait(equal, SETTLE_S):
        different = differences(stand.lake, stand.positions() or [])
        broken.append(f"{len(different)} holdings differ, such as {different[:3]}")
    storm.lines.read()
    if tuple(storm.lines.streamed) != storm.active:
        broken.append(f"streamed {storm.lines.streamed}, wanted {list(storm.active)}")
    moment = datetime.now(UTC)
    live = {one.con_id for one in stand.positions() or []} & set(storm.active)

    def silent() -> set[int]:
        storm.freshness.read()
        return {one for one in live if storm.freshness.streamed.get(one, LONG_AGO) <= moment}

    if not stand.wait(lambda: not silent(), SETTLE_S):
        broken.append(f"no row of the streams of {sorted(silent())} within {SETTLE_S:.0f} s")
    # Without the gateway nothing is inserted any more.
    stand.children.stop("gateway")

    def dry() -> bool:
        stand.look()
        return not pending(stand.lake)

    if not stand.wait(dry, SETTLE_S):
        broken.append(f"{pending(stand.lake)} queue items neither landed nor failed")
    storm.lines.read()
    lines = storm.lines
    checks = {
        f"{lines.too_many} lines were opened over the limit": lines.too_many,
        f"{lines.streams_at_once} contracts streamed at once, {ACTIVE} are active": (
            lines.streams_at_once > ACTIVE
        ),
        f"{lines.miscounted} ledger events contradict the ones before": lines.miscounted,
        f"{lines.streamed} still stream": lines.streamed,
    }
    return broken + [text for text, wrong in checks.items() if wrong]


def _figures(storm: Storm, found: Found) -> dict[str, Any]:
    times = sorted(took for several in storm.recoveries.values() for took in several)
    return {
        "kills": storm.kills.total(),
        "by_kind": dict(storm.kills),
        "disturbances": dict(storm.disturbances),
        "items": found.items,
        "succeeded": found.succeeded,
        "closed": found.closed,
        "failed": found.failed,
        "rows": found.rows,
        "commits": found.commits,
        "rejected": storm.lines.rejected,
        "stray_files": storm.strays,
        "line_events": storm.lines.events,
        "bursts": len(times),
        "whole_again_s": {
            "median": round(statistics.median(times), 1) if times else None,
            "p99": round(times[min(int(len(times) * 0.99), len(times) - 1)], 1) if times else None,
        },
        "whole_again_by_kind_s": {
            kind: round(statistics.median(took), 1) for kind, took in storm.recoveries.items()
        },
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="how long things are broken")
    parser.add_argument("--kills", type=int, default=10**9, help="end after so many kills")
    parser.add_argument("--seed", type=int, default=1, help="the same seed chooses the same")
    parser.add_argument("--positions", type=int, default=200, help="holdings at the broker")
    parser.add_argument("--every", type=float, default=1.0, help="mean seconds between two kills")
    parser.add_argument(
        "--at-once", type=int, default=1, help="processes killed at one moment, at most"
    )
    parser.add_argument(
        "--without", nargs="*", default=[], choices=KINDS, help="leave kinds of events out"
    )
    parser.add_argument(
        "--store", action="store_true", help="keep the lake in an object store, moto's"
    )
    parser.add_argument("--keep", action="store_true", help="keep the files")
    return parser.parse_args()


if __name__ == "__main__":
    main()
