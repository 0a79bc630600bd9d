"""Numbering: the order in which gateways observed holdings, which no clock decides.

An observation's number is `epoch * 2**32 + counter`. The epoch grows with every start of a
gateway, the counter with every observation within one; so of two observations of a holding the
later one has the higher number, whatever the clock did meanwhile.
"""

from __future__ import annotations

#: Observations of one epoch. A poll takes one number, and so does each push: ten a second would
#: use them up in 13 years.
PER_EPOCH = 2**32


class Numbering:
    """Number the observations of one epoch, from one thread."""

    def __init__(self, epoch: int = 0) -> None:
        self._newest = epoch * PER_EPOCH

    @property
    def newest(self) -> int:
        """Return the number given last."""
        return self._newest

    def next(self) -> int:
        """Return a number above all given before."""
        self._newest += 1
        return self._newest

    def begin(self, epoch: int) -> None:
        """Continue in a later epoch; an earlier one changes nothing."""
        self._newest = max(self._newest, epoch * PER_EPOCH)


def epoch_of(number: int) -> int:
    """Return the epoch that a number was given in."""
    return number // PER_EPOCH
