"""The libraries that a process imports once, before it forks commands and children of stacks.

Imports are nearly all of what a command or a process of ours takes to start. Modules that read the
settings when they are imported are left to the forked process, which has the environment.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

#: The folder that `tests` is imported from.
ROOT = Path(__file__).resolve().parents[2]
#: Commands whose modules import the tasks; those read the settings when they are imported.
READ_SETTINGS = frozenset({"lake", "reconcile", "strategies"})
#: Libraries that the other commands do not import, or import when they are needed only.
OF_COMMANDS = (
    "celery.app.amqp", "celery.app.control", "celery.backends.redis", "celery.beat",
    "celery.security", "celery.signals", "cryptography.x509", "kombu.transport.redis",
    "pyarrow.dataset", "rich.live", "rich.progress", "typer.rich_utils",
)  # fmt: skip
#: What else the children of a stack import.
OF_CHILDREN = (
    "celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.concurrency.prefork",
    "celery.worker.consumer", "celery.worker.components", "celery.app.events", "flower.command",
    "workers.gateway.run", "workers.gateway.ib.ib_broker", "workers.web.server",
    "tws_simulator.server", "tws_simulator.command",
)  # fmt: skip


def import_libraries() -> None:
    """Import the libraries and the modules of commands; no setting is read by that."""
    for library in OF_COMMANDS:
        import_module(library)
    commands = import_module("workers.commands.root").COMMANDS
    for name, module in commands.items():
        if name not in READ_SETTINGS:
            import_module(module)
    for library in OF_CHILDREN:
        import_module(library)
    assert not any(name.partition(".")[0] == "tasks" for name in sys.modules)
