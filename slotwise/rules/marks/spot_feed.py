"""The price of an underlying as one feed shows it, live or delayed, in the unit of its options.

The unit is that of the options' computations (`slotwise.rules.price_units`), as strikes and greeks
are in it. Until a computation shows it, the underlying's own market counts as quoted in it.

Rules:
* Each computation is compared with the underlying's own market while that is seen. Where a unit
  explains both prices, the own market's are converted to it; where none does, the computation was
  made with something else, and is not followed. Other options are not touched by it.
* Options of one underlying count as quoted in one unit: that of the newest computation.
"""

from __future__ import annotations

from math import inf

import msgspec

from slotwise.rules.marks.underlying import REPEATS_S, Spot, follow
from slotwise.rules.price_units import unit_between


class SpotFeed:
    """The newest price of one underlying by one feed. Times do not go back."""

    __slots__ = ("_compared", "_computed", "_quoted", "_quoted_at_s", "_unit", "spot")

    def __init__(self) -> None:
        #: The newest price, in the unit of the options.
        self.spot: Spot | None = None
        #: What the own market's prices are multiplied with.
        self._unit = 1.0
        #: True once a computation and the own market's price have shown the unit.
        self._compared = False
        self._computed: float | None = None
        self._quoted: float | None = None
        self._quoted_at_s = -inf

    def quoted(self, price: float, half_spread: float | None, at_s: float) -> bool:
        """Take a price of the underlying's own market.

        Returns True where prices of before may have been those of another unit, or thing.
        """
        if at_s < self._quoted_at_s:
            return False
        is_first, before = self._quoted is None, self._unit
        self._quoted, self._quoted_at_s = price, at_s
        if not self._compared and self._computed is not None:
            self._use(unit_between(self._computed, price))
        unit = self._unit
        half = None if half_spread is None else half_spread * unit
        self.spot = follow(self.spot, price * unit, half, at_s, own=True)
        return is_first or unit != before

    def computed(self, price: float, at_s: float) -> bool:
        """Take the underlying's price that an option's computation was made with.

        Returns True where prices of before may have been those of another unit.
        """
        quoted, before, is_old = self._quoted, self._unit, at_s < self._quoted_at_s
        if quoted is not None and at_s - self._quoted_at_s <= REPEATS_S:
            unit = unit_between(price, quoted)
            if unit is None and quoted > 0.0:
                return False
            if not (is_old and self._compared):
                self._use(unit)
        elif self.spot is not None and at_s >= self.spot.at_s:
            # Beside another option's computation a hundredfold is another unit, and no move.
            unit = unit_between(price, self.spot.price)
            if unit is not None and unit != 1.0:
                self._convert(self._unit * unit, self.spot, unit)
        if not is_old:
            self._computed = price
        self.spot = follow(self.spot, price, None, at_s, own=False)
        return self._unit != before

    def _use(self, unit: float | None) -> None:
        """Multiply the own market's prices with a unit from now on; None changes nothing."""
        if unit is None:
            return
        self._compared = True
        if unit != self._unit and self.spot is not None and self.spot.own:
            self._convert(unit, self.spot, unit / self._unit)
        self._unit = unit

    def _convert(self, unit: float, spot: Spot, change: float) -> None:
        self._unit = unit
        self.spot = msgspec.structs.replace(
            spot, price=spot.price * change, half_spread=spot.half_spread * change
        )
