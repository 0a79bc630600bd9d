"""Years of beats: what commits, starts and questions cost as the lake grows, maintained or not."""

from __future__ import annotations

import gc
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

import pyarrow as pa

from benchmarks.baselines.written_days import sample_of, write_days
from benchmarks.figures import Part
from benchmarks.lake_days import BEAT_S, Beats, copy_file
from benchmarks.profile import times_of
from benchmarks.profile_figures import Timed
from benchmarks.year_figures import GOAL_DAY, Kept, Step, part_of
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.latest_positions import keep_book
from slotwise.lake.maintenance import maintain, table_state
from slotwise.lake.position_checkpoints import CHECKPOINTS, make_position_checkpoint
from slotwise.lake.store import Lake
from slotwise.lake.writer import LANDING_APP_ID

#: Contracts, polled every 30 s: few, as years of them are written in a minute; files, commits and
#: days are as many as with any number.
CONTRACTS = 12
#: Days after which it is measured.
DAYS = (1, 30, 365, 1826)
#: Time of a written day that has rows: five years have 10 million positions, which questions read.
HELD = {"position_updates": timedelta(hours=4), "position_queue": timedelta(minutes=20)}
#: Days that are written in one commit.
WRITTEN = 90
#: Beats that are landed each time, and between two maintenances: ten minutes and five.
BEATS, MAINTAINED = 120, 60
#: Files of a table without maintenance: of an hour and a half of beats, and of four hours.
FILES = (1_000, 3_000)
#: Beats that are landed each time without maintenance, where each may take a second.
BARE_BEATS = 10
#: Days whose landings and questions are profiled, and how many of each.
PROFILED, PROFILED_CALLS = (1, GOAL_DAY), 8
#: Questions beside landings, enough for a 95th percentile.
BESIDE_QUESTIONS = 60
#: Time between these landings, seconds: ten times as many as the product has.
BESIDE_S = 0.5
#: Questions about the past, each of a random moment of the last day that is there.
QUESTIONS, BARE_QUESTIONS = 20, 5
#: Below this share of the effort only the first steps are made.
ALL_STEPS = 0.5
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
#: Tables that every beat adds to.
TABLES = ("position_updates", "position_queue")


class First(NamedTuple):
    """Hold a lake as it was on the first day, and the time then."""

    lake: Lake
    now: datetime


def run(share: float) -> Part:
    """Measure a lake with maintenance over a year, and one without over a day."""
    whole = share >= ALL_STEPS
    with tempfile.TemporaryDirectory(prefix="slotwise-bench-") as name:
        kept = _kept(Path(name) / "kept", DAYS if whole else DAYS[:2])
        left = _left(Path(name) / "left", FILES if whole else FILES[:1])
    return part_of(kept, left)


def _kept(folder: Path, days: tuple[int, ...]) -> Kept:
    """Land the first ten minutes of each of the days; the days between are written."""
    beats = Beats(folder, CONTRACTS)
    first: First | None = None
    steps: list[Step] = []
    landings: dict[str, dict[str, Timed]] = {}
    questions: dict[str, dict[str, Timed]] = {}
    sampled = timedelta(seconds=BEATS * BEAT_S)
    samples: dict[str, pa.Table] = {}
    next_day = BEGAN.date()
    for number in days:
        while samples and (left := number - 1 - (next_day - BEGAN.date()).days) > 0:
            written = [next_day + timedelta(days=n) for n in range(min(left, WRITTEN))]
            for table, sample in samples.items():
                write_days(folder / table, sample, sampled, written, LANDING_APP_ID, HELD[table])
            next_day = written[-1] + timedelta(days=1)
            midnight = datetime.combine(next_day, datetime.min.time(), UTC)
            make_position_checkpoint(beats.lake, midnight)
            # Of each day there is a file of marks.
            copy_file(folder / CHECKPOINTS, written)
        now = datetime.combine(next_day, datetime.min.time(), UTC)
        beats.restart()
        seconds, now, files = _landed(beats, now, BEATS, maintained=True)
        if not samples:
            samples = {table: sample_of(folder / table, next_day) for table in TABLES}
        next_day += timedelta(days=1)
        steps.append(_step(beats, float(number), seconds, files, now, QUESTIONS, first))
        if first is None:
            # As it was on the first day, to be asked beside the later ones.
            place = folder.with_name("first")
            shutil.copytree(folder, place)
            first = First(Lake(str(place)), now)
        if number in PROFILED:
            asked = partial(positions_as_of, beats.lake, now - timedelta(minutes=5))
            questions[f"day {number}"] = times_of(asked, PROFILED_CALLS)
            clock = count(1)
            landings[f"day {number}"] = times_of(
                lambda: beats.land(now + timedelta(seconds=next(clock) * BEAT_S)),  # noqa: B023  # called at once
                PROFILED_CALLS,
            )
    return Kept(steps, _beside_landings(beats, now), landings, questions)


def _beside_landings(beats: Beats, now: datetime) -> list[float]:
    """Ask about the past while beats land; give the seconds of each question."""
    chance, ended = Random(2), threading.Event()

    def land() -> None:
        at = now + timedelta(seconds=(PROFILED_CALLS + 1) * BEAT_S)
        while not ended.wait(BESIDE_S):
            beats.land(at)
            at += timedelta(seconds=BEAT_S)

    landing = threading.Thread(target=land)
    landing.start()
    try:
        return [
            _timed(
                partial(
                    positions_as_of, beats.lake, now - timedelta(seconds=chance.uniform(1, 600))
                )
            )
            for _ in range(BESIDE_QUESTIONS)
        ]
    finally:
        ended.set()
        landing.join()


def _left(folder: Path, files: tuple[int, ...]) -> list[Step]:
    """Land beats without maintenance; most of the files are copies."""
    beats = Beats(folder, CONTRACTS)
    seconds, now, _ = _landed(beats, BEGAN, BARE_BEATS, maintained=False)
    steps = [_step(beats, 0.0, seconds, BARE_BEATS, now, BARE_QUESTIONS)]
    for most in files:
        for table in TABLES:
            there = table_state(beats.lake, table).files
            copy_file(folder / table, [BEGAN.date()] * (most - there))
        beats.restart()
        seconds, now, _ = _landed(beats, now, BARE_BEATS, maintained=False)
        steps.append(
            _step(beats, most * BEAT_S / 86_400, seconds, most + BARE_BEATS, now, BARE_QUESTIONS)
        )
    return steps


def _landed(
    beats: Beats, now: datetime, times: int, *, maintained: bool
) -> tuple[list[float], datetime, int]:
    """Land beats; give their seconds, the time after them, and the most files of a table."""
    seconds, most = [], 0
    for number in range(times):
        began = time.perf_counter()
        beats.land(now)
        # The first reads the lake again, as a worker that has just started does.
        if number:
            seconds.append(time.perf_counter() - began)
        if maintained and number % MAINTAINED == MAINTAINED - 1:
            most = max(most, *(table_state(beats.lake, table).files for table in TABLES))
            # As the product's task of maintenance does.
            keep_book(beats.lake, now)
            make_position_checkpoint(beats.lake, now)
            maintain(beats.lake, now.date())
        now += timedelta(seconds=BEAT_S)
    return seconds, now, most


def _step(
    beats: Beats,
    days: float,
    seconds: list[float],
    files: int,
    now: datetime,
    questions: int,
    first: First | None = None,
) -> Step:
    chance = Random(1)
    states = [table_state(beats.lake, table) for table in TABLES]
    as_of_s, first_s = [], []
    for _ in range(questions):
        back = timedelta(seconds=chance.uniform(1, 600))
        as_of_s.append(_timed(partial(positions_as_of, beats.lake, now - back)))
        if first is not None:
            first_s.append(_timed(partial(positions_as_of, first.lake, first.now - back)))
    return Step(
        days=days,
        commit_s=seconds,
        files=max(files, *(state.files for state in states)),
        rows=sum(state.rows for state in states),
        positions=states[0].rows,
        megabytes=sum(state.bytes for state in states) / 1e6,
        start_s=_timed(lambda: beats.recall(now)),
        as_of_s=as_of_s,
        first_as_of_s=first_s or as_of_s,
    )


def _timed(work: Callable[[], object]) -> float:
    # The collector's work in that time is not the lake's.
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
