"""Names under those they had before: handlers and scripts of users import some of them.

A name is looked up here only where its module has no such name today. The first use of each warns;
the table goes with version 1.0.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

#: Module of today -> former name -> the name of today, with its module where that is another one.
FORMER_NAMES: Mapping[str, Mapping[str, str]] = {
    "slotwise.bus.client": {"COMMAND_PATIENCE_S": "COMMAND_TIMEOUT_S"},
    "slotwise.bus.leader_lock": {"TENURE_MS": "LEADER_LOCK_MS", "Tenure": "LeaderLock"},
    "slotwise.lake.data_gap_history": {"blind_times": "recorded_gaps"},
    "slotwise.lake.row_validation": {"fitted": "validate_rows"},
    "slotwise.lake.schema_upgrades": {"fitted": "add_missing_columns"},
    "slotwise.lake.position_checkpoints": {
        "MARKS": "CHECKPOINTS", "Mark": "PositionCheckpoint", "mark": "make_position_checkpoint",
    },
    "slotwise.reconciliation.procedure": {"Reconciling": "ReconciliationProcedure"},
    "slotwise.rules.data_gaps": {"Blind": "DataGap", "blind_intervals": "data_gaps"},
    "slotwise.rules.landing": {"Marks": "SpoolOffsets"},
    "slotwise.rules.leg_resolution": {
        "Meaning": "LegCandidates", "Meanings": "AllCandidates", "meant": "resolve",
    },
    "slotwise.rules.rotation": {
        "PROMISED": "slotwise.rules.quote_shares:PROMISED",
        "WATCH_SHARE": "slotwise.rules.quote_shares:WATCH_SHARE",
        "Wish": "slotwise.rules.quote_shares:QuoteTarget",
        "periods": "slotwise.rules.quote_shares:periods",
    },
    "tasks.inspect_workers": {"roll_call": "inspect_workers"},
    "tasks.queue_status": {"standing": "queue_status"},
    "workers.gateway.active_contracts": {"Active": "ActiveContracts"},
    "workers.gateway.background_tasks": {"Errands": "BackgroundTasks"},
    "workers.gateway.contracts.contract_cache": {"ContractBook": "ContractCache"},
    "workers.gateway.contracts.trading_hours_cache": {"HoursBook": "TradingHoursCache"},
    "workers.gateway.health": {"Vitals": "GatewayHealth"},
    "workers.gateway.ib.timeouts": {"Patience": "Timeouts"},
    "workers.gateway.leadership": {"Post": "Lock", "Tenancy": "Leadership"},
    "workers.gateway.lines.rotation_targets": {"wishes_of": "targets_of"},
    "workers.gateway.lines.staleness": {"Pulse": "Staleness"},
    "workers.gateway.process_start": {"birth": "process_start_time"},
    "workers.gateway.status": {"standing": "gateway_status"},
}  # fmt: skip


def keep_former_names(module: ModuleType) -> None:
    """Add a module's former names to the module."""
    names = FORMER_NAMES.get(module.__name__)
    if names is None or hasattr(module, "__getattr__"):
        return

    def named(name: str) -> object:
        if name not in names:
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        place, _, today = names[name].rpartition(":")
        place = place or module.__name__
        warnings.warn(f"{module.__name__}.{name} is {place}.{today} now", DeprecationWarning, 2)
        found: object = getattr(import_module(place), today)
        return found

    module.__getattr__ = named  # type: ignore[method-assign]  # PEP 562: by the module's dict
