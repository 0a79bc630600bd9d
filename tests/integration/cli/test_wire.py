"""`slotwise wire` on a recording in which something private was planted."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from slotwise.errors import InputError
from slotwise.wire import Frame, Header, write_line
from workers.commands.root import command_line

APP = command_line(["wire"])
FRAMES = (
    Frame(0.0, 1, "client", ("v157..178",), handshake=True),
    Frame(0.1, 1, "tws", ("178", "20261128 10:00:00 EST"), handshake=True),
    Frame(0.2, 1, "tws", ("15", "1", "DU1234567,Alpha9Fund")),
    Frame(0.3, 1, "tws", ("4", "2", "-1", "10197", "No data, Jane Doe uses DU1234567", "")),
    Frame(0.4, 1, "client", ("1", "11", "5", "756733", "SPY")),
)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording with an account, an account of another form, and a name."""
    path = tmp_path / "wire.jsonl"
    header = Header(1, "2026-11-28T15:00:00+00:00", "test")
    path.write_bytes(write_line(header) + b"".join(map(write_line, FRAMES)))
    return path


def run(*words: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(APP, ["wire", *words])


def test_check_passes_only_after_clean(recording: Path, tmp_path: Path) -> None:
    clean = tmp_path / "clean.jsonl"
    before = run("check", str(recording), "--name", "Jane Doe")
    assert before.exit_code == 1
    assert "line 4, managed accounts, field 2" in before.output
    assert "the name J" in before.output
    assert "Jane Doe" not in before.output.replace("slotwise wire clean", "")
    assert run("clean", str(recording), str(clean), "--name", "Jane Doe").exit_code == 0
    after = run("check", str(clean), "--name", "Jane Doe")
    assert after.exit_code == 0, after.output
    assert b"DU0000001" in clean.read_bytes()


def test_show_names_messages_and_finds_them(recording: Path) -> None:
    assert "<- notice: 2 | -1 | 10197" in run("show", str(recording)).output
    found = run("show", str(recording), "--grep", "request market data").output.splitlines()
    assert len(found) == 1
    assert "-> request market data: 11 | 5 | 756733 | SPY" in found[0]
    assert run("show", str(recording), "--since", "0.35").output.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("show", "absent.jsonl"), "cannot be read"),
        (("show", "{}", "--grep", "("), "no regular expression"),
        (("check", "{}", "--name", "123"), "has no letter"),
        (("clean", "{}", "{}"), "is there already"),
    ],
)
def test_wrong_words_get_one_line(recording: Path, words: tuple[str, ...], what: str) -> None:
    result = run(*(word.format(recording) for word in words))
    assert isinstance(result.exception, InputError)
    assert what in str(result.exception)
    assert "\n" not in str(result.exception)


def test_a_file_of_something_else_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("hello\n\n")
    result = run("check", str(other))
    assert "line 1: no line of a recording" in str(result.exception)
