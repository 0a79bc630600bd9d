"""The pictures of the documentation show what the screen shows now."""

from __future__ import annotations

from pathlib import Path

from tests.docs.pictures import picture
from tests.support.expected import assert_expected
from tests.unit.top.worlds import source

PICTURES = Path(__file__).parents[3] / "docs" / "pictures"


def test_the_picture_of_top_is_that_of_a_normal_day(tmp_path: Path) -> None:
    drawn = tmp_path / "top.svg"
    picture(source(), "slotwise top", drawn)
    assert_expected(PICTURES / drawn.name, drawn.read_text(encoding="utf-8"))
