"""What the lake says when it refuses, in one line."""

from __future__ import annotations

from slotwise.lake.error_text import reason_of


def test_a_chain_of_causes_is_one_line_without_colours() -> None:
    error = OSError(
        "Kernel error -> Generic error\n  \x1b[31m↳\x1b[0m Unable to open\n  \x1b[31m↳\x1b[0m full"
    )
    assert reason_of(error) == "Kernel error -> Generic error: Unable to open: full"


def test_an_error_without_words_gives_its_kind() -> None:
    assert reason_of(ValueError()) == "ValueError"
