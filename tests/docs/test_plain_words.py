"""The check of words finds the worst ones, and leaves plain sentences alone."""

from __future__ import annotations

import pytest

from tests.docs.plain_words import findings, tracked


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
    ],
)
def test_words_that_a_reader_stops_at_are_found(text: str, words: str) -> None:
    assert words in [found for _, found, _ in findings(text)]


def test_plain_sentences_are_left_alone() -> None:
    assert list(findings('"""Return whether a line is held."""\nIt waits until stopped.')) == []


def test_code_and_pages_are_checked_and_tests_are_not() -> None:
    names = [file.as_posix() for file in tracked()]
    assert any(name.endswith("slotwise/quote.py") for name in names)
    assert any(name.endswith("docs/architecture.md") for name in names)
    assert not any("/tests/" in name for name in names)
