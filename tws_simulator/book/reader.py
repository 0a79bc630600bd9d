"""JSON read field by field, with errors that say which."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import TypeVar, overload

from tws_simulator.book.position import NOT_A_NUMBER, UNSET
from tws_simulator.errors import PortfolioError
from tws_simulator.java_numbers import INT_MAX, UNSET_DOUBLE

#: No price and no cost is as large.
LARGEST = 10**12
#: No quantity is as large: TWS's own "no value" of a quantity is below (2**63 - 1).
LARGEST_QUANTITY = 10**20
#: Most digits of a number, and most of them behind the point: TWS sends 16 (recorded).
MAX_DIGITS, MAX_PLACES = 40, 20
#: Does not round what is longer than it may be.
CONTEXT = Context(prec=10_000)
#: The first date: times are counted from it.
EPOCH = "19700101"
#: Longest text of a field, characters.
MAX_TEXT = 4000
#: Longest name of a field that an error repeats, characters.
MAX_ECHO = 40
#: How a file writes an unknown average cost.
UNKNOWN_COSTS = {"NaN": NOT_A_NUMBER, UNSET_DOUBLE: UNSET}

Choice = TypeVar("Choice", bound=str)

_NAME = re.compile(r"[A-Z0-9][A-Z0-9.]{0,19}\Z")


def read_json(path: Path) -> object:
    """Read a JSON file; raises PortfolioError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise PortfolioError(f"portfolio {str(path)!r} cannot be read: {reason}") from error
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except (ValueError, RecursionError) as error:
        raise PortfolioError(f"portfolio {str(path)!r} is no JSON: {error}") from error


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object; a name that is there twice is an error, as one of both is not read."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:MAX_ECHO]!r} is there twice in one object")
    return fields


class Reader:
    """Read the fields of one JSON object."""

    def __init__(self, value: object, where: str, source: str) -> None:
        self.where = where
        self.source = source
        if not isinstance(value, dict):
            raise PortfolioError(f"{source}: {where} must be an object")
        self._fields: dict[str, object] = value

    def wrong(self, name: str, what: str) -> PortfolioError:
        """Return the error that a field is wrong."""
        return PortfolioError(f"{self.source}: {self.where}.{name}: {what}")

    @property
    def given(self) -> Mapping[str, object]:
        """Return the fields as they are."""
        return self._fields

    def has(self, name: str) -> bool:
        """Return True where a field is there."""
        return name in self._fields

    def check_names(self, allowed: Collection[str], known: Collection[str], what: str) -> None:
        """Raise PortfolioError for a field that is not allowed, so that none is ignored."""
        for name in self._fields:
            if name in allowed:
                continue
            shown = "".join(c if c.isprintable() else "?" for c in name[:MAX_ECHO])
            problem = f"{what} has no such field" if name in known else "no field has this name"
            raise self.wrong(shown, problem)

    def child(self, name: str) -> Reader | None:
        """Read an object; None where it is not there."""
        if name not in self._fields:
            return None
        return Reader(self._fields[name], f"{self.where}.{name}", self.source)

    def list_of(self, name: str, default: list[object] | None = None) -> list[object]:
        """Read a list."""
        value = self._fields.get(name, default)
        if not isinstance(value, list):
            raise self.wrong(name, "must be a list")
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """Read a list of names such as exchanges, each there once; nothing where it is missing."""
        items = self.list_of(name, [])
        if name in self._fields and not items:
            raise self.wrong(name, "must name at least one")
        for item in items:
            if not isinstance(item, str) or not _NAME.match(item):
                raise self.wrong(name, "must be a list of names in capital letters and digits")
        if len(set(map(str, items))) < len(items):
            raise self.wrong(name, "names one twice")
        return tuple(map(str, items))

    def name(self, name: str) -> str:
        """Read a name such as an exchange; empty where it is missing."""
        value = self.text(name, "")
        if value and not _NAME.match(value):
            raise self.wrong(name, "must be a name in capital letters and digits")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Read a text; one that is needed may not be empty."""
        value = self._fields.get(name, default)
        if not isinstance(value, str) or (default is None and not value):
            raise self.wrong(name, "must be a text")
        if not value.isprintable() or len(value) > MAX_TEXT:
            raise self.wrong(name, "must be a text of one line")
        return value

    def one_of(self, name: str, choices: Sequence[Choice], default: str) -> Choice:
        """Read a text that is one of several."""
        value = self._fields.get(name, default)
        for choice in choices:
            if choice == value:
                return choice
        raise self.wrong(name, f"must be one of {', '.join(choices)}")

    def flag(self, name: str, *, default: bool) -> bool:
        """Read true or false."""
        value = self._fields.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    @overload
    def number(self, name: str, default: float) -> float: ...
    @overload
    def number(self, name: str, default: None) -> float | None: ...
    def number(self, name: str, default: float | None) -> float | None:
        """Read a number."""
        value = self._fields.get(name, default)
        if value is default:
            return default
        return float(self._decimal(name, value))

    def price(self, name: str) -> float | None:
        """Read a price; None where it is null or missing."""
        return None if self._fields.get(name) is None else self.number(name, None)

    def cost(self, name: str) -> float | None:
        """Read an average cost, which may be unknown to TWS; None is missing."""
        value = self._fields.get(name)
        unknown = UNKNOWN_COSTS.get(value) if isinstance(value, str) else None
        return self.number(name, None) if unknown is None else unknown

    def decimal(self, name: str) -> Decimal:
        """Read an exact quantity."""
        return self._decimal(name, self._fields.get(name), LARGEST_QUANTITY)

    def above_0(self, name: str) -> Decimal | None:
        """Read an exact number above 0, which may be written as a text; None where it is missing.

        A text must be spelt as TWS does, without an exponent.
        """
        value = self._fields.get(name)
        if value is None and name not in self._fields:
            return None
        if isinstance(value, str) and re.fullmatch(r"\d{1,12}(\.\d{1,12})?", value, re.ASCII):
            value = Decimal(value)
        number = self._decimal(name, value)
        if number <= 0:
            raise self.wrong(name, "must be above 0")
        return number

    def integer(self, name: str, default: int) -> int:
        """Read a whole number that is not negative; a text of digits will do."""
        value = self._fields.get(name, default)
        if isinstance(value, str) and value.isascii() and value.isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= INT_MAX:
            raise self.wrong(name, "must be a whole number")
        return value

    @staticmethod
    def is_date(text: str) -> bool:
        """Return True where a text is a date such as 20261218; none is before 1970."""
        if not re.fullmatch(r"\d{8}", text, re.ASCII) or text < EPOCH:
            return False
        try:
            datetime.strptime(text, "%Y%m%d")
        except ValueError:
            return False
        return True

    def _decimal(self, name: str, value: object, largest: int = LARGEST) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.wrong(name, "must be a number")
        number = Decimal(value)
        if not abs(number) < largest:
            raise self.wrong(name, f"must be a number below {largest}")
        if not number:
            return Decimal(0)
        # Without zeros at its end and without an exponent, as it goes out.
        _, digits, exponent = number.normalize(CONTEXT).as_tuple()
        if len(digits) > MAX_DIGITS or int(exponent) < -MAX_PLACES:
            raise self.wrong(name, "must be a number of fewer digits")
        return Decimal(f"{number.normalize(CONTEXT):f}")
