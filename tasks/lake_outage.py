"""A lake that takes no rows: logged once, and once more when it is over; published for status."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import structlog

from slotwise.bus.status import LakeStatus
from slotwise.errors import BusError, LakeError
from slotwise.lake.error_text import trouble_of
from tasks.context import context

log = structlog.get_logger(__name__)


class Refusals:
    """The last reason why the lake took no rows, and since when."""

    def __init__(self) -> None:
        self._reason: str | None = None
        self._since: datetime | None = None

    def refused(self, error: LakeError) -> None:
        """Note that the lake took no rows."""
        now, reason = datetime.now(UTC), str(error)
        if self._reason is None:
            log.error(
                "the lake refuses, everything on its way waits",
                reason=reason,
                meaning="nothing is lost; it lands when the cause is gone. After a power cut see"
                " `slotwise lake check`",
            )
            self._since = now
        elif reason != self._reason:
            log.info("the lake refuses for another reason", reason=reason)
        self._reason = reason
        _publish(LakeStatus(at=now, error=reason, trouble=trouble_of(error), since=self._since))

    def accepted(self) -> None:
        """Note that the lake took rows."""
        if self._reason is not None:
            log.warning("the lake works again")
        self._reason = self._since = None
        _publish(LakeStatus(at=datetime.now(UTC)))


def _publish(status: LakeStatus) -> None:
    # A status is for screens: where Redis is away nothing depends on it.
    with suppress(BusError):
        context().status.put(status)


#: Of this process.
refusals = Refusals()
