"""What commands print: lines, JSON and tables, whatever is in the texts of others.

Rules:
* A text is shown as it is: square brackets are no markup, and controls do not reach a terminal.
* A line that is printed is one line.
* What the terminal's encoding lacks is escaped; JSON stays JSON then.
* Account numbers in texts are masked, unless the user asked for whole ones.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

import msgspec
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from slotwise.account import masked_in
from slotwise.errors import SlotwiseError
from slotwise.printable import printable

#: Characters of a JSON text that a terminal may act on; others below a space are escaped in it.
_CONTROLS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
#: Values that JSON has as texts, and that name no account.
_NO_TEXTS = (Decimal, date, datetime, time, timedelta)
_NOT_ASCII = re.compile("[^\x00-\x7e]")

_whole_accounts = False


def show_whole_accounts() -> None:
    """Print whole account numbers from now on."""
    global _whole_accounts
    _whole_accounts = True


@contextmanager
def writing(file: Path) -> Iterator[None]:
    """Write a file in the block; raises SlotwiseError that names it where it cannot be written."""
    try:
        yield
    except OSError as error:
        raise SlotwiseError(f"{file} cannot be written: {error.strerror or error}") from error


def say(text: str, stream: TextIO | None = None) -> None:
    """Print one line, to standard output by default."""
    (stream or sys.stdout).write(_plain(text) + "\n")


def say_json(value: object) -> None:
    """Print a value as one line of JSON."""
    text = msgspec.json.encode(_to_show(value)).decode()
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    sys.stdout.write((_CONTROLS if unicode else _NOT_ASCII).sub(_json_escape, text) + "\n")


class PlainConsole(Console):
    """A console that shows texts as they are, but for controls."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Make a renderable of a text."""
        return super().render_str("\n".join(map(_plain, text.split("\n"))), **options)


def console(*, error: bool = False) -> Console:
    """Build a console of standard output, or of standard error."""
    return PlainConsole(stderr=error, markup=False, emoji=False, highlight=False)


class PlainTable(Table):
    """A table whose cells and title are texts as they are, a line each unless they are folded."""

    def __init__(self, *headers: str, title: str | None = None) -> None:
        shown = None if title is None else Text(_plain(title))
        super().__init__(*headers, title=shown, title_justify="left")

    def add_row(self, *cells: RenderableType | None, **options: object) -> None:
        """Add a row."""
        plain = [Text(_plain(cell)) if isinstance(cell, str) else cell for cell in cells]
        super().add_row(*plain, **options)  # type: ignore[arg-type]  # handed on as given


def _plain(text: str) -> str:
    return printable(text if _whole_accounts else masked_in(text))


def _to_show(value: object) -> object:
    """Mask accounts in the texts of a value, and write decimals without an exponent."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, str):
        return value if _whole_accounts else masked_in(value)
    if isinstance(value, Mapping):
        return {key: _to_show(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_to_show(one) for one in value]
    if isinstance(value, msgspec.Struct):
        return _to_show(msgspec.to_builtins(value, builtin_types=_NO_TEXTS))
    return value


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be")
    return "".join(f"\\u{units[n]:02x}{units[n + 1]:02x}" for n in range(0, len(units), 2))
