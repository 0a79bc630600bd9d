"""Commands and scenarios of the simulator's README are understood."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.compose import ROOT
from tests.unit.simulator.in_memory import InMemoryTws
from tests.unit.simulator.test_simulator_commands import give
from tws_simulator.control.dispatch import names
from tws_simulator.scenario import read_scenario

PAGE = ROOT / "tws_simulator" / "README.md"
#: Commands that need nothing of the world but SPY and the first account.
SELF_CONTAINED = frozenset(
    ("notice", "notices", "say", "greeting", "outage", "flap", "position_answers", "late_accounts",
     "hang", "move_port", "handshake", "deny_data", "grant_data", "partial", "competing", "farms")
)  # fmt: skip


def documented() -> list[dict[str, object]]:
    """Return every command that the page shows in one piece."""
    shown = re.findall(r"`(\{\"do\": [^`]*\})`", PAGE.read_text())
    return [json.loads(text) for text in shown]


@pytest.mark.parametrize(
    "command", [c for c in documented() if c["do"] in SELF_CONTAINED], ids=lambda c: str(c)
)
def test_a_documented_command_is_obeyed(command: dict[str, object]) -> None:
    """As it stands on the page, with a client that is there."""
    tws = InMemoryTws(positions=5)
    client = tws.client(1)
    answer = give(tws, **command)
    assert answer["ok"], answer
    assert client.ask(49, 1)[-1][0] == "49"


def test_every_command_is_documented() -> None:
    """On the page, and in the answer of help."""
    text = PAGE.read_text()
    assert {
        name for name in names() if f'"do": "{name}"' not in text and f"`{name}`" not in text
    } == set()
    described = give(InMemoryTws(positions=1), do="help")["commands"]
    assert [name for name, words in described.items() if not words] == []


def test_documented_scenarios_are_read(tmp_path: Path) -> None:
    """Every line of them."""
    lines = [line.strip() for line in PAGE.read_text().splitlines() if line.startswith('    {"at"')]
    file = tmp_path / "scenario.jsonl"
    file.write_text("\n".join(lines))
    assert len(read_scenario(file)) == len(lines) > 15
