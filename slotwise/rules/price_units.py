"""Units of two prices of one thing: the same, a hundredfold (pence and pounds), or no unit at all.

A computation of an option carries the price of the underlying that it was made with. It is in the
option's unit, and the underlying's own market may be in another: a share is quoted in pence, and an
option on it in pounds. The magnifiers of the two alone do not show it: options on the FTSE
at ICEEU have one of 100 and are quoted in points, as the index is. The two prices do.
"""

from __future__ import annotations

#: Prices of one thing in one unit differ by less than this factor. The one of a computation may be
#: a forward (five years at 4 % are 1.22) and of another moment (US markets halt for the day when
#: they have fallen by 20 %). Beyond it the two are prices of different things.
NEAR = 1.25
#: Worth of one unit of one price in units of another: magnifiers of TWS are 1 or 100.
UNITS = (1.0, 100.0, 0.01)


def unit_between(computed: float, quoted: float) -> float | None:
    """Return what a quoted price is multiplied with to have the unit of a computation's.

    None where no unit explains the difference; a price of zero explains nothing.
    """
    if quoted == 0.0:
        return None
    ratio = computed / quoted
    for unit in UNITS:
        if unit / NEAR <= ratio <= unit * NEAR:
            return unit
    return None
