"""Slotwise: lines for the contracts that matter, polls for the rest, both in Delta Lake."""

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
