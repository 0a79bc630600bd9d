"""The page of the architecture has a line for every folder of code: what it holds."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import pytest

from tests.docs.test_named_files import tracked
from tests.support.compose import ROOT

PACKAGES = ("benchmarks", "slotwise", "tasks", "tws_simulator", "workers")
#: Folders of code: those with a module of ours.
FOLDERS = sorted(
    {file.parent for file in tracked() if file.suffix == ".py" and file.parts[0] in PACKAGES}
)
ROW = re.compile(r"^\| `(?P<folder>[\w/]+)/` \| (?P<words>.{30,}) \|$", re.MULTILINE)
ROWS = {
    PurePosixPath(row["folder"]): row["words"]
    for row in ROW.finditer((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
}


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_each_folder_of_code_has_a_line_that_says_what_it_holds(folder: PurePosixPath) -> None:
    assert folder in ROWS, f"docs/architecture.md: a row for `{folder}/` is missing"


def test_no_line_is_of_a_folder_that_is_gone() -> None:
    gone = [folder for folder in ROWS if not (ROOT / folder).is_dir()]
    assert gone == []
