"""Reconciliation is right about more than 300 cases, and never calls doubt a match.

Without effort every second case is played: the whole corpus takes 80 s of computing.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest

from slotwise.lake.store import Lake
from tests.corpus.case import Case, Played, play
from tests.corpus.corpus import CLEAN_SIZES, corpus
from tests.corpus.floor import Loop
from tests.support.effort import EFFORT

#: The corpus is played once, before the first of these tests: 40 s on an idle machine, 200 s on a
#: slow one, and a test process that is stopped for its time takes all of its tests with it.
pytestmark = pytest.mark.timeout(1200)

#: Causes that have to be right, as a part of all breaks.
RIGHT = 0.95


def played_cases() -> Iterator[Case]:
    """Return every case with some effort, else every second one and the largest."""
    for case in corpus():
        if EFFORT in os.environ or case.number % 2 or case.positions == max(CLEAN_SIZES):
            yield case


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    """Play the whole corpus once."""
    folder = tmp_path_factory.mktemp("corpus")
    template = folder / "template"
    Lake(str(template)).create()
    loop = Loop()
    results = []
    try:
        for case in played_cases():
            lake = folder / "lake"
            shutil.copytree(template, lake)
            results.append(play(case, loop, Lake(str(lake))))
            shutil.rmtree(lake)
    finally:
        loop.close()
    return results


def whole(played: list[Played]) -> list[Played]:
    return [one for one in played if not one.case.cut]


def test_there_are_enough_cases_of_every_kind(played: list[Played]) -> None:
    part = 1 if EFFORT in os.environ else 2
    assert len(whole(played)) >= 300 // part
    assert sum(not one.case.acts for one in whole(played)) >= 25 // part
    assert max(one.case.positions for one in played) == 10_000
    assert {kind for one in played for kind in one.kinds.values()} == {
        "missing_in_book", "missing_at_broker", "quantity", "avg_cost", "account_unknown"
    }  # fmt: skip


def test_every_break_is_found_and_none_is_invented(played: list[Played]) -> None:
    assert [what for one in whole(played) for what in one.missed] == []
    assert [what for one in whole(played) for what in one.invented] == []


def test_nearly_every_cause_is_right(played: list[Played]) -> None:
    misnamed = [what for one in whole(played) for what in one.misnamed]
    breaks = sum(len(one.kinds) for one in whole(played))
    assert len(misnamed) <= (1 - RIGHT) * breaks, "\n".join(misnamed)


def test_clean_portfolios_match(played: list[Played]) -> None:
    for one in whole(played):
        expected = "broken" if one.kinds else "matched"
        assert one.report.status == expected, (one.case.name, one.report.reason)


def test_an_answer_that_is_cut_short_is_never_believed(played: list[Played]) -> None:
    for one in played:
        if one.case.cut:
            assert one.report.status == "stale", one.case.name
