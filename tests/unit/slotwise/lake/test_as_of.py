"""The past is what was observed by then, as far as it had landed: whatever was marked, whenever."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.errors import InputError
from slotwise.lake.as_of import COLUMNS, positions_as_of
from slotwise.lake.position_checkpoints import CHECKPOINTS_EACH, make_position_checkpoint
from slotwise.lake.store import Lake
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.effort import examples
from tests.support.landed import put
from tests.support.values import ACCOUNT, at, position

POSITIONS = "position_updates"
#: Seconds in which things happen, far apart enough for several marks.
DAY_S = 6 * 3600


def row(con_id: int, quantity: int, seconds: float, account: str = ACCOUNT) -> PositionRow:
    held = position(con_id, quantity, account=account, observed_at=at(seconds))
    return position_row(held, None, source="batch")


def held(
    lake: Lake, seconds: float, known: float | None = None, account: str | None = None
) -> dict[tuple[str, int], int]:
    """Ask what was held."""
    known_at = None if known is None else at(known)
    answer = positions_as_of(lake, at(seconds), known_at, account)
    assert tuple(answer.column_names) == COLUMNS
    rows = answer.to_pylist()
    assert rows == sorted(rows, key=lambda one: (one["account"], one["con_id"]))
    return {(one["account"], one["con_id"]): int(one["quantity"]) for one in rows}


def test_what_was_held_is_what_was_observed_last_by_then(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10, 0), row(2, 5, 0)], at(1))
    put(lake, POSITIONS, [row(1, 12, 30), row(2, 0, 30)], at(31))
    assert held(lake, -1) == {}
    assert held(lake, 0) == held(lake, 29) == {(ACCOUNT, 1): 10, (ACCOUNT, 2): 5}
    assert held(lake, 30) == held(lake, 1e6) == {(ACCOUNT, 1): 12}


def test_a_late_correction_changes_what_was_held_and_not_what_was_known(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10, 0), row(1, 20, 60)], at(61))
    put(lake, POSITIONS, [row(1, 11, 30)], at(600))
    assert held(lake, 40) == {(ACCOUNT, 1): 11}
    assert held(lake, 40, known=599) == {(ACCOUNT, 1): 10}
    assert held(lake, 70) == {(ACCOUNT, 1): 20}
    assert held(lake, 70, known=60) == {}


def test_an_account_is_asked_for_with_its_models(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 1, 0), row(1, 2, 0, f"{ACCOUNT}/Growth"), row(1, 3, 0, "U2")])
    assert held(lake, 1, account=ACCOUNT) == {(ACCOUNT, 1): 1, (f"{ACCOUNT}/Growth", 1): 2}


def test_a_time_without_a_zone_is_refused(lake: Lake) -> None:
    """It would mean another moment on another machine."""
    with pytest.raises(InputError, match="has no zone"):
        positions_as_of(lake, datetime(2026, 6, 1))


def test_marks_are_made_in_turn_and_joined_when_a_day_is_over(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10, 0)], at(1))
    assert make_position_checkpoint(lake, at(2))
    put(lake, POSITIONS, [row(2, 3, 10)], at(11))
    assert not make_position_checkpoint(lake, at(12)), "not twice within a turn"
    assert not make_position_checkpoint(lake, at(2) + CHECKPOINTS_EACH - timedelta(seconds=1))
    assert make_position_checkpoint(lake, at(2) + CHECKPOINTS_EACH)
    assert not make_position_checkpoint(lake, at(2) + 2 * CHECKPOINTS_EACH), "nothing has landed"
    put(lake, POSITIONS, [row(2, 4, 20)], at(21))
    assert make_position_checkpoint(lake, at(2) - CHECKPOINTS_EACH), "a clock that was set back"
    assert held(lake, 5) == {(ACCOUNT, 1): 10}
    assert held(lake, 25) == {(ACCOUNT, 1): 10, (ACCOUNT, 2): 4}


Observed = tuple[int, int, int, int, int]
#: A contract, its quantity, when it was observed, how much later it landed, and the account.
OBSERVED = st.tuples(
    st.integers(1, 4),
    st.integers(0, 3),
    st.integers(0, DAY_S),
    st.sampled_from([0, 1, 5, 60, 900, 7200]),
    st.integers(0, 1),
)


@settings(max_examples=examples(8), deadline=None)
@given(
    # Two words about one instant that land together have no order.
    st.lists(OBSERVED, min_size=1, max_size=25, unique_by=lambda o: (o[0], o[2], o[3], o[4])),
    st.lists(st.tuples(st.integers(0, DAY_S), st.integers(0, DAY_S + 8000)), max_size=8),
    st.integers(1, 5),
)
def test_any_moment_is_as_a_reading_of_all_rows_says(
    empty_lake: Path, observed: list[Observed], asked: list[tuple[int, int]], turns: int
) -> None:
    """With marks made between landings, late corrections included."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(empty_lake, Path(folder) / "lake")
        lake = Lake(str(Path(folder) / "lake"))
        accounts = (ACCOUNT, f"{ACCOUNT}/Growth")
        landings = sorted(observed, key=lambda one: one[2] + one[3])
        for number, (con_id, quantity, seconds, late_s, which) in enumerate(landings):
            put(
                lake,
                POSITIONS,
                [row(con_id, quantity, seconds, accounts[which])],
                at(seconds + late_s),
            )
            if number % turns == 0:
                make_position_checkpoint(lake, at(seconds + late_s))
        for seconds, known in asked:
            assert held(lake, seconds, known) == naive(observed, accounts, seconds, known)
            assert held(lake, seconds) == naive(observed, accounts, seconds, 10 * DAY_S)


def naive(
    observed: list[Observed], accounts: tuple[str, ...], seconds: int, known: int
) -> dict[tuple[str, int], int]:
    """Read every row; of what was observed at one time the one that landed last counts."""
    newest: dict[tuple[str, int], tuple[int, int, int]] = {}
    for con_id, quantity, seen, late_s, which in observed:
        if seen <= seconds and seen + late_s <= known:
            key = (accounts[which], con_id)
            newest[key] = max(newest.get(key, (-1, -1, -1)), (seen, seen + late_s, quantity))
    return {key: quantity for key, (_, _, quantity) in newest.items() if quantity}


def test_times_of_any_zone_mean_their_moment(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10, 0)], at(1))
    zone = datetime.now().astimezone().tzinfo
    for moment in (at(0), at(0).astimezone(zone), at(0).astimezone(UTC)):
        assert positions_as_of(lake, moment).num_rows == 1
