"""Marks: how far they miss between two quotes, whether bands hold, and what they cost.

Without data the days are simulated (`simulated_days.py`); `--data` takes days of real minute quotes
(`market_days.py`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.figures import Part
from benchmarks.mark_figures import LONG_PERIOD, PERIOD, part_of
from benchmarks.mark_replay import Scores, scores
from benchmarks.market_days import Day, read_days
from benchmarks.profile import times_of
from benchmarks.profile_figures import Timed
from benchmarks.simulated_days import WEATHERS, simulated_day
from slotwise.rules.marks.black76 import Greeks
from slotwise.rules.marks.book import MarkBook
from slotwise.rules.marks.instrument import Instrument
from slotwise.rules.marks.observation import Observation

#: Seeds of the phases of real days: a day of few contracts has few tests of one phase.
SEEDS = (1, 2, 3, 4)
#: Tests that are enough of one day: more phases of a day with a hundred contracts say nothing new.
ENOUGH = 80_000
#: Simulated days of each weather.
DAYS = 3
#: Holdings whose marks are timed, underlyings they share, quotes and prices of underlyings a second
#: between two rounds of marks, and rounds.
HOLDINGS, UNDERLYINGS, QUOTES, ROUNDS = 10_000, 50, 45, 20


def run(share: float) -> Part:
    """Score simulated days and time marks of 10,000 holdings."""
    found: dict[tuple[str, int], Scores] = {}
    days = [
        simulated_day(weather, seed)
        for weather in WEATHERS
        for seed in range(max(1, round(DAYS * share)))
    ]
    for number, day in enumerate(days):
        name = f"{day.name}, {number % max(1, round(DAYS * share)) + 1}"
        found[(name, PERIOD)] = scores(day, PERIOD, SEEDS[:1])
    return part_of(found, *_costs(max(3, round(ROUNDS * share))), liquid=())


def run_on(folder: Path) -> Part:
    """Score the days of real quotes in a folder; raises InputError where there are none."""
    days = read_days(folder)
    found = {
        (day.name, period): _scores(day, period) for day in days for period in (PERIOD, LONG_PERIOD)
    }
    liquid = [day.name for day in days if day.name.startswith("ES ")]
    return part_of(found, *_costs(ROUNDS), liquid=liquid)


def _scores(day: Day, period: int) -> Scores:
    markets = sum(len(option.markets) for option in day.options)
    return scores(day, period, SEEDS[: max(1, min(len(SEEDS), ENOUGH // max(markets, 1)))])


def _costs(rounds: int) -> tuple[Sequence[float], Mapping[str, Timed]]:
    """Return the share of a core that each round of marks took, with what is seen in a second.

    Functions are timed in one further round, which is slower by it and is not counted.
    """
    book = MarkBook()
    options = _instruments()
    book.want(options.values())
    for con_id, option in options.items():
        book.observe(_quote(con_id, option, 0.0, 1.0))
    for underlying in range(UNDERLYINGS):
        book.observe(_spot(underlying, 0.0, 0))
    book.marks(1.0)
    costs = []
    for turn in range(1, rounds + 1):
        at_s = 1.0 + turn
        for underlying in range(UNDERLYINGS):
            book.observe(_spot(underlying, at_s, turn))
        for number in range(QUOTES):
            con_id = UNDERLYINGS + (turn * QUOTES + number) % HOLDINGS
            book.observe(_quote(con_id, options[con_id], at_s, 1.0))
        began = time.process_time()
        book.marks(at_s)
        costs.append(time.process_time() - began)
    at_s = 2.0 + rounds
    for underlying in range(UNDERLYINGS):
        book.observe(_spot(underlying, at_s, rounds + 1))
    return costs, times_of(lambda: book.marks(at_s), 1)


def _instruments() -> Mapping[int, Instrument]:
    return {
        UNDERLYINGS + number: Instrument(
            con_id=UNDERLYINGS + number,
            underlying=number % UNDERLYINGS,
            strike=80.0 + number // UNDERLYINGS % 40,
            call=number % 2 == 0,
            expires_at_s=86_400.0 * (30 + number % 5),
        )
        for number in range(HOLDINGS)
    }


def _spot(underlying: int, at_s: float, turn: int) -> Observation:
    price = 100.0 + 0.01 * (turn % 7)
    return Observation(
        con_id=underlying, at_s=at_s, origin="stream", bid=price - 0.01, ask=price + 0.01
    )


def _quote(con_id: int, option: Instrument, at_s: float, middle: float) -> Observation:
    greeks = Greeks(iv=0.2 + 0.001 * (con_id % 30), delta=0.4, gamma=0.02, vega=11.0, theta=-0.05)
    return Observation(
        con_id=con_id,
        at_s=at_s,
        origin="quote",
        bid=middle - 0.02,
        ask=middle + 0.02,
        greeks=greeks,
        underlying_price=100.0,
    )
