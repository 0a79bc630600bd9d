"""The check of words finds the worst ones, and leaves plain sentences alone."""

from __future__ import annotations

import pytest

from tests.docs.plain_words import NOT_CHECKED, findings, tracked
from tests.support.compose import ROOT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('    """Tell whether a line is held."""', "Tell"),
        ("for whoever reads the list", "whoever"),
        ("it waits for ever", "for ever"),
        ('log.error("an errand met a bug of ours")', "errand"),
        ("def roll_call() -> None:", "roll_call"),
        ("class Tenancy:", "Tenancy"),
        ("targets: dict[int, Wish]", "Wish"),
        ("answer, rows = fitted(answer, schema)", "fitted"),
        ("self.vitals = Vitals()", "vitals"),
        ("return meant(leg)", "meant("),
        ("def test_nobody_waits() -> None:", "def test_nobody_waits"),
        ("def test_a_break_is_told() -> None:", "def test_a_break_is_told"),
        ("def test_a_spool_knows_its_mark() -> None:", "def test_a_spool_knows_its_mark"),
    ],
)
def test_words_that_a_reader_stops_at_are_found(text: str, words: str) -> None:
    assert words in [found for _, found, _ in findings(text)]


def test_plain_sentences_are_left_alone() -> None:
    assert list(findings('"""Return whether a line is held."""\nIt waits until stopped.')) == []


def test_code_pages_and_tests_are_checked() -> None:
    names = [file.as_posix() for file in tracked()]
    assert any(name.endswith("slotwise/quote.py") for name in names)
    assert any(name.endswith("docs/architecture.md") for name in names)
    assert any(name.endswith("tests/unit/slotwise/test_lines.py") for name in names)


def test_former_names_and_the_patterns_themselves_are_not_checked() -> None:
    names = [file.as_posix() for file in tracked()]
    for name in NOT_CHECKED:
        assert (ROOT / name).is_file()
        assert not any(one.endswith(f"/{name}") for one in names)
