"""Whatever becomes of the mount of a lake, everything lands once."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.errors import LakeAbsentError
from slotwise.lake.first_start import begin
from slotwise.lake.lander import Lander
from slotwise.lake.maintenance import table_state
from slotwise.lake.store import Lake
from slotwise.rules.landing import Rows
from tests.support.effort import examples
from tests.support.independent_reader import rows_of
from tests.support.memory_stream import MemoryStream
from tests.support.values import NOON, at
from tests.unit.slotwise.lake.test_absent_lake import POSITIONS, Memory, row_of

STEPS = st.lists(
    st.sampled_from(["send", "land", "vanish", "return", "replace", "restart"]), max_size=14
)


@settings(max_examples=examples(20))
@given(STEPS)
def test_whatever_becomes_of_the_mount_everything_lands_once(
    empty_lake: Path, steps: list[str]
) -> None:
    """It vanishes, comes back, another lake stands there; lake workers restart in between."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        mount, away, other = root / "lake", root / "away", root / "other"
        shutil.copytree(empty_lake, mount)
        Lake(str(other)).create()
        memory, stream = Memory(), MemoryStream()

        def start() -> tuple[Lake, Lander]:
            lake = Lake(str(mount), memory.expected)
            return lake, Lander(lake, stream)

        lake, lander = start()
        begin(lake, memory)
        sent, place = 0, "right"

        def turn(when: datetime) -> None:
            begin(lake, memory)
            lander.land(when)

        def put_right() -> None:
            if place == "vanished":
                assert list(mount.iterdir()) == [], "nothing is written into the mount point"
                mount.rmdir()
            elif place == "other":
                mount.rename(other)
                assert table_state(Lake(str(other)), POSITIONS).rows == 0
            if place != "right":
                away.rename(mount)

        for step in steps:
            match step:
                case "send":
                    sent += 1
                    stream.append(Rows(POSITIONS), row_of(sent))
                case "land":
                    try:
                        turn(at(sent))
                        assert place == "right"
                    except LakeAbsentError:
                        assert place != "right"
                case "vanish" if place == "right":
                    mount.rename(away)
                    mount.mkdir()
                    place = "vanished"
                case "replace" if place == "right":
                    mount.rename(away)
                    other.rename(mount)
                    place = "other"
                case "return":
                    put_right()
                    place = "right"
                case "restart":
                    lake, lander = start()
                case _:
                    pass
        put_right()
        turn(NOON + timedelta(hours=1))
        assert sorted(rows_of(lake, POSITIONS, "con_id")) == [(n + 1,) for n in range(sent)]
        assert stream.length() == 0
