"""Start `slotwise`, whatever modules PYTHONPATH holds.

A folder on PYTHONPATH comes before all that is installed, and so does the working folder with
`python -m`: a `workers.py` or `redis.py` there would be imported in place of ours. The name of this
package is one that no other program has, so it is found first; it puts those folders last, and
imports the rest after that. `python -m workers.cli` has no such protection: Python itself looks for
`workers` in those folders, before any code of ours runs.

This package imports the standard library only.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: Where our packages are installed.
OUR_FOLDER = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run the command line."""
    order_path()
    from workers.cli import main as run

    run()


def order_path() -> None:
    """Put the folders of PYTHONPATH last."""
    sys.path[:] = with_named_last(sys.path, os.environ.get("PYTHONPATH", ""))


def with_named_last(path: list[str], named: str) -> list[str]:
    """Return a module path with the folders of PYTHONPATH, and the working folder, at its end.

    The folder of our code stays where it is.
    """
    try:
        entries = (named.split(os.pathsep) if named else []) + [str(Path.cwd())]
        folders = {Path(entry or ".").resolve() for entry in entries} - {OUR_FOLDER}
        last = [entry for entry in path if Path(entry or ".").resolve() in folders]
    except FileNotFoundError:
        # The working folder does not exist any more: the command line says so.
        return path
    return [entry for entry in path if entry not in last] + last
