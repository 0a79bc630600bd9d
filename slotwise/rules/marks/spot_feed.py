"""The price of an underlying as one feed shows it, live or delayed, in the unit of its options.

The unit is that of the options' computations (`slotwise.rules.price_units`), as strikes and greeks
are in it. Until a computation shows it, the underlying's own market counts as quoted in it.

Rules:
* Each computation is compared with the underlying's own market while that is seen. Where one unit
  explains both prices, the own market's are converted to it.
* Where none does, the computation was made with something else: no mark of the options moves until
  another computation agrees with the market.
* Options of one underlying count as quoted in one unit: that of the newest computation.
"""

from __future__ import annotations

from math import inf

import msgspec

from slotwise.rules.marks.underlying import REPEATS_S, Spot, follow
from slotwise.rules.price_units import unit_between


class SpotFeed:
    """The newest price of one underlying by one feed. Times do not go back."""

    __slots__ = ("_compared", "_computed", "_quoted", "_quoted_at_s", "spot", "unit")

    def __init__(self) -> None:
        #: The newest price, in the unit of the options; None where there is none to follow.
        self.spot: Spot | None = None
        #: What the own market's prices are multiplied with; None where no unit explains them.
        self.unit: float | None = 1.0
        self._compared = False
        self._computed: float | None = None
        self._quoted: float | None = None
        self._quoted_at_s = -inf

    @property
    def is_seen(self) -> bool:
        """Return True where any price has been seen."""
        return self._quoted is not None or self._computed is not None

    def quoted(self, price: float, half_spread: float | None, at_s: float) -> None:
        """Take a price of the underlying's own market."""
        if at_s < self._quoted_at_s:
            return
        self._quoted, self._quoted_at_s = price, at_s
        if self._computed is not None and price > 0.0 and not (self._compared and self.unit):
            self._use(unit_between(self._computed, price))
        unit = self.unit
        if unit is not None:
            half = None if half_spread is None else half_spread * unit
            self.spot = follow(self.spot, price * unit, half, at_s, own=True)

    def computed(self, price: float, at_s: float) -> None:
        """Take the underlying's price that an option's computation was made with."""
        quoted, is_old = self._quoted, at_s < self._quoted_at_s
        if quoted is not None and quoted > 0.0 and at_s - self._quoted_at_s <= REPEATS_S:
            unit = unit_between(price, quoted)
            if not is_old or (unit is not None and not self._compared):
                self._use(unit)
        elif self.spot is not None and self.unit is not None and at_s >= self.spot.at_s:
            # Beside another option's computation a hundredfold is another unit, and no move.
            unit = unit_between(price, self.spot.price)
            if unit is not None and unit != 1.0:
                self._convert(self.unit * unit, self.spot, unit)
        if not is_old or self._computed is None:
            self._computed = price
        if self.unit is not None:
            self.spot = follow(self.spot, price, None, at_s, own=False)

    def _use(self, unit: float | None) -> None:
        """Multiply the own market's prices with a unit from now on."""
        before, spot = self.unit, self.spot
        self._compared = True
        if unit is None:
            self.unit, self.spot = None, None
        elif spot is not None and spot.own and before is not None and unit != before:
            self._convert(unit, spot, unit / before)
        else:
            self.unit = unit

    def _convert(self, unit: float, spot: Spot, change: float) -> None:
        self.unit = unit
        self.spot = msgspec.structs.replace(
            spot, price=spot.price * change, half_spread=spot.half_spread * change
        )
