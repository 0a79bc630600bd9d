"""What every task needs, opened once per process and after any fork."""

from __future__ import annotations

from functools import lru_cache

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands
from slotwise.bus.counters import Counters
from slotwise.bus.evidence import EvidenceBoard
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.leases import Lease
from slotwise.bus.marks import Marks
from slotwise.bus.status import StatusBoard
from slotwise.settings import Settings, settings


class Context:
    """Hold the process's settings and its way to Redis."""

    def __init__(self, config: Settings) -> None:
        self.settings = config
        bus = Bus(config.redis_url, config.key_prefix)
        self.snapshots = SnapshotBoard(bus)
        self.quotes = QuoteBoard(bus)
        self.landing = LandingStream(bus)
        self.commands = Commands(bus)
        self.evidence = EvidenceBoard(bus)
        self.status = StatusBoard(bus)
        self.marks = Marks(bus)
        self.counters = Counters(bus)
        self.lake_lease = Lease(bus, "lake")
        self.maintenance_lease = Lease(bus, "maintenance")


@lru_cache(maxsize=1)
def context() -> Context:
    """Open the context of this process."""
    return Context(settings())
