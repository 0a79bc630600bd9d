"""Check that files are short: `python -m tests.docs.short_files`, a part of `make check`.

One idea a file: what is longer than `MOST_LINES` holds two, and is split by them.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.compose import ROOT

#: Lines of a Python file, docstrings and comments included: what one reads in one go.
MOST_LINES = 300


def tracked() -> list[Path]:
    """Return the Python files of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [file for name in listed.stdout.splitlines() if (file := ROOT / name).exists()]


def too_long(files: list[Path]) -> Iterator[tuple[Path, int]]:
    """Yield each file that is longer than it should be, and its lines."""
    for file in files:
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > MOST_LINES:
            yield file, lines


def main() -> int:
    """Write each file that is too long; return 1 where there is one."""
    found = list(too_long(tracked()))
    for file, lines in found:
        name = file.relative_to(ROOT)
        sys.stdout.write(f"{name}: {lines} lines, {MOST_LINES} at most: split it by its ideas\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
