"""QuoteResults: what contracts in rotation gave, and for how long those that gave nothing rest."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import structlog

from slotwise.bus.status import RotationStatus, SettleStatus
from slotwise.rules.quote_shares import QuoteTarget
from slotwise.rules.rotation import Rotation
from workers.gateway.lines.closing_quotes import Closings
from workers.gateway.lines.quote_pace import QuotePace
from workers.gateway.lines.rotation_status import read_status
from workers.gateway.lines.without_price import WithoutPrice

log = structlog.get_logger(__name__)


class QuoteResults:
    """The reason why each contract in rotation gives no quote."""

    def __init__(self, rotation: Rotation, clock: Callable[[], float]) -> None:
        #: Why a contract gives no quote.
        self.troubles: dict[int, str] = {}
        #: Contracts that TWS does not have.
        self.gone: set[int] = set()
        self.closings = Closings()
        self.without_price = WithoutPrice()
        self.con_ids: frozenset[int] = frozenset()
        #: True once it was given which contracts are in rotation.
        self.is_told = False
        self._rotation = rotation
        self._clock = clock

    def want(self, targets: Mapping[int, QuoteTarget]) -> None:
        """Keep exactly these contracts from now on."""
        self.con_ids = frozenset(targets)
        self.is_told = True
        self.troubles = {c: why for c, why in self.troubles.items() if c in targets}
        self.gone.intersection_update(targets)
        self.without_price.keep(targets)
        self.closings.keep(self.con_ids)

    def came(self, con_id: int) -> None:
        """Note a quote."""
        self.troubles.pop(con_id, None)
        self.without_price.gave_one(con_id)

    def rest(self, con_id: int, seconds: float, reason: str, *, asked: bool = True) -> None:
        """Note that a contract gave no quote, and let it rest; `asked` where a request did so."""
        if asked and con_id in self.con_ids:
            self.without_price.gave_none(con_id, self._clock())
        self._rotation.rest(con_id, self._clock() + seconds, asked=asked)
        if self.troubles.get(con_id) != reason:
            log.info("no quote", con_id=con_id, reason=reason)
        self.troubles[con_id] = reason

    def status(
        self, pace: QuotePace, *, settle: tuple[SettleStatus, ...], now: float
    ) -> RotationStatus:
        """Return what is promised and what is kept."""
        unquoted = frozenset(self._rotation.unquoted())
        return read_status(
            self._rotation,
            pace,
            self.closings,
            wanted=len(self.con_ids),
            gone=len(self.gone),
            unpriced=len(unquoted - self.gone),
            unanswered=len(self._priceless_now(unquoted)),
            silent=len(self._priceless_now(self.con_ids - unquoted)),
            rate_achieved=pace.achieved(now),
            settle=settle,
            now=now,
        )

    def _priceless_now(self, con_ids: Collection[int]) -> frozenset[int]:
        """Return the contracts that TWS has, that trade now, and that give no price."""
        priceless = frozenset(con_ids) & self.without_price.con_ids
        return priceless - self.gone - self.closings.closed
