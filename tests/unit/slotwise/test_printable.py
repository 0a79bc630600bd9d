"""Texts of others on a terminal and in a log: one line each, whatever they hold."""

from __future__ import annotations

import ast
import io
import logging

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from slotwise.logs import configure_logging
from slotwise.printable import escaped, printable

ANY = st.text(st.characters(exclude_categories=()), max_size=30)
#: What a terminal acts on, and what others take for the end of a line.
HOSTILE = st.lists(
    st.sampled_from(
        [
            *("\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[2J", "\x9b2J"),
            *("\x07", "\u202e", "\x00", "\ud800", "\t", " ", "'", '"', "=", "[red]"),
            "2026-01-01T00:00:00Z [info",
        ]
    ),
    max_size=8,
).map("".join)
TEXTS = st.one_of(ANY, HOSTILE)


@given(TEXTS)
def test_a_printed_text_is_one_line_without_controls(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in shown)
    shown.encode()


@given(st.text(st.characters(exclude_categories=("C", "Z"))))
def test_a_text_without_controls_is_shown_as_it_was_written(text: str) -> None:
    assert printable(f"  {text} {text}") == f"  {text} {text}"
    assert escaped(text) == text


@given(TEXTS)
def test_an_escaped_text_loses_nothing(text: str) -> None:
    """Read back as Python reads it, where it has no backslash of its own."""
    shown = escaped(text)
    assert len(shown.splitlines()) <= 1
    if "\\" not in text:
        quoted = shown.replace('"', '\\"')
        assert ast.literal_eval(f'"{quoted}"') == text


@given(st.sampled_from([False, True]), TEXTS, TEXTS, TEXTS)
def test_an_event_is_one_line_of_a_log(json: bool, event: str, field: str, name: str) -> None:
    """By structlog as by the standard library, of which Celery's messages have several lines."""
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stderr", stream)
        configure_logging(json=json)
        structlog.get_logger("tests").warning(event, task=field, others=[field, name])
        logging.getLogger("tests").warning("%s", event)
    lines = stream.getvalue().split("\n")
    assert len(lines) == 3
    assert all("\x1b" not in line and "\r" not in line for line in lines)


@given(TEXTS)
def test_no_line_of_an_error_begins_as_an_event_does(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        stream = io.StringIO()
        patch.setattr("sys.stderr", stream)
        configure_logging()
        try:
            raise ValueError(text)
        except ValueError:
            structlog.get_logger("tests").exception("failed")
    first, *others = stream.getvalue().rstrip("\n").split("\n")
    assert "failed" in first
    assert all(line.startswith("  ") for line in others)
