"""A lake that refuses is told once, and once more when it is over; not at every beat."""

from __future__ import annotations

import structlog

log = structlog.get_logger(__name__)


class Refusals:
    """Remember what the lake said last."""

    def __init__(self) -> None:
        self._reason: str | None = None

    def refused(self, reason: str) -> None:
        """Note that the lake refused."""
        if self._reason is None:
            log.error(
                "the lake refuses, everything on its way waits",
                reason=reason,
                meaning="nothing is lost; it lands when the cause is gone",
            )
        elif reason != self._reason:
            log.info("the lake refuses for another reason", reason=reason)
        self._reason = reason

    def accepted(self) -> None:
        """Note that the lake works."""
        if self._reason is not None:
            log.warning("the lake works again")
        self._reason = None


#: Of this process.
refusals = Refusals()
