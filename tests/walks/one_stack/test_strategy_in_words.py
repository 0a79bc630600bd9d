"""A trader names legs in words, declares strategies in a file, and sees how they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slotwise.bus.board import SnapshotBoard
from slotwise.contract import Contract
from tests.walks.running_stack import RunningStack, as_json


@pytest.fixture
def options(stack: RunningStack) -> list[Contract]:
    """Give the options that are held."""
    stack.eventually(lambda: SnapshotBoard(stack.bus).head() is not None, 45, "a snapshot is there")
    board = SnapshotBoard(stack.bus).all()
    assert board is not None
    return [p.contract for p in board[1] if p.contract.sec_type == "OPT"]


def test_legs_in_words_become_lines(stack: RunningStack, options: list[Contract]) -> None:
    """TWS says which contracts the words mean; one by its id is taken at its word."""
    one, two, three = options[:3]
    legs = f"{one.label}, {two.label.lower()}; {three.con_id}"
    ended = stack.slotwise("strategies", "activate", "in-words", "--legs", legs, "--priority", "1")
    assert ended.returncode == 0, ended.stderr
    assert f"{one.con_id}  {one.label}" in ended.stdout
    stack.eventually(
        lambda: all(row["line"] == "held" for row in shown(stack, "in-words")), 10, "lines are held"
    )
    stack.eventually(
        lambda: all(row["price"] is not None for row in shown(stack, "in-words")), 20, "priced"
    )
    assert {row["con_id"] for row in shown(stack, "in-words")} == {
        one.con_id, two.con_id, three.con_id,
    }  # fmt: skip
    assert stack.slotwise("strategies", "close", "in-words").returncode == 0


def test_words_that_fit_nothing_are_answered_in_one_line(stack: RunningStack) -> None:
    ended = stack.slotwise("strategies", "activate", "vague", "--legs", "NOSUCH 20301220 P 1")
    assert ended.returncode == 1
    assert ended.stderr == "slotwise: leg 'NOSUCH 20301220 P 1': TWS knows no such contract\n"
    assert "vague" not in stack.slotwise("strategies", "list").stdout


def test_a_file_declares_strategies_and_its_changes_are_shown_first(
    stack: RunningStack, options: list[Contract], tmp_path: Path
) -> None:
    file = tmp_path / "strategies.json"
    one, two, three = options[3:6]

    def declare(**strategies: object) -> None:
        file.write_text(json.dumps(strategies))

    declare(first={"legs": [one.label, two.con_id], "priority": 2}, second={"legs": [three.con_id]})
    shown_only = stack.slotwise("strategies", "apply", str(file), "--dry-run")
    assert shown_only.returncode == 0, shown_only.stderr
    ids = sorted((one.con_id, two.con_id))
    assert f"+ first: priority 2, +{ids[0]} +{ids[1]}\n" in shown_only.stdout
    assert "first" not in stack.slotwise("strategies", "list", "--json").stdout

    assert stack.slotwise("strategies", "apply", str(file), "--yes").returncode == 0
    names = {s["name"] for s in as_json(stack.slotwise("strategies", "list", "--json"))}
    assert {"first", "second"} <= names
    again = stack.slotwise("strategies", "apply", str(file), "--yes")
    assert again.stdout == "nothing changes\n"

    declare(first={"legs": [two.con_id], "priority": 1})
    changed = stack.slotwise("strategies", "apply", str(file), "--prune", "--yes")
    assert f"~ first: priority 2 -> 1 -{one.con_id}\n" in changed.stdout
    assert "- second: closed, 1 contract\n" in changed.stdout
    declare()
    assert stack.slotwise("strategies", "apply", str(file), "--prune", "--yes").returncode == 0
    assert as_json(stack.slotwise("strategies", "list", "--json")) == []


def shown(stack: RunningStack, name: str) -> list[dict[str, object]]:
    """Ask how a strategy's contracts stand."""
    found: list[dict[str, object]] = as_json(stack.slotwise("strategies", "show", name, "--json"))[
        "contracts"
    ]
    return found
