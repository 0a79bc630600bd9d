"""A command's arguments, checked as they are read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from workers.simulator.errors import ControlError

#: No quantity, price or time is as large.
LARGEST = 10**12


class Arguments:
    """Read a command's arguments; each reader raises ControlError where it cannot."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def all(self) -> dict[str, object]:
        """Give all arguments as they came."""
        return dict(self._fields)

    def has(self, name: str) -> bool:
        """Tell whether an argument is given."""
        return self._fields.get(name) is not None

    def integer(self, name: str, default: int | None = None) -> int:
        """Read a whole number that is not negative."""
        value = self._fields.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise ControlError(f"{name} must be a whole number, not negative")
        return value

    def decimal(self, name: str) -> Decimal | None:
        """Read a number; None where there is none."""
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            raise ControlError(f"{name} must be a number")
        number = Decimal(value)
        if not abs(number) < LARGEST:
            raise ControlError(f"{name} must be a number below {LARGEST}")
        return number

    def text(self, name: str, default: str) -> str:
        """Read a text."""
        value = self._fields.get(name, default)
        if not isinstance(value, str):
            raise ControlError(f"{name} must be a text")
        return value
