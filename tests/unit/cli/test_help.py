"""Every command's help as people see it; the files in `help/` are what is expected."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from rich.cells import cell_len
from rich.text import Text
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command
from typer.testing import CliRunner

from tests.support.expected import assert_expected
from workers.commands.root import command_line, command_line_for

FOLDER = Path(__file__).parent / "help"
WIDTH = 80
#: Typer has its own copy of click, whose command this is.
Command: TypeAlias = TyperCommand | TyperGroup


def commands_of(command: Command) -> dict[str, Command]:
    """Give the commands of a group by their names; a command has none."""
    return dict(getattr(command, "commands", {}))


def walk(command: Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Name a command and those under it, by the words that call it."""
    yield path
    for name, one in sorted(commands_of(command).items()):
        yield from walk(one, (*path, name))


def whole() -> Command:
    """Return the whole command line."""
    found = get_command(command_line())
    assert isinstance(found, TyperGroup)
    return found


def command_of(path: tuple[str, ...]) -> Command:
    """Find the command that these words call."""
    found = WHOLE
    for word in path[1:]:
        found = commands_of(found)[word]
    return found


WHOLE = whole()
ALL = list(walk(WHOLE, ("slotwise",)))


def help_of(path: tuple[str, ...]) -> str:
    """Ask for a command's help in a terminal of 80 columns, and leave out its colours."""
    ended = CliRunner().invoke(
        command_line_for(list(path[1:])),
        [*path[1:], "--help"],
        prog_name="slotwise",
        env={"COLUMNS": str(WIDTH), "TERM": "dumb", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"},
    )
    assert ended.exit_code == 0, ended.output
    rows = (row.rstrip() for row in Text.from_ansi(ended.output).plain.splitlines())
    return "\n".join(rows).strip("\n") + "\n"


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_help_looks_as_expected(path: tuple[str, ...]) -> None:
    shown = help_of(path)
    assert max(cell_len(row) for row in shown.splitlines()) <= WIDTH
    assert_expected(FOLDER / f"{'-'.join(path)}.txt", shown)


def test_no_help_is_kept_of_a_command_that_is_gone() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == {"-".join(path) for path in ALL}


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_an_example_that_calls_it(path: tuple[str, ...]) -> None:
    """A group that only names its commands needs none."""
    command = command_of(path)
    options = {option for one in command.params for option in one.opts}
    if commands_of(command) and "--json" not in options:
        return
    reported = " ".join(help_of(path).split())
    assert "Example: " in reported
    example = reported.partition("Example: ")[2]
    assert " ".join(path) in example


def test_every_command_that_prints_data_prints_json() -> None:
    """`top` is a screen; `status` prints the same."""
    data = {"demo", "status", "doctor", "lake", "lines", "why", "reconcile", "queue"}
    data |= {"queue dead", "queue aside", "silence list", "strategies list", "strategies show"}
    data |= {"portfolio", "positions", "history", "report", "strategies apply"}
    data |= {"lake check", "lake repair", "wire show", "probe"}
    found = {
        " ".join(path[1:])
        for path in ALL
        if any("--json" in one.opts for one in command_of(path).params)
    }
    assert found == data
