"""The check of lengths finds a file of 301 lines, and looks at code and tests."""

from __future__ import annotations

from pathlib import Path

from tests.docs.short_files import MOST_LINES, too_long, tracked


def test_a_file_of_one_line_too_many_is_found(tmp_path: Path) -> None:
    long, short = tmp_path / "long.py", tmp_path / "short.py"
    long.write_text("x = 1\n" * (MOST_LINES + 1))
    short.write_text("x = 1\n" * MOST_LINES)
    assert list(too_long([long, short])) == [(long, MOST_LINES + 1)]


def test_code_and_tests_are_looked_at() -> None:
    names = {file.as_posix() for file in tracked()}
    for name in ("slotwise/quote.py", "workers/cli.py", "tests/conftest.py"):
        assert any(one.endswith(name) for one in names)
