"""What every task needs, opened once per process and after any fork."""

from __future__ import annotations

from functools import lru_cache

from slotwise.bus.alert_outbox import AlertOutbox
from slotwise.bus.asked import Asked
from slotwise.bus.backlog import Backlog
from slotwise.bus.batch_reader import BatchReader
from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands
from slotwise.bus.counters import Counters
from slotwise.bus.evidence import EvidenceBoard
from slotwise.bus.lake_identity import LakeIdentity
from slotwise.bus.landing_stream import LandingStream
from slotwise.bus.leases import Lease
from slotwise.bus.marks import MarksBoard
from slotwise.bus.once_keys import OnceKeys
from slotwise.bus.polled_quotes import PolledQuotes
from slotwise.bus.replies import Answers
from slotwise.bus.started import Started
from slotwise.bus.status import StatusBoard
from slotwise.lake.misfits import MisfitLog
from slotwise.lake.schemas import BREAKS, POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.lease_watch import LeaseWatch
from slotwise.settings import Settings, settings


class Context:
    """Hold the process's settings and its way to Redis."""

    def __init__(self, config: Settings) -> None:
        self.settings = config
        bus = Bus(config.redis_url, config.key_prefix)
        self.snapshots = SnapshotBoard(bus)
        self.quotes = QuoteBoard(bus)
        self.polled_quotes = PolledQuotes(bus)
        self.mark_board = MarksBoard(bus)
        self.landing = LandingStream(bus)
        self.started = Started(bus)
        self.batch_reader = BatchReader(
            bus, self.started, self.snapshots, self.polled_quotes, self.quotes
        )
        self.leases = LeaseWatch()
        self.backlog = Backlog(bus)
        #: Whether batches were leased since there was a fresh snapshot last.
        self.leased_in_vain = False
        self.commands = Commands(bus)
        self.evidence = EvidenceBoard(bus)
        self.status = StatusBoard(bus)
        self.answers = Answers(bus)
        self.asked = Asked(bus)
        self.once_keys = OnceKeys(bus)
        self.alerts = AlertOutbox(bus)
        self.alerts_lease = Lease(bus, "alerts")
        self.counters = Counters(bus)
        self.lake_identity = LakeIdentity(bus)
        #: What does not fit is logged once, not at each reconciliation.
        self.misfit_breaks = MisfitLog(BREAKS.name)
        self.misfit_mends = MisfitLog(POSITION_UPDATES.name)
        self._lake: Lake | None = None
        self.lake_lease = Lease(bus, "lake")
        self.maintenance_lease = Lease(bus, "maintenance")

    @property
    def lake(self) -> Lake:
        """Return the lake of the settings, which must be the one the system works with."""
        path = self.settings.lake_path
        if self._lake is None or self._lake.address != path.rstrip("/"):
            self._lake = Lake(path, self.lake_identity.expected, sync=self.settings.sync_to_disk)
        return self._lake


@lru_cache(maxsize=1)
def context() -> Context:
    """Open the context of this process."""
    return Context(settings())
