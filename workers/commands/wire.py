"""`slotwise wire`: read recordings of the conversation with TWS, and make them fit to hand on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from slotwise.errors import InputError
from slotwise.formatting import counted
from slotwise.wire.frame import Closed, Frame, Header, Line, Lost, Opened
from slotwise.wire.layouts import NAMES
from slotwise.wire.privacy import findings
from slotwise.wire.recording import Recording, read_recording, write_line
from slotwise.wire.replacer import Replacer
from workers.commands.output import say, say_json, writing

#: Exit status of a check that found something.
FOUND = 1
#: Findings that are listed; of more, the number is shown.
LISTED = 50

wire = typer.Typer(
    help="Read recordings of the conversation with TWS (SLOTWISE_WIRE_LOG).", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="A recording.")]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", help="A further name to look for, such as yours; repeatable."),
]


@wire.command("show")
def show(
    file: File,
    grep: Annotated[
        str, typer.Option(help="Only messages whose line matches this regular expression.")
    ] = "",
    connection: Annotated[int | None, typer.Option(help="Only of this connection.")] = None,
    since: Annotated[float, typer.Option(help="Only from this second on.")] = 0.0,
    until: Annotated[float | None, typer.Option(help="Only up to this second.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Print the messages of a recording, each with its time, sender and name.

    Example: slotwise wire show morning.jsonl --grep 'notice.*10197'
    """
    try:
        wanted = re.compile(grep, re.IGNORECASE)
    except re.error as error:
        raise InputError(f"--grep: {grep!r} is no regular expression ({error})") from error
    for _, line in read(file).lines:
        if isinstance(line, Header) or line.t < since or (until is not None and line.t > until):
            continue
        if connection is not None and not isinstance(line, Lost) and line.connection != connection:
            continue
        text = described(line)
        if wanted.search(text):
            if json:
                say_json(line)
            else:
                say(text)


@wire.command("check")
def check(file: File, name: Names = None) -> None:
    """Look for what is private in a recording: exit status 0 nothing, 1 something, 2 unreadable.

    Example: slotwise wire check morning.jsonl --name "Jane Doe"
    """
    found = list(findings(read(file).frames(), checked(name)))
    for finding in found[:LISTED]:
        say(str(finding))
    if len(found) > LISTED:
        say(f"and {len(found) - LISTED} more")
    if found:
        say(f"{file} is not fit to be handed on: slotwise wire clean {file} OUTPUT")
        raise typer.Exit(FOUND)
    say(f"{file}: no account number, name, order id or address was found")


@wire.command("clean")
def clean(
    file: File,
    output: Annotated[Path, typer.Argument(help="File to write; it must not exist.")],
    name: Names = None,
) -> None:
    """Write a recording again without what is private.

    Example: slotwise wire clean morning.jsonl clean.jsonl --name "Jane Doe"
    """
    recording = read(file)
    replacer = Replacer(checked(name))
    if output.exists():
        raise InputError(f"{output} is there already: name another file")
    with writing(output), output.open("xb") as target:
        target.write(write_line(recording.header))
        for _, line in recording.lines:
            target.write(write_line(replacer.replace(line) if isinstance(line, Frame) else line))
    say(f"{output}: {counted(len(recording.lines), 'line')}")


def read(file: Path) -> Recording:
    """Read a recording; raises InputError."""
    try:
        with file.open("rb") as lines:
            return read_recording(lines, str(file))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from error


def checked(names: list[str] | None) -> list[str]:
    """Return the names to look for; raises InputError for one that any number would match."""
    for name in names or ():
        if not any(letter.isalpha() for letter in name):
            raise InputError(f"--name: {name!r} has no letter, and would be found everywhere")
    return [name.strip() for name in names or ()]


def described(line: Line) -> str:
    """Return one line for people."""
    match line:
        case Frame():
            kind = line.kind
            name = "handshake" if line.handshake else f"message {kind}"
            if kind is not None:
                name = NAMES.get((line.sender, kind), name)
            arrow = "->" if line.sender == "client" else "<-"
            fields = line.fields if kind is None else line.fields[1:]
            return f"{line.t:10.3f} {line.connection} {arrow} {name}: {' | '.join(fields)}"
        case Opened():
            return f"{line.t:10.3f} {line.connection}    opened"
        case Closed():
            return f"{line.t:10.3f} {line.connection}    closed"
        case Lost():
            return f"{line.t:10.3f}      {line.frames} pieces were left out by the recorder"
        case Header():
            return f"recording of {line.began}"
