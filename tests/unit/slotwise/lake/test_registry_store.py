"""The registry over Delta: what was active is active again after a restart."""

from __future__ import annotations

import random
import shutil
import tempfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from slotwise.errors import LakeAbsentError
from slotwise.lake.arrow import to_batch
from slotwise.lake.registry_store import open_registry
from slotwise.lake.schemas import STRATEGY_REGISTRY
from slotwise.lake.store import Lake
from slotwise.lake.writer import stamped
from slotwise.registry import RegistryRow
from tests.support.effort import examples
from tests.support.values import NOON, at


def test_strategies_survive_a_restart(lake: Lake) -> None:
    first = open_registry(lake.address)
    first.activate("condor", [764, 761, 763, 762], at(1), priority=1)
    first.activate("single", [900], at(2))
    first.activate("gone", [1], at(3))
    first.close("gone", at(4))
    assert open_registry(lake.address).strategies() == first.strategies()


def test_a_reload_that_finds_the_same_says_nothing_new(lake: Lake) -> None:
    """Also of a strategy with many legs, which come back in another order."""
    registry = open_registry(lake.address)
    legs = list(range(1, 2001))
    random.Random(1).shuffle(legs)
    registry.activate("wide", legs, NOON)
    registry.activate("other", [5], at(1))
    assert not registry.reload()
    assert registry.get("wide").con_ids == tuple(sorted(legs))


def test_of_two_changes_at_one_instant_the_later_one_counts(lake: Lake) -> None:
    """A caller's clock may stand still between two changes."""
    registry = open_registry(lake.address)
    for number in range(4):
        registry.activate(f"s{number}", [number + 1], NOON)
        registry.close(f"s{number}", NOON)
    assert open_registry(lake.address).strategies() == ()


Change = tuple[int, str, int]


@settings(max_examples=examples(12))
@given(
    st.lists(
        st.tuples(st.integers(0, 1), st.sampled_from(("activate", "close")), st.integers(-6, 6)),
        min_size=1,
        max_size=6,
    )
)
def test_changes_count_in_the_order_they_were_made_whatever_clocks_say(
    empty_lake: Path, made: list[Change]
) -> None:
    """On two machines whose clocks jump by hours in both directions."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(empty_lake, Path(folder) / "lake")
        address = str(Path(folder) / "lake")
        machines = [open_registry(address), open_registry(address)]
        expected: tuple[int, ...] = ()
        for number, (which, change, hours) in enumerate(made, 1):
            machine = machines[which]
            machine.reload()
            when = NOON + timedelta(hours=hours)
            if change == "activate":
                machine.activate("condor", [number], when)
                expected = (number,)
            elif expected:
                machine.close("condor", when)
                expected = ()
        for registry in (*machines, open_registry(address)):
            registry.reload()
            assert tuple(registry.wanted()) == expected


def test_changes_made_before_changes_were_numbered_come_first(lake: Lake) -> None:
    """By their clocks, as older versions read them."""
    old = [
        RegistryRow("0", "activated", "condor", 1, 1, at(5000)),
        RegistryRow("1", "closed", "condor", None, None, at(7000)),
        RegistryRow("2", "activated", "condor", 2, 1, at(9000)),
    ]
    rows = stamped(pa.Table.from_batches([to_batch(old, STRATEGY_REGISTRY.sent)]),
                   STRATEGY_REGISTRY, NOON, 0)  # fmt: skip
    write_deltalake(
        lake.uri("strategy_registry"),
        rows.set_column(rows.column_names.index("landing"), "landing", pa.nulls(3, pa.int64())),
        mode="append",
    )
    registry = open_registry(lake.address)
    assert registry.wanted() == {2: 1}
    registry.close("condor", NOON)
    assert open_registry(lake.address).wanted() == {}


def test_a_row_of_another_engine_without_a_strategy_is_skipped_and_named(lake: Lake) -> None:
    open_registry(lake.address).activate("condor", [7], NOON)
    theirs = pa.table({"event_id": ["theirs"], "date": [NOON.date()]})
    write_deltalake(lake.uri("strategy_registry"), theirs, mode="append", schema_mode="merge")
    with capture_logs() as logs:
        registry = open_registry(lake.address)
    assert list(registry.wanted()) == [7]
    [entry] = logs
    assert (entry["table"], entry["row"]) == ("strategy_registry", "event_id=theirs")


def test_two_processes_change_strategies_side_by_side(lake: Lake) -> None:
    one, other = open_registry(lake.address), open_registry(lake.address)
    one.activate("one", [1], at(1))
    other.activate("other", [2], at(2))
    one.close("one", at(3))
    names = [strategy.name for strategy in open_registry(lake.address).strategies()]
    assert names == ["other"]
    assert one.reload()
    assert one.is_active(2)


def test_the_registry_of_a_lake_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(LakeAbsentError):
        open_registry(str(tmp_path / "new"))
    assert list(tmp_path.iterdir()) == []


def test_a_registry_of_an_older_version_is_read_and_keeps_quantities_from_then_on(
    lake: Lake,
) -> None:
    """Its table has no column for them before the first change."""
    row = RegistryRow("e", "activated", "put", 2, 1, NOON)
    whole = stamped(
        pa.Table.from_batches([to_batch([row], STRATEGY_REGISTRY.sent)]), STRATEGY_REGISTRY, NOON, 1
    )
    shutil.rmtree(lake.uri("strategy_registry"))
    write_deltalake(
        lake.uri("strategy_registry"), whole.drop_columns(["quantity"]), partition_by=["date"]
    )
    registry = open_registry(lake)
    assert [(one.name, one.quantities) for one in registry.strategies()] == [("put", {})]
    registry.activate("hedge", [2], at(1), 1, {2: Decimal(-2)})
    again = open_registry(lake)
    assert again.quantities(2) == {"hedge": Decimal(-2)}
    assert again.owners(2) == ("hedge", "put")
