"""Names in little room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from workers.screen.words import cut_name


def test_names_that_differ_at_their_end_differ_when_they_are_cut() -> None:
    assert cut_name("SPX 20261218 P 6640", 19) == "SPX 20261218 P 6640"
    assert cut_name("ES FOP 20261218 P 6750", 18) == "ES FOP 2026…P 6750"
    assert cut_name("condor-iwm-20261204-2", 18) == "condor-iwm-…1204-2"


@given(st.text(st.characters(blacklist_categories=("C", "M"))), st.integers(1, 60))
def test_a_cut_name_has_its_room(text: str, room: int) -> None:
    cut = cut_name(text, room)
    assert cell_len(cut) <= room
    assert (cut == text) == (cell_len(text) <= room)
