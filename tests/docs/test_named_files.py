"""Every file, folder and module that a page names is in the repository.

Rules:
* A path with a folder is one from the root, or the end of one (`bus/board.py`).
* A file name alone, or a folder alone (`lake/`), is there at least once.
* A dotted name of one of our packages begins with a module; what follows is a name in its text.
* A target that `make` is called with is in the Makefile.
* A module that `python -m` runs has a file that Python would run.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from tests.support.compose import ROOT

PAGES = sorted(
    file
    for file in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "tws_simulator/README.md")
    if file.name != "CHANGELOG.md"
)
OURS = ("benchmarks", "slotwise", "slotwise_start", "tasks", "tests", "tws_simulator", "workers")
#: Not of the repository: a reader's own files, a placeholder, a layout that was rejected, what is
#: built, and a counter that looks like a module.
ELSEWHERE = frozenset(
    {
        "my_desk.py", "my_watch.py", "desk.py", "past.py", "read.py", "check.py", "tasks.py",
        "redis.py", "NAME.py", "tws_simulator/tws_simulator/", "tasks.refused", "dist/", "site/",
    }
)  # fmt: skip
_CODE = re.compile(r"`([^`\n]+)`")
_FILE = re.compile(r"(?:[\w.-]+/)*[\w-]+\.(?:py|toml|ya?ml|sh|cfg|conf)\Z")
_FOLDER = re.compile(r"(?:[\w.-]+/)+\Z")
_DOTTED = re.compile(rf"(?:{'|'.join(OURS)})(?:\.\w+)+\Z")
_MADE = re.compile(r"(?:^ *|`)make ([a-z-]+)", re.MULTILINE)
_RUN = re.compile(rf"python -m ((?:{'|'.join(OURS)})\b(?:\.\w+)*)")


def tracked() -> tuple[PurePosixPath, ...]:
    """Return the files of the repository, also those that are not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return tuple(PurePosixPath(line) for line in listed.stdout.splitlines())


FILES = tracked()
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
FOLDERS = {folder for file in FILES for folder in file.parents}


def ends_with(path: PurePosixPath, wanted: PurePosixPath) -> bool:
    """Return True where the last parts of a path are these."""
    return path.parts[-len(wanted.parts) :] == wanted.parts


def module_file(dotted: str) -> Path | None:
    """Return the file of a module or package; None where there is none."""
    path = ROOT.joinpath(*dotted.split("."))
    return next((f for f in (path.with_suffix(".py"), path / "__init__.py") if f.is_file()), None)


def names_nothing(name: str) -> bool:
    """Return True for a dotted name that is no module, and no name in one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        file = module_file(".".join(parts[:length]))
        if file is not None:
            rest = parts[length : length + 1]
            return bool(rest) and re.search(rf"\b{rest[0]}\b", file.read_text()) is None
    # A folder of tests is a package without a file of its own.
    return PurePosixPath(*parts) not in FOLDERS


def missing_in(text: str) -> set[str]:
    """Name what a page names and the repository lacks."""
    missing = set()
    for code in _CODE.findall(text):
        word = code.split("::")[0].split(": ")[0].strip()
        if word in ELSEWHERE:
            continue
        if _FILE.match(word):
            if not any(ends_with(file, PurePosixPath(word)) for file in FILES):
                missing.add(word)
        elif _FOLDER.match(word):
            if not any(ends_with(folder, PurePosixPath(word)) for folder in FOLDERS):
                missing.add(word)
        elif _DOTTED.match(word) and names_nothing(word):
            missing.add(word)
    for module in _RUN.findall(text):
        package = ROOT.joinpath(*module.split("."))
        if not package.with_suffix(".py").is_file() and not (package / "__main__.py").is_file():
            missing.add(f"python -m {module}")
    for target in _MADE.findall(text):
        if target not in TARGETS:
            missing.add(f"make {target}")
    return missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_exists(page: Path) -> None:
    assert missing_in(page.read_text()) == set()


def test_a_file_that_is_gone_is_missed() -> None:
    text = "`workers/gateway/no_such.py`, `slotwise.no_such`, `no_such/`, `python -m tests.no_such`"
    text += "\n    make no-such\n"
    assert missing_in(text) == {
        "workers/gateway/no_such.py", "slotwise.no_such", "no_such/", "python -m tests.no_such",
        "make no-such",
    }  # fmt: skip
    assert missing_in("`slotwise/position.py`, `slotwise.bus`, `bus/`, `position.py`") == set()
