"""Slotwise: lines for the contracts that matter, polls for the rest, both in Delta Lake."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from slotwise.former_paths import install

if TYPE_CHECKING:
    from slotwise.bus.status import VerdictStatus
    from slotwise.client.client import Client, connect
    from slotwise.contract import Contract
    from slotwise.errors import SlotwiseError
    from slotwise.handlers import Handler, HandlerHub
    from slotwise.lake.as_of import positions_as_of
    from slotwise.position import Position, Snapshot
    from slotwise.position_writer import DeltaLakePositionWriter
    from slotwise.quote import Quote
    from slotwise.reconciliation.reconciler import PositionReconciler
    from slotwise.registry import StrategyRegistry
    from slotwise.rules.position_queue import PositionQueue
    from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
    from slotwise.strategy import Strategy
    from slotwise.update import PositionUpdate

__all__ = [
    "Client",
    "ConnectionState",
    "Contract",
    "ContractSeen",
    "ContractUnseen",
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
    "VerdictStatus",
    "connect",
    "positions_as_of",
]

#: Where each name is. Some bring Arrow and Delta along, which a process that wants none of it,
#: and every command of the command line, would wait a quarter of a second for.
_HOMES = {
    "Client": "slotwise.client.client",
    "ConnectionState": "slotwise.sighting",
    "Contract": "slotwise.contract",
    "ContractSeen": "slotwise.sighting",
    "ContractUnseen": "slotwise.sighting",
    "DeltaLakePositionWriter": "slotwise.position_writer",
    "Handler": "slotwise.handlers",
    "HandlerHub": "slotwise.handlers",
    "Position": "slotwise.position",
    "PositionQueue": "slotwise.rules.position_queue",
    "PositionReconciler": "slotwise.reconciliation.reconciler",
    "PositionUpdate": "slotwise.update",
    "Quote": "slotwise.quote",
    "SlotwiseError": "slotwise.errors",
    "Snapshot": "slotwise.position",
    "Strategy": "slotwise.strategy",
    "StrategyRegistry": "slotwise.registry",
    "VerdictStatus": "slotwise.bus.status",
    "connect": "slotwise.client.client",
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


install()
