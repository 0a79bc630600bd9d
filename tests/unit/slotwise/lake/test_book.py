"""The book: the latest word on every holding, landed or on its way."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import hypothesis
import msgspec
import pyarrow as pa
from deltalake import DeltaTable, write_deltalake
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from slotwise.lake.arrow import to_batch
from slotwise.lake.as_of import positions_as_of
from slotwise.lake.book import book, still_held, with_landing
from slotwise.lake.latest_positions import KEEP, KEEP_CLEANED_EACH, keep_book
from slotwise.lake.position_checkpoints import make_position_checkpoint
from slotwise.lake.schemas import POSITION_UPDATES, QUANTITY, TIME
from slotwise.lake.store import Lake
from slotwise.position import Position
from slotwise.rules.landing import Entry, Rows
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.effort import examples
from tests.support.landed import put
from tests.support.values import ACCOUNT, NOON, at, option, position

POSITIONS = "position_updates"


def row(con_id: int, quantity: int = 10, seconds: float = 0.0, **changes: Any) -> PositionRow:
    account = changes.pop("account", ACCOUNT)
    held = position(con_id, quantity, account=account, observed_at=at(seconds))
    return position_row(held, None, **{"source": "batch", **changes})


def quantities(lake: Lake, account: str | None = None) -> dict[tuple[str, int], int]:
    return {held.key: int(held.quantity) for held in still_held(book(lake, account))}


def test_the_book_is_the_latest_state_of_every_holding(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10, 0), row(2, 5, 0)])
    put(lake, POSITIONS, [row(1, 12, 30, source="stream")])
    assert quantities(lake) == {(ACCOUNT, 1): 12, (ACCOUNT, 2): 5}


def test_what_was_observed_earlier_does_not_come_back_by_landing_later(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 12, 30)], at(31))
    put(lake, POSITIONS, [row(1, 10, 0)], at(40))
    assert quantities(lake) == {(ACCOUNT, 1): 12}


def test_of_two_words_about_one_instant_the_one_landed_last_counts(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10)], at(1))
    put(lake, POSITIONS, [row(1, 12)], at(2))
    assert quantities(lake) == {(ACCOUNT, 1): 12}


def test_a_closed_holding_leaves_the_book(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10, 0), row(1, 0, 5), row(2, 3, 0)])
    assert quantities(lake) == {(ACCOUNT, 2): 3}


def test_the_book_of_one_account_holds_no_others(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10), row(1, 7, account="O'Hara")])
    assert quantities(lake, "O'Hara") == {("O'Hara", 1): 7}
    assert quantities(lake, "absent") == {}


def test_the_book_is_empty_before_anything_landed(lake: Lake) -> None:
    assert book(lake) == []


def test_a_holding_keeps_every_digit(lake: Lake) -> None:
    held = position(1, "-0.12345678", avg_cost="1234.00000001", observed_at=at(0.000001))
    held = msgspec.structs.replace(held, avg_cost=held.quantity * -10000)
    put(lake, POSITIONS, [position_row(held, None, source="batch")])
    [found] = book(lake)
    assert (found.quantity, found.avg_cost) == (held.quantity, held.avg_cost)
    assert found.observed_at == held.observed_at


def test_positions_come_back_as_they_landed(lake: Lake) -> None:
    """With all of their contract that the lake keeps; what was closed does not."""
    held = position(1, -3, contract=option(1, price_magnifier=100), observed_at=at(5))
    put(lake, POSITIONS, [position_row(held, None, source="batch"), row(2, 5, 0), row(3, 4, 0)])
    put(lake, POSITIONS, [row(3, 0, 10)])
    found = {one.contract.con_id: one for one in still_held(book(lake))}
    assert set(found) == {1, 2}
    assert found[1] == held


def test_what_was_closed_lately_is_shown_as_closed(lake: Lake) -> None:
    """So that older news of it, which is on its way yet, does not open it again."""
    put(lake, POSITIONS, [row(1, 10, 0), row(1, 0, 5)])
    [closed] = book(lake)
    assert closed.quantity == 0
    late = Entry(1, Rows(POSITIONS), to_batch([row(1, 10, 3)], POSITION_UPDATES.sent))
    assert still_held(with_landing([closed], [late])) == []


def test_the_book_of_an_account_has_its_models(lake: Lake) -> None:
    put(
        lake, POSITIONS, [row(1, 1), row(1, 2, account=f"{ACCOUNT}/Growth"), row(1, 3, account="X")]
    )
    assert quantities(lake, ACCOUNT) == {(ACCOUNT, 1): 1, (f"{ACCOUNT}/Growth", 1): 2}


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 5), st.integers(0, 20)), max_size=12),
    st.integers(0, 12),
)
def test_it_does_not_matter_what_has_landed_and_what_is_on_its_way(
    reported: list[tuple[int, int, int]], landed: int
) -> None:
    """Of each holding the newest word counts, wherever it is."""
    rows = [row(con_id, quantity, seconds) for con_id, quantity, seconds in reported]
    entries = [
        Entry(n, Rows(POSITIONS), to_batch([one], POSITION_UPDATES.sent))
        for n, one in enumerate(rows, 1)
    ]
    first = with_landing([], entries[:landed])
    newest: dict[int, tuple[int, int]] = {}
    for con_id, quantity, seconds in reported:
        if con_id not in newest or seconds >= newest[con_id][0]:
            newest[con_id] = (seconds, quantity)

    def quantities_of(positions: list[Position]) -> dict[int, int]:
        return {one.contract.con_id: int(one.quantity) for one in positions}

    assert quantities_of(with_landing(first, entries[landed:])) == {
        con_id: quantity for con_id, (_, quantity) in newest.items()
    }


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(0, 5), st.integers(0, 20), st.booleans()),
        max_size=8,
    )
)
@hypothesis.settings(max_examples=examples(16))
def test_the_keep_changes_nothing_but_what_is_read(
    empty_lake: Path, tmp_path_factory: Any, reported: list[tuple[int, int, int, bool]]
) -> None:
    """Whenever it was made, and however late older news lands after it."""
    folder = tmp_path_factory.mktemp("kept") / "lake"
    shutil.copytree(empty_lake, folder)
    lake = Lake(str(folder))
    newest: dict[int, tuple[int, int]] = {}
    for n, (con_id, quantity, seconds, keeps) in enumerate(reported):
        landed_at = at(100.0 + n)
        put(lake, POSITIONS, [row(con_id, quantity, seconds)], landed_at)
        if con_id not in newest or seconds >= newest[con_id][0]:
            newest[con_id] = (seconds, quantity)
        if keeps:
            assert keep_book(lake, landed_at)
    assert quantities(lake) == {
        (ACCOUNT, con_id): quantity for con_id, (_, quantity) in newest.items() if quantity
    }


def test_a_landing_that_was_held_up_for_an_hour_is_in_the_book(lake: Lake) -> None:
    """A machine slept between the reading of its clock and the commit; the keep was made first."""
    put(lake, POSITIONS, [row(1, 10)], at(0))
    assert keep_book(lake, at(3600))
    put(lake, POSITIONS, [row(1, 0, 60)], at(61))
    assert quantities(lake) == {}
    assert keep_book(lake, at(7200))
    assert quantities(lake) == {}


def test_one_keep_at_a_time(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10)], at(0))
    assert keep_book(lake, at(0))
    assert not keep_book(lake, at(0))
    assert quantities(lake) == {(ACCOUNT, 1): 10}


def test_old_keeps_do_not_pile_up(lake: Lake) -> None:
    for n in range(KEEP_CLEANED_EACH + 2):
        put(lake, POSITIONS, [row(1, 10)], at(n))
        assert keep_book(lake, at(n))
    assert len(DeltaTable(f"{lake.address}/{KEEP}").file_uris()) == 1
    assert quantities(lake) == {(ACCOUNT, 1): 10}


SIGHT = st.tuples(
    st.integers(1, 3), st.integers(0, 3), st.integers(-7, 7), st.integers(-7, 7), st.booleans()
)


@given(st.lists(SIGHT, max_size=8), st.integers(0, 8))
@hypothesis.settings(max_examples=examples(16))
def test_what_gateways_saw_last_is_in_the_book_whatever_clocks_showed(
    empty_lake: Path, tmp_path_factory: Any, seen: list[tuple[int, int, int, int, bool]], on: int
) -> None:
    """The clocks of gateway and lake worker jump by hours; the keep and marks are made meanwhile.

    The last ones of what was seen are still on their way.
    """
    folder = tmp_path_factory.mktemp("jumping") / "lake"
    shutil.copytree(empty_lake, folder)
    lake, hour = Lake(str(folder)), 3600.0
    held: dict[int, int] = {}
    entries = []
    for number, (con_id, quantity, saw_h, landed_h, keeps) in enumerate(seen, 1):
        one = position(con_id, quantity, observed_at=at(saw_h * hour))
        one = msgspec.structs.replace(one, sequence=number)
        held[con_id] = quantity
        sent = position_row(one, None, source="stream")
        if number <= on:
            put(lake, POSITIONS, [sent], at(landed_h * hour))
        else:
            batch = to_batch([sent], POSITION_UPDATES.sent)
            entries.append(Entry(number, Rows(POSITIONS), batch))
        if keeps:
            keep_book(lake, at(landed_h * hour))
            make_position_checkpoint(lake, at(landed_h * hour))
    found = still_held(with_landing(book(lake), entries))
    assert {p.contract.con_id: int(p.quantity) for p in found} == {
        con_id: quantity for con_id, quantity in held.items() if quantity
    }
    if on >= len(seen):
        rows = positions_as_of(lake, at(8 * hour)).to_pylist()
        assert {row["con_id"]: int(row["quantity"]) for row in rows} == {
            con_id: quantity for con_id, quantity in held.items() if quantity
        }


def test_a_row_of_another_engine_with_nulls_is_skipped_and_named(lake: Lake) -> None:
    """Its neighbours are read, and the past too."""
    put(lake, POSITIONS, [row(1, 10)])
    theirs = pa.table(
        {
            "con_id": pa.array([1, 2], pa.int64()),
            "account": [ACCOUNT, ACCOUNT],
            "quantity": pa.array([None, 5], QUANTITY),
            "observed_at": pa.array([at(9), None], TIME),
            "date": [NOON.date()] * 2,
        }
    )
    write_deltalake(lake.uri(POSITIONS), theirs, mode="append", schema_mode="merge")
    with capture_logs() as logs:
        assert quantities(lake) == {(ACCOUNT, 1): 10}
    assert [entry["table"] for entry in logs] == [POSITIONS, POSITIONS]
    assert positions_as_of(lake, at(60)).num_rows == 1
    assert keep_book(lake, NOON)
    assert quantities(lake) == {(ACCOUNT, 1): 10}


def test_the_keep_of_an_older_version_is_made_anew(lake: Lake) -> None:
    put(lake, POSITIONS, [row(1, 10)])
    old = pa.table({"account": [ACCOUNT], "con_id": pa.array([9], pa.int64())})
    write_deltalake(f"{lake.address}/{KEEP}", old)
    assert quantities(lake) == {(ACCOUNT, 1): 10}
    assert keep_book(lake, NOON)
    assert quantities(lake) == {(ACCOUNT, 1): 10}
