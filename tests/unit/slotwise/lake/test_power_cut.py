"""A power cut during a landing loses and doubles nothing."""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.errors import LakeError
from slotwise.lake.arrow import to_batch
from slotwise.lake.check import check_lake
from slotwise.lake.disk import LOG, POINTER
from slotwise.lake.lander import Lander
from slotwise.lake.repair import repair_lake
from slotwise.lake.schemas import POSITION_UPDATES
from slotwise.lake.store import CHECKPOINT_EACH, Lake
from slotwise.rules.landing import Answered, Inserted, Offset, Rows
from slotwise.rules.valuation import position_row
from tests.support.effort import examples
from tests.support.independent_reader import rows_of
from tests.support.memory_stream import MemoryStream
from tests.support.values import NOON, at, attempt, item, position
from tests.unit.slotwise.lake.test_repair import POSITIONS, landed


class PowerCut(Exception):
    """The machine is off: nothing after this is done."""


class CutStream(MemoryStream):
    """A stream that survives; landings are acknowledged only after the lake was synced."""

    cut = False

    def drop(self, upto: Offset) -> None:
        if self.cut:
            raise PowerCut
        super().drop(upto)


@settings(max_examples=examples(12))
@given(st.integers(1, 4), st.integers(0, 2**32), st.integers(1, 3))
def test_after_a_power_cut_during_a_landing_everything_lands_once(
    empty_lake: Path, before: int, seed: int, more: int
) -> None:
    """Any of the files that the last landing wrote is empty, short, or not there."""
    choice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(empty_lake, Path(folder) / "lake")
        lake, stream = Lake(str(Path(folder) / "lake")), CutStream()
        lander = Lander(lake, stream)
        number = 0

        def send() -> None:
            nonlocal number
            number += 1
            rows = [
                position_row(
                    position(number), None, source="batch", item_id=f"i{number}", batch_id="b"
                )
            ]
            stream.append(Inserted((item(number),), NOON))
            batch = to_batch(rows, POSITION_UPDATES.sent)
            stream.append(Answered(attempt("b"), (f"i{number}",), ()), batch)
            streamed = position_row(position(1000 + number), None, source="stream")
            stream.append(Rows(POSITIONS), to_batch([streamed], POSITION_UPDATES.sent))

        for _ in range(before):
            send()
            lander.land(at(number))
        old = {path for path in Path(lake.address).rglob("*") if path.is_file()}
        for _ in range(more):
            send()
        stream.cut = True
        with pytest.raises(LakeError):
            lander.land(at(number))
        new = sorted(p for p in Path(lake.address).rglob("*") if p.is_file() and p not in old)
        for path in choice.sample(new, choice.randint(1, len(new))):
            whole = path.read_bytes()
            match choice.choice(("empty", "short", "zeros", "gone")):
                case "empty":
                    path.write_bytes(b"")
                case "short":
                    path.write_bytes(whole[: choice.randrange(len(whole) or 1)])
                case "zeros":
                    path.write_bytes(b"\0" * len(whole))
                case _:
                    path.unlink()
        stream.cut = False
        repair_lake(lake, None, NOON + timedelta(hours=1))
        assert check_lake(lake) == []
        Lander(lake, stream).land(at(number + 1))
        assert stream.length() == 0
        expected = [*range(1, number + 1), *range(1001, 1001 + number)]
        assert landed(lake) == expected
        states = rows_of(lake, "position_queue", "item_id, state")
        ended = sorted(item_id for item_id, state in states if state == "succeeded")
        assert ended == sorted(f"i{n}" for n in range(1, number + 1))


def test_what_is_committed_is_on_the_disk_before_the_stream_is_acknowledged(
    empty_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files first, then their commit, then the folders; a checkpoint before anything is cleaned."""
    synced: list[Path] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    shutil.copytree(empty_lake, tmp_path / "lake")
    lake = Lake(str(tmp_path / "lake"), sync=True)
    before = set(tmp_path.rglob("*"))

    class Watching(MemoryStream):
        def drop(self, upto: Offset) -> None:
            new = {path for path in tmp_path.rglob("*") if path not in before}
            assert new <= set(synced), "all that is new is on the disk"
            assert {path.parent for path in new} <= set(synced), "and so are its folders"
            super().drop(upto)

    stream = Watching()
    lander = Lander(lake, stream)
    for number in range(CHECKPOINT_EACH + 1):
        row = position_row(position(number + 1), None, source="stream")
        stream.append(Rows(POSITIONS), to_batch([row], POSITION_UPDATES.sent))
        lander.land(at(number))
    log = tmp_path / "lake" / POSITIONS / LOG
    assert log / POINTER in synced
    commits = [p for p in synced if p.suffix == ".json" and p.parent == log]
    for commit in commits:
        files = [p for p in synced[: synced.index(commit)] if p.suffix == ".parquet"]
        assert len(files) >= int(commit.stem), "data before its commit"
