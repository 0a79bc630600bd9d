"""Typed reading of a frame's fields, and numbers as TWS writes them."""

from __future__ import annotations

import re
import sys
from decimal import Decimal
from math import inf, isfinite, nan

from tws_simulator.errors import MalformedRequest
from tws_simulator.java_numbers import INT_MAX, UNSET_DOUBLE

#: The smallest of Java's ints.
INT_MIN = -INT_MAX - 1
#: Java writes doubles between these without an exponent, as its documentation says.
PLAIN_FROM, PLAIN_TO = 1e-3, 1e7

_INT = re.compile(r"[+-]?[0-9]{1,10}\Z")
#: No quantity has more places or a longer exponent; without a limit one field is a megabyte.
_DECIMAL = re.compile(r"[+-]?(?=\.?[0-9])[0-9]{0,20}(?:\.[0-9]{0,20})?(?:[eE][+-]?[0-9]{1,2})?\Z")
#: How the official client spells a quantity that was never set, in Python and in Java.
_UNSET_DECIMALS = frozenset(
    {"", UNSET_DOUBLE, str(2**127 - 1), str(2**63 - 1), str(-(2**63)), str(INT_MAX)}
)
#: How clients spell the price that means "up to the middle".
_INFINITY = frozenset({"infinity", "infinite", "inf"})


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
        return self.optional() or 0.0

    def optional(self) -> float | None:
        """Read a double; empty and TWS's "no value", however it is spelt, give None."""
        text = self.text()
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            value = nan
        # float() would also take underscores and other scripts' digits; TWS does not.
        if not isfinite(value) or "_" in text or not text.isascii():
            raise MalformedRequest(f'For input string: "{text[:40]}"')
        return None if value == sys.float_info.max else value

    def offset(self) -> float | None:
        """Read a double that may be infinite, which then is given; else as `optional`."""
        if self._at < len(self._fields) and self._fields[self._at].lower() in _INFINITY:
            self._at += 1
            return inf
        return self.optional()

    def decimal(self) -> Decimal:
        """Read a quantity; empty and "no value" give 0."""
        text = self.text()
        if text in _UNSET_DECIMALS:
            return Decimal(0)
        if not _DECIMAL.match(text):
            raise MalformedRequest(f'For input string: "{text[:40]}"')
        return Decimal(text)

    def count(self) -> int:
        """Read how many things follow."""
        value = self.integer(empty=0)
        if value < 0:
            raise MalformedRequest(f"a list of {value}")
        return value

    def flag(self) -> bool:
        """Read a bool: 0, 1, or nothing for false; any other number is true."""
        return self.integer(empty=0) != 0

    def rest(self) -> list[str]:
        """Return what was not read."""
        left = self._fields[self._at :]
        self._at = len(self._fields)
        return left


def double_text(value: float) -> str:
    """Write a double as Java does: 0.01, 100.0, 5.0E-5, 1.0E7, NaN."""
    if PLAIN_FROM <= abs(value) < PLAIN_TO or value == 0:
        return repr(float(value))
    if value != value:
        return "NaN"
    if value == sys.float_info.max:
        return UNSET_DOUBLE
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    assert isinstance(exponent, int)
    head, rest = str(digits[0]), "".join(map(str, digits[1:])) or "0"
    return f"{'-' if sign else ''}{head}.{rest}E{exponent + len(digits) - 1}"


def quantity_text(value: Decimal) -> str:
    """Write a quantity without exponent or trailing zeros: 100, -3, 0.5."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
