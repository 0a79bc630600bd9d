"""A virtual environment with nothing in it, that installs without an index.

Wheels of our own distributions are built from the checkout; those of their dependencies are packed
again from what this environment has installed, so pip resolves and installs as anywhere else.
"""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tests.support.compose import ROOT

#: Longest that a build or an installation takes, seconds.
TIMEOUT_S = 300.0


def build_wheel(project: Path, folder: Path) -> Path:
    """Build the wheel of a project of this checkout, without an index and without isolation."""
    run((sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)), project)
    [wheel] = folder.glob(f"{'slotwise' if project == ROOT else project.name}-*.whl")
    return wheel


def pack_dependencies(names: tuple[str, ...], folder: Path) -> None:
    """Write a wheel of each installed distribution that these need, and of these themselves."""
    left, seen = list(names), set[tuple[str, frozenset[str]]]()
    while left:
        wanted = Requirement(left.pop())
        if (wanted.name, frozenset(wanted.extras)) in seen:
            continue
        installed = distribution(wanted.name)
        if wanted.name not in {name for name, _ in seen}:
            _pack(installed, folder)
        seen.add((wanted.name, frozenset(wanted.extras)))
        for text in installed.requires or ():
            needed = Requirement(text)
            extras = wanted.extras or {""}
            if not needed.marker or any(needed.marker.evaluate({"extra": e}) for e in extras):
                left.append(text)


class CleanEnvironment:
    """A virtual environment; its programs are in `programs`."""

    def __init__(self, folder: Path) -> None:
        run((sys.executable, "-m", "venv", str(folder)), folder.parent)
        self.programs = folder / "bin"

    def program(self, name: str) -> str:
        """Return the path of an installed program."""
        return str(self.programs / name)

    def install(self, wheels: Path, *what: str) -> None:
        """Install from a folder of wheels alone."""
        pip = (str(self.programs / "python"), "-m", "pip", "--isolated", "install", "--quiet")
        run((*pip, "--no-index", "--find-links", str(wheels), *what), wheels)

    def installed(self) -> set[str]:
        """Return the names of all installed distributions, without pip's own."""
        code = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
        names = run((str(self.programs / "python"), "-I", "-c", code), self.programs).split()
        return {name.lower() for name in names} - {"pip", "setuptools"}


def _pack(installed: Distribution, folder: Path) -> None:
    """Write the wheel of one installed distribution."""
    tag = _tag(installed)
    stem = f"{installed.name.replace('-', '_')}-{installed.version}"
    with zipfile.ZipFile(folder / f"{stem}-{tag}.whl", "w") as wheel:
        for file in installed.files or ():
            # What pip made while it installed: compiled files, and programs outside the folder.
            if ".." not in file.parts and "__pycache__" not in file.parts:
                wheel.write(str(file.locate()), str(file))


def _tag(installed: Distribution) -> str:
    """Return the tag of the wheel that was installed; several are one, joined by dots."""
    lines = (installed.read_text("WHEEL") or "").splitlines()
    tags = [line.removeprefix("Tag: ").split("-") for line in lines if line.startswith("Tag: ")]
    return "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))


def run(argv: tuple[str, ...], folder: Path) -> str:
    """Run a command in a folder; return what it printed, and fail where it failed."""
    done = subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
