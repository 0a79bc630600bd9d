"""Slotwise: lines for the contracts that matter, polls for the rest, both in Delta Lake."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slotwise.contract import Contract
    from slotwise.errors import SlotwiseError
    from slotwise.handlers import Handler, HandlerHub
    from slotwise.lake.as_of import positions_as_of
    from slotwise.position import Position, Snapshot
    from slotwise.position_queue import PositionQueue
    from slotwise.position_writer import DeltaLakePositionWriter
    from slotwise.quote import Quote
    from slotwise.reconciliation.reconciler import PositionReconciler
    from slotwise.registry import StrategyRegistry
    from slotwise.strategy import Strategy
    from slotwise.update import PositionUpdate

__all__ = [
    "Contract",
    "DeltaLakePositionWriter",
    "Handler",
    "HandlerHub",
    "Position",
    "PositionQueue",
    "PositionReconciler",
    "PositionUpdate",
    "Quote",
    "SlotwiseError",
    "Snapshot",
    "Strategy",
    "StrategyRegistry",
    "positions_as_of",
]

#: Where each name is. Some bring Arrow and Delta along, which a process that wants none of it,
#: and every command of the command line, would wait a quarter of a second for.
_HOMES = {
    "Contract": "slotwise.contract",
    "DeltaLakePositionWriter": "slotwise.position_writer",
    "Handler": "slotwise.handlers",
    "HandlerHub": "slotwise.handlers",
    "Position": "slotwise.position",
    "PositionQueue": "slotwise.position_queue",
    "PositionReconciler": "slotwise.reconciliation.reconciler",
    "PositionUpdate": "slotwise.update",
    "Quote": "slotwise.quote",
    "SlotwiseError": "slotwise.errors",
    "Snapshot": "slotwise.position",
    "Strategy": "slotwise.strategy",
    "StrategyRegistry": "slotwise.registry",
    "positions_as_of": "slotwise.lake.as_of",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    """List the public names too."""
    return sorted({*globals(), *__all__})
