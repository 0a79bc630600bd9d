"""What commands print: the texts of others as they are, and JSON that stays JSON."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tests.unit.slotwise.test_printable import TEXTS
from workers.commands.output import PlainTable, console, say, say_json
from workers.commands.row_files import csv_text

JSONS = st.recursive(
    st.none() | st.integers(-99, 99) | st.text(max_size=10), lambda of: st.lists(of, max_size=3)
)


class Stream(io.TextIOWrapper):
    """A stream of some encoding, as a terminal's."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors="backslashreplace")

    def text(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode(self.encoding)


@pytest.mark.parametrize("name", ["[/x]", "[bold]condor[/bold]", ":smile:", "[link=x]a[/link]"])
def test_a_table_shows_brackets_and_colons_as_they_are(name: str) -> None:
    file = io.StringIO()
    table = PlainTable("strategy", title=name)
    table.add_row(name)
    Console(file=file, width=80).print(table)
    assert file.getvalue().count(name) == 2


def test_a_console_shows_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    console().print("waits: [/x] :smile:\x1b[2J\nand more")
    assert capsys.readouterr().out == "waits: [/x] :smile:[2J\nand more\n"


@given(TEXTS)
def test_a_cell_takes_one_row_and_moves_no_cursor(text: str) -> None:
    file = io.StringIO()
    table = PlainTable("a", "b")
    table.add_row(text, "second")
    Console(file=file, width=400).print(table)
    assert len(file.getvalue().splitlines()) == 5
    assert "\x1b" not in file.getvalue()


@given(TEXTS)
def test_a_written_text_is_one_line(text: str) -> None:
    file = io.StringIO()
    say(text, file)
    assert len(file.getvalue().splitlines()) == 1


@given(JSONS, st.sampled_from(["utf-8", "ascii", "latin-1"]))
def test_json_is_read_back_whatever_the_encoding_of_the_terminal(value: Any, encoding: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stream = Stream(encoding)
        patch.setattr("sys.stdout", stream)
        say_json(value)
    text = stream.text()
    assert json.loads(text) == value
    assert len(text.splitlines()) == 1
    assert not any(0x7F <= ord(char) < 0xA0 for char in text)


@pytest.mark.parametrize(
    ("value", "written"),
    [("0E-8", "0.00000000"), ("1E-8", "0.00000001"), ("1E+3", "1000"), ("-12.50", "-12.50")],
)
def test_decimals_are_written_without_an_exponent(
    value: str, written: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In JSON and in CSV: not every reader takes 0E-8 for zero."""
    say_json([{"market_value": Decimal(value)}])
    assert capsys.readouterr().out == f'[{{"market_value":"{written}"}}]\n'
    assert csv_text(Decimal(value)) == written
