"""Without distribution `tws-simulator`, the commands that need it say what to install."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

#: Hides the package from Python's finders, as where it was never installed.
HIDDEN = """
import importlib.util, sys
GONE = "tws_simulator"
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == GONE else real(name, *rest)
sys.modules[GONE] = None
from workers.cli import main
main()
"""


@pytest.mark.parametrize(
    "words", [("simulator", "--port", "0"), ("demo", "--seconds", "5")], ids=" ".join
)
def test_a_command_that_needs_the_simulator_says_what_to_install(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HIDDEN, *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    assert "pip install 'slotwise[demo]'" in ended.stderr


def test_help_lists_every_command_without_the_simulator(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HIDDEN, "--help"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert "simulator" in ended.stdout
