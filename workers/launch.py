"""How our processes are started, so that the working folder and the shell cannot replace our code.

Rules:
* Children run with `-P`: Python does not put the working folder first on the module path.
* They start by package `slotwise_start`, which puts the folders of PYTHONPATH last.
* Where the working folder is on the path anyway (`python -m workers.cli`), it is removed:
  a `tasks.py` or `redis.py` there is never imported in place of an installed module. A folder that
  holds our own packages stays: a source checkout is run from its root.
* The gateway adds the folder again, last, before it imports the user's handlers
  (SLOTWISE_HANDLERS): they are found there, and replace nothing.
* Variables that redirect Celery to another application, message broker or loader are removed: they
  belong to another Celery program that is used from the same shell.

This module imports the standard library only, and is imported before everything else.
"""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

#: Where the packages `slotwise`, `tasks`, `tws_simulator` and `workers` are installed.
OUR_FOLDER = Path(__file__).resolve().parents[1]
#: Variables that Celery's command line and settings read by themselves (celery/bin/celery.py,
#: celery/app/utils.py, celery/app/base.py, celery/concurrency, celery/fixups, version 5.7).
CELERY_VARIABLES = (
    "APP",
    "BROKER_URL",
    "RESULT_BACKEND",
    "LOADER",
    "CONFIG_MODULE",
    "CELERY_BROKER_URL",
    "CELERY_BROKER_READ_URL",
    "CELERY_BROKER_WRITE_URL",
    "CELERY_RESULT_BACKEND",
    "CELERY_LOADER",
    "CELERY_CONFIG_MODULE",
    "CELERY_CUSTOM_WORKER_POOL",
    "DJANGO_SETTINGS_MODULE",
)


def command(*words: str) -> tuple[str, ...]:
    """Build the command line of a Slotwise process: `slotwise` with these words."""
    return (sys.executable, "-P", "-m", "slotwise_start", *words)


def isolate(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove the working folder from the module path, and Celery's variables.

    Raises OSError where the working folder does not exist any more.
    """
    sys.path[:] = without_folder(sys.path, Path.cwd())
    for name in CELERY_VARIABLES:
        environment.pop(name, None)


def find_user_modules() -> None:
    """Add the working folder to the end of the module path, for modules that a user names."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)


def without_folder(path: list[str], folder: Path) -> list[str]:
    """Return a module path without a folder; the folder of our own code stays."""
    folder = folder.resolve()
    if folder == OUR_FOLDER:
        return path
    # An empty entry is the working folder, whatever it is at the time of an import.
    return [entry for entry in path if Path(entry or ".").resolve() != folder]
