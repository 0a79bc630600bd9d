"""What keeps market data away from many contracts at once, for the status and its conditions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from slotwise.bus.status import MarketDataStatus
from workers.gateway.broker import Upstream
from workers.gateway.conditions import Conditions
from workers.gateway.lines.data_access import DataAccess
from workers.gateway.lines.farms import Farms
from workers.gateway.lines.table import HeldLine

#: Contracts in the rotation that gave a price before and none since a farm's notice: this many are
#: no chance, and the farm's outage is felt.
MANY_SILENT = 3
DELAYED_HINT = ": SLOTWISE_DELAYED_DATA=1 takes delayed data"


class DataStatus:
    """Sum up permissions, competing sessions and farms."""

    def __init__(self, conditions: Conditions, access: DataAccess, *, delayed: bool) -> None:
        self._conditions = conditions
        self._access = access
        self._delayed = delayed
        self._farms = Farms()

    def take(self, upstream: Upstream, text: str, at: datetime) -> None:
        """Take a notice of TWS."""
        self._farms.take(upstream, text, at)

    def lost(self) -> None:
        """Note that the connection is gone: TWS reports again what is broken."""
        self._farms.forget()

    def read(
        self,
        asked: Collection[int],
        lines: Mapping[int, HeldLine],
        now: float,
        at: datetime,
        fell_silent: Sequence[float] = (),
    ) -> MarketDataStatus:
        """Return the status of market data; `now` is seconds of the lines' clock.

        `fell_silent` is when the last contracts in the rotation gave no price that gave one before.
        """
        access = self._access
        access.keep_only(asked)
        denied = len(access.denied)
        if access.is_taken:
            self._conditions.hold("competing_session", "another session has the market data")
        else:
            self._conditions.end("competing_session")
        if denied:
            hint = "" if self._delayed else DELAYED_HINT
            self._conditions.hold(
                "no_permission",
                f"no market data permission for {denied} of {len(asked)} contracts{hint}",
            )
        else:
            self._conditions.end("no_permission")
        away = {
            farm: since
            for farm, since in self._farms.away.items()
            if _is_felt(now - (at - since).total_seconds(), lines, now, fell_silent)
        }
        back_s = None if access.back_at is None else now - access.back_at
        return MarketDataStatus(
            not_permitted=denied,
            asked=len(asked),
            delayed=self._delayed,
            back_at=None if back_s is None else at - timedelta(seconds=back_s),
            # A farm that feeds nothing here is left out.
            farms_away=away,
        )


def _is_felt(
    broken_at: float, lines: Mapping[int, HeldLine], now: float, fell_silent: Sequence[float]
) -> bool:
    """Return True where data has stopped since a farm's notice, beyond what is chance."""
    if any(line.staleness.is_silent_since(broken_at, now) for line in lines.values()):
        return True
    return sum(at >= broken_at for at in fell_silent) >= MANY_SILENT
