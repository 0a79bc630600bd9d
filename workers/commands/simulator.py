"""`slotwise simulator`: the command of distribution `tws-simulator`, where that is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from importlib import import_module

from workers.commands.context import ANY_ARGUMENTS
from workers.stack.simulator import check_simulator, has_simulator


def _absent() -> None:
    """Simulate TWS for any IB API client; needs tws-simulator, which slotwise[demo] brings.

    Example: slotwise simulator --port 7497
    """
    check_simulator()


def _present() -> Callable[..., None]:
    """Return the simulator's own command, under the name that it has here."""
    own: Callable[..., None] = import_module("tws_simulator.command").simulator

    @wraps(own)
    def command(*args: object, **options: object) -> None:
        own(*args, **options)

    command.__doc__ = (own.__doc__ or "").replace("tws-simulator", "slotwise simulator")
    return command


simulator = _present() if has_simulator() else _absent
#: Options are not known where the simulator is not installed.
CONTEXT_SETTINGS = None if has_simulator() else ANY_ARGUMENTS
