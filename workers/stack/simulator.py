"""Whether the simulator is installed: a distribution of its own, that the extra `demo` brings."""

from __future__ import annotations

from importlib.util import find_spec

from slotwise.errors import InputError

#: Package of the simulator.
PACKAGE = "tws_simulator"
ABSENT = "the simulator is not installed: pip install 'slotwise[demo]', or tws-simulator alone"


def has_simulator() -> bool:
    """Return True where the simulator can be started."""
    return find_spec(PACKAGE) is not None


def check_simulator() -> None:
    """Raise InputError where the simulator is not installed."""
    if not has_simulator():
        raise InputError(ABSENT)
