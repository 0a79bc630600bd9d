"""Text a test expects, kept in files: `SLOTWISE_TEST_REWRITE=1 pytest ...` writes them again.

So that a change of what people see shows as a difference in the files, for a person to judge.
"""

from __future__ import annotations

import os
from pathlib import Path

REWRITE = "SLOTWISE_TEST_REWRITE"


def assert_expected(path: Path, text: str) -> None:
    """Compare a text with a file, or write the file where that is asked for."""
    if os.environ.get(REWRITE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path.name} is missing: {REWRITE}=1 writes it"
    assert text == path.read_text(encoding="utf-8"), f"{REWRITE}=1 writes {path.name} anew"
