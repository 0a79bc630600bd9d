"""Slotwise: lines for the contracts that matter, polls for the rest, both in Delta Lake."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from slotwise.former_paths import install

if TYPE_CHECKING:
    from slotwise.bus.status import VerdictStatus
    from slotwise.client.client import Client, connect
    from slotwise.client.strategies import activate_strategy, close_strategy
    from slotwise.contract import Contract
    from slotwise.errors import InputError, SlotwiseError
    from slotwise.handlers import Handler, HandlerHub
    from slotwise.lake.as_of import positions_as_of
    from slotwise.lake.registry_store import open_registry
    from slotwise.position import Position, Snapshot
    from slotwise.position_writer import DeltaLakePositionWriter
    from slotwise.quote import Quote
    from slotwise.reconciliation.alerts import verify_alert
    from slotwise.reconciliation.reconciler import PositionReconciler
    from slotwise.reconciliation.report import Break, Report
    from slotwise.registry import StrategyRegistry
    from slotwise.rules.position_queue import PositionQueue
    from slotwise.rules.valuation import value_of
    from slotwise.settings import Settings, read_settings
    from slotwise.sighting import ConnectionState, ContractSeen, ContractUnseen
    from slotwise.strategy import Strategy
    from slotwise.update import PositionUpdate
    from tasks.reconciliation import request_report

__all__ = [
    "Break",
    "Client",
    "ConnectionState",
    "Contract",
    "ContractSeen",
    "ContractUnseen",
    "DeltaLakePositionWriter",
    "Handler",
    "HandlerHub",
    "InputError",
    "Position",
    "PositionQueue",
    "PositionReconciler",
    "PositionUpdate",
    "Quote",
    "Report",
    "Settings",
    "SlotwiseError",
    "Snapshot",
    "Strategy",
    "StrategyRegistry",
    "VerdictStatus",
    "activate_strategy",
    "close_strategy",
    "connect",
    "open_registry",
    "positions_as_of",
    "read_settings",
    "request_report",
    "value_of",
    "verify_alert",
]

#: Where each name is. Some bring Arrow and Delta along, which a process that wants none of it,
#: and every command of the command line, would wait a quarter of a second for.
_HOMES = {
    "Break": "slotwise.reconciliation.report",
    "Client": "slotwise.client.client",
    "ConnectionState": "slotwise.sighting",
    "Contract": "slotwise.contract",
    "ContractSeen": "slotwise.sighting",
    "ContractUnseen": "slotwise.sighting",
    "DeltaLakePositionWriter": "slotwise.position_writer",
    "Handler": "slotwise.handlers",
    "HandlerHub": "slotwise.handlers",
    "InputError": "slotwise.errors",
    "Position": "slotwise.position",
    "PositionQueue": "slotwise.rules.position_queue",
    "PositionReconciler": "slotwise.reconciliation.reconciler",
    "PositionUpdate": "slotwise.update",
    "Quote": "slotwise.quote",
    "Report": "slotwise.reconciliation.report",
    "Settings": "slotwise.settings",
    "SlotwiseError": "slotwise.errors",
    "Snapshot": "slotwise.position",
    "Strategy": "slotwise.strategy",
    "StrategyRegistry": "slotwise.registry",
    "VerdictStatus": "slotwise.bus.status",
    "activate_strategy": "slotwise.client.strategies",
    "close_strategy": "slotwise.client.strategies",
    "connect": "slotwise.client.client",
    "open_registry": "slotwise.lake.registry_store",
    "positions_as_of": "slotwise.lake.as_of",
    "read_settings": "slotwise.settings",
    # A worker reconciles: the one name that needs Celery, imported when it is asked for.
    "request_report": "tasks.reconciliation",
    "value_of": "slotwise.rules.valuation",
    "verify_alert": "slotwise.reconciliation.alerts",
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
