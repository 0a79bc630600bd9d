"""A command is imported when it is asked for, and no other with it."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

import slotwise
from slotwise.errors import InputError
from workers.commands.root import COMMANDS, FORMER, command_line_for


def names(words: list[str]) -> list[str]:
    group = typer.main.get_command(command_line_for(words))
    assert isinstance(group, typer.core.TyperGroup)
    return list(group.commands)


@pytest.mark.parametrize("word", COMMANDS)
def test_the_first_word_names_the_only_command_that_is_made(word: str) -> None:
    assert names([word, "--help"]) == [word]


@pytest.mark.parametrize("words", [[], ["--help"], ["demoo"], ["--install-completion"]], ids=str)
def test_anything_else_is_answered_by_the_whole_command_line(words: list[str]) -> None:
    assert sorted(names(words)) == sorted(COMMANDS)


@pytest.mark.parametrize("word", FORMER)
def test_a_former_command_says_what_to_run_instead(word: str) -> None:
    with pytest.raises(InputError, match="run '"):
        command_line_for([word])([word, "ticks", "--share", "0.1"], standalone_mode=False)


def test_the_command_line_and_the_package_bring_no_arrow_along() -> None:
    """Some quarter of a second that most commands would wait for in vain."""
    code = (
        "import sys, slotwise, workers.cli, workers.commands.root; print('pyarrow' in sys.modules)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "False"


@pytest.mark.parametrize("name", slotwise.__all__)
def test_every_public_name_is_found_when_it_is_asked_for(name: str) -> None:
    assert getattr(slotwise, name).__name__ == name
    assert name in dir(slotwise)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Positions"):
        _ = slotwise.Positions
