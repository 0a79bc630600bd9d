"""The storm's volume: what is written while it is away is found, and nothing stays mounted."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.storm.mount import Volume


class Renamed(Volume):
    """A volume where nothing may be mounted."""

    def _mount(self) -> str:
        return "mounting is not allowed here"


@pytest.mark.parametrize("kind", [Volume, Renamed])
def test_a_volume_comes_back_whole_and_names_what_was_written_in_its_place(
    kind: type[Volume], tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    volume = kind(lake)
    volume.begin()
    try:
        (lake / "table").mkdir()
        (lake / "table" / "file").write_text("kept")
        volume.take_away()
        assert list(lake.iterdir()) == []
        assert volume.is_away
        (lake / "stray").mkdir()
        assert volume.bring_back() == ["stray"]
        assert [path.name for path in lake.iterdir()] == ["table"]
        volume.take_away()
        assert volume.bring_back() == []
    finally:
        volume.end()
    assert (lake / "table" / "file").read_text() == "kept"
    assert not lake.is_mount()
    lake.rename(tmp_path / "elsewhere")
