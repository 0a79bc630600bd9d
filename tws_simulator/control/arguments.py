"""A command's arguments, checked as they are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from tws_simulator.errors import ControlError

#: Most items of a list.
MAX_ITEMS = 1000
#: No quantity, price or time is as large.
LARGEST = 10**12


class Arguments:
    """Read a command's arguments; each reader raises ControlError where it cannot."""

    def __init__(self, fields: Mapping[str, object]) -> None:
        self._fields = fields

    def all(self) -> dict[str, object]:
        """Return all arguments as they came."""
        return dict(self._fields)

    def has(self, name: str) -> bool:
        """Return whether an argument is given."""
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

    def flag(self, name: str, default: int = 0) -> bool:
        """Read 1 or 0."""
        return self.integer(name, default) != 0

    def choice(self, name: str, of: Sequence[str], default: str = "") -> str:
        """Read one of some texts."""
        value = self.text(name, default)
        if value not in of:
            raise ControlError(f"{name} must be one of {', '.join(of)}")
        return value

    def seconds(self, name: str, most: float, default: float | None = None) -> float:
        """Read a time in seconds, above 0; without a default it must be given."""
        value = self.decimal(name)
        if value is None and default is not None:
            return default
        if value is None or not 0 < value <= most:
            raise ControlError(f"{name} must be a number above 0 and up to {most}")
        return float(value)

    def items(self, name: str) -> list[object]:
        """Read a list; one value stands for a list of it, and no value for none."""
        value = self._fields.get(name)
        if value is None:
            return []
        items = value if isinstance(value, list) else [value]
        if len(items) > MAX_ITEMS:
            raise ControlError(f"{name} must have at most {MAX_ITEMS} items")
        return items

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts; one text may have several, with commas between."""
        texts: list[str] = []
        for item in self.items(name):
            if not isinstance(item, str):
                raise ControlError(f"{name} must be a list of texts")
            texts += [part.strip() for part in item.split(",") if part.strip()]
        return tuple(texts)
