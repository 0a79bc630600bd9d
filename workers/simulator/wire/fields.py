"""Typed reading of a frame's fields, and numbers as TWS writes them."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite, nan

from workers.simulator.errors import MalformedRequest

#: TWS reads request ids and flags as Java ints.
INT_MIN, INT_MAX = -(2**31), 2**31 - 1
#: TWS's "no value" of a double, and how some clients spell it.
UNSET_DOUBLE = "1.7976931348623157E308"

_INT = re.compile(r"[+-]?[0-9]{1,10}\Z")


class Fields:
    """Read fields one after another; each reader raises MalformedRequest where it cannot."""

    def __init__(self, fields: list[str], start: int = 0, version: int = 0) -> None:
        self._fields = fields
        self._at = start
        #: Server version that was negotiated; layouts depend on it.
        self.version = version

    def text(self) -> str:
        """Read a text."""
        if self._at >= len(self._fields):
            raise MalformedRequest("Unable to read field: the message is too short")
        value = self._fields[self._at]
        self._at += 1
        return value

    def skip(self, count: int = 1) -> None:
        """Pass over fields that say nothing to us."""
        for _ in range(count):
            self.text()

    def integer(self, empty: int | None = None) -> int:
        """Read an int; an empty field gives `empty`, where there is one."""
        text = self.text()
        if not text and empty is not None:
            return empty
        # int() would also take underscores, blanks and other scripts' digits; TWS does not.
        value = int(text) if _INT.match(text) else INT_MAX + 1
        if not INT_MIN <= value <= INT_MAX:
            raise MalformedRequest(f'For input string: "{text[:40]}"')
        return value

    def number(self) -> float:
        """Read a double; empty and TWS's "no value" give 0."""
        text = self.text()
        if not text or text.upper() == UNSET_DOUBLE:
            return 0.0
        try:
            value = float(text)
        except ValueError:
            value = nan
        if not isfinite(value) or "_" in text:
            raise MalformedRequest(f'For input string: "{text[:40]}"')
        return value

    def flag(self) -> bool:
        """Read a bool: 0, 1, or nothing for false; any other number is true."""
        return self.integer(empty=0) != 0

    def rest(self) -> list[str]:
        """Give what was not read."""
        left = self._fields[self._at :]
        self._at = len(self._fields)
        return left


def quantity_text(value: Decimal) -> str:
    """Write a quantity without exponent or trailing zeros: 100, -3, 0.5."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
