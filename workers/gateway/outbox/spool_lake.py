"""SpoolLake: for which lake a spool's entries were kept, compared before any is sent.

spool  Redis           then
none   none            sent; the spool learns its lake when Redis knows one
none   A               sent; the spool is A's from then on
A      none            sent; Redis was emptied, and is reminded of A
A      A               sent
A      B, adopted      sent; an operator chose B
A      B               kept: Redis was emptied while the lake was away, and another one was made
"""

from __future__ import annotations

import structlog

from slotwise.bus.lake_identity import LakeIdentity
from workers.gateway.outbox.spool import Spool

log = structlog.get_logger(__name__)


class SpoolLake:
    """Compare a spool's lake with the system's."""

    def __init__(self, identity: LakeIdentity) -> None:
        self._identity = identity
        self._logged = ""

    def may_send(self, spool: Spool) -> bool:
        """Return True where the spool's entries are for the system's lake; raises BusError."""
        known = self._identity.known()
        if known is None:
            if spool.lake is not None:
                known = self._identity.remember(spool.lake)
            else:
                return True
        if spool.lake is None or (known.adopted and spool.lake != known.identity):
            spool.set_lake(known.identity)
        if spool.lake == known.identity:
            self._logged = ""
            return True
        if self._logged != known.identity:
            self._logged = known.identity
            log.error(
                "spool kept: the system works with another lake",
                spool_of=(spool.lake or "")[:8],
                system_of=known.identity[:8],
                meaning="mount the right lake, or `slotwise lake adopt` chooses the one there is",
            )
        return False
