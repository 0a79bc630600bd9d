"""JSON read field by field, with errors that say which."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import overload

from workers.simulator.errors import PortfolioError
from workers.simulator.wire.fields import INT_MAX

#: No quantity and no price is as large.
LARGEST = 10**12


def read_json(path: Path) -> object:
    """Read a JSON file; raises PortfolioError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise PortfolioError(f"portfolio {str(path)!r} cannot be read: {reason}") from error
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise PortfolioError(f"portfolio {str(path)!r} is no JSON: {error}") from error


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number in JSON")


class Reader:
    """Read the fields of one JSON object."""

    def __init__(self, value: object, where: str, source: str) -> None:
        self.where = where
        self._source = source
        if not isinstance(value, dict):
            raise PortfolioError(f"{source}: {where} must be an object")
        self._fields: dict[str, object] = value

    def wrong(self, name: str, what: str) -> PortfolioError:
        """Make the error that a field is wrong."""
        return PortfolioError(f"{self._source}: {self.where}.{name}: {what}")

    def list_of(self, name: str) -> list[object]:
        """Read a list."""
        value = self._fields.get(name)
        if not isinstance(value, list):
            raise self.wrong(name, "must be a list")
        return value

    def text(self, name: str, default: str | None = None) -> str:
        """Read a text; one that is needed may not be empty."""
        value = self._fields.get(name, default)
        if not isinstance(value, str) or "\0" in value or (default is None and not value):
            raise self.wrong(name, "must be a text")
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

    def decimal(self, name: str) -> Decimal:
        """Read an exact number."""
        return self._decimal(name, self._fields.get(name))

    def integer(self, name: str, default: int) -> int:
        """Read a whole number that is not negative; a text of digits will do."""
        value = self._fields.get(name, default)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= INT_MAX:
            raise self.wrong(name, "must be a whole number")
        return value

    @staticmethod
    def is_date(text: str) -> bool:
        """Tell whether a text is a date such as 20261218."""
        try:
            datetime.strptime(text, "%Y%m%d")
        except ValueError:
            return False
        return True

    def _decimal(self, name: str, value: object) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise self.wrong(name, "must be a number")
        number = Decimal(value)
        if not abs(number) < LARGEST:
            raise self.wrong(name, f"must be a number below {LARGEST}")
        return number
