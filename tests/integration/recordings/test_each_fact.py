"""Each fact that is known of a real TWS has a recording, and a test that plays it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from slotwise.wire.frame import Opened
from tests.integration.recordings.played import FOLDER, read
from tests.support.compose import ROOT
from tws_simulator.replay.recording import read_recording
from workers.commands.root import command_line

APP = command_line(["wire"])
FILES = sorted(FOLDER.glob("*.jsonl"))
#: Facts by table; a recording names its fact in its first line.
FACTS = {
    "quotes": (
        "option snapshots are slow",
        "10091 and 10090 come before ticks",
        "10089 is contested",
        "354 has several texts",
        "58, 81, 10167 in any order",
        "a delayed snapshot's messages",
        "no quote is -1, 0 or -100 with size 0",
        "a delayed volume below zero",
        "a CFD's request is answered by 91",
        "a closed market",
        "regulatory snapshots cost money",
    ),
    "contracts and money": (
        "priceMagnifier",
        "bonds in percent of par",
        "futures options are not routed by SMART",
        "ES is listed at CME and QBALGO",
        "positions' exchange",
        "the last-trade field",
        "hours and their zones",
        "bonds' details",
        "average cost may be unknown",
        "rows of quantity 0",
        "how TWS writes details",
        "a reverse split",
        "symbols",
        "account ids",
    ),
    "positions and states": (
        "positions while TWS logs in",
        "10275 names an account",
        "321 with id -1",
        "2110 in the greeting",
        "1100 that nothing ends",
        "farm notices",
        "1300 moves the port",
        "504, 502, 507 at connecting",
        "empty managed accounts",
        "10197",
        "time is told at once",
        "executions hang",
        "IB's own prices by account updates",
        "reqPnLSingle",
    ),
    "versions": ("text is accepted at 178", "text is refused"),
}
#: Facts without a message between TWS and a client, so without a recording.
WITHOUT_MESSAGES = {
    "API requests go before TWS's own windows": "seen in TWS's windows alone, whose rows turn to ?"
}


def head(path: Path) -> dict[str, str]:
    """Return the first line of a recording."""
    with path.open(encoding="utf-8") as lines:
        found: dict[str, str] = json.loads(lines.readline())
        return found


def test_each_fact_has_a_recording_and_each_recording_a_fact() -> None:
    known = {fact for facts in FACTS.values() for fact in facts}
    assert {head(path)["fact"] for path in FILES} == known
    assert not known & WITHOUT_MESSAGES.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recording_says_what_it_shows_and_how_that_is_known(path: Path) -> None:
    first = head(path)
    assert first["recorder"] == "by hand"
    assert len(first["shows"].split()) > 5
    assert first["evidence"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recording_has_nothing_private_and_is_read_by_product_and_simulator(path: Path) -> None:
    """`slotwise wire check`, with the name of the account's owner as a user would give it."""
    result = CliRunner().invoke(APP, ["wire", "check", str(path), "--name", "Jane Doe"])
    assert result.exit_code == 0, result.output
    [conversation] = read_recording(path)
    lines = [line for _, line in read(path).lines]
    assert isinstance(lines[0], Opened)
    frames = [frame for _, frame in read(path).frames()]
    assert len(frames) == len(conversation.messages) + 2
    assert [frame.t for frame in frames] == sorted(frame.t for frame in frames)


def test_each_recording_is_played_by_a_test() -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("*.py"))
    assert [path.stem for path in FILES if f'"{path.stem}"' not in tests] == []


def test_the_page_lists_each_recording() -> None:
    page = (ROOT / "docs" / "recordings.md").read_text(encoding="utf-8")
    listed = {path.stem for path in FILES if f"| `{path.name}` |" in page}
    assert listed == {path.stem for path in FILES}
