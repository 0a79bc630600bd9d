"""What a recorded TWS answers: requests by what they ask, everything else at its time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tws_simulator.errors import UsageError
from tws_simulator.replay.recording import Conversation, Message, read_recording
from tws_simulator.replay.script import Script


def conversation(*messages: tuple[float, str, str]) -> Conversation:
    """Build a conversation at version 178: seconds, `>` or `<`, fields between spaces."""
    return Conversation(
        178,
        "20261128 10:00:00 EST",
        [Message(t, way == ">", tuple(fields.split(" "))) for t, way, fields in messages],
    )


def test_a_request_is_answered_by_all_that_carries_its_id() -> None:
    script = Script(
        conversation(
            (0.0, ">", "71 2 17"),
            (1.0, ">", "1 11 5 756733 SPY - - 0 0 -"),
            (1.2, "<", "81 5 0.01 a6 3"),
            (1.3, "<", "1 6 5 1 560.5 100 0"),
            (9.0, "<", "1 6 5 2 560.6 100 0"),
        )
    )
    replies = script.answers(("1", "11", "77", "756733", "SPY", "-", "-", "0", "0", "-"))
    assert replies is not None
    assert [round(reply.after_s, 3) for reply in replies] == [0.2, 0.3, 8.0]
    assert replies[0].to("77") == ("81", "77", "0.01", "a6", "3")
    assert replies[1].to("77") == ("1", "6", "77", "1", "560.5", "100", "0")


def test_a_contract_is_found_whatever_else_the_request_says() -> None:
    """Another client names exchange or symbol otherwise; a stream is no snapshot."""
    script = Script(
        conversation(
            (0.0, ">", "71 2 17"),
            (1.0, ">", "1 11 5 756733 SPY SMART 0 0 -"),
            (1.1, "<", "1 6 5 1 560.5 100 0"),
            (2.0, ">", "1 11 6 756733 SPY SMART 1 0 -"),
            (2.1, "<", "57 1 6"),
        )
    )
    stream = script.answers(("1", "11", "9", "756733", "SPY", "ARCA", "0", "0", "-"))
    once = script.answers(("1", "11", "9", "756733", "SPY", "ARCA", "1", "0", "-"))
    assert stream is not None
    assert once is not None
    assert (stream[0].fields[0], once[0].fields[0]) == ("1", "57")
    assert script.answers(("1", "11", "9", "1001", "X", "ARCA", "1", "0", "-")) is None


def test_polls_are_answered_in_their_order_and_the_last_again() -> None:
    script = Script(
        conversation(
            (0.0, ">", "71 2 17"),
            (1.0, ">", "61 1"),
            (1.1, "<", "61 3 U0000001 1 A"),
            (1.1, "<", "62 1"),
            (1.5, "<", "61 3 U0000001 1 pushed"),
            (2.0, ">", "61 1"),
            (2.1, "<", "62 1"),
        )
    )
    first, second, third = (script.answers(("61", "1")) for _ in range(3))
    assert first is not None
    assert [reply.fields[0] for reply in first] == ["61", "62"]
    assert second is not None
    assert [reply.fields[0] for reply in second] == ["62"]
    assert third == second
    assert [reply.fields[-1] for reply in script.unasked] == ["pushed"]


def test_a_notice_on_positions_answers_the_open_request_for_them() -> None:
    """It has no id; behind the end of the answer, and of other codes, it came unasked."""
    script = Script(
        conversation(
            (0.0, ">", "71 2 17"),
            (1.0, ">", "61 1"),
            (1.1, "<", "4 2 -1 2151 not_yet"),
            (1.1, "<", "4 2 -1 2104 farm"),
            (1.2, "<", "62 1"),
            (1.3, "<", "4 2 -1 10275 late"),
        )
    )
    replies = script.answers(("61", "1"))
    assert replies is not None
    assert [reply.fields[0] for reply in replies] == ["4", "62"]
    assert [reply.fields[3] for reply in script.unasked] == ["2104", "10275"]


def test_what_was_sent_unasked_keeps_its_time_after_the_start() -> None:
    script = Script(
        conversation(
            (3.0, ">", "71 2 17"),
            (3.1, "<", "15 1 U0000001"),
            (5.0, "<", "4 2 -1 2104 farm"),
        )
    )
    assert [(round(reply.after_s, 3), reply.fields[0]) for reply in script.unasked] == [
        (0.1, "15"),
        (2.0, "4"),
    ]


def test_details_are_matched_at_versions_with_and_without_a_version_field() -> None:
    for version, row in ((178, "10 5 SPY"), (160, "10 8 5 SPY")):
        recorded = conversation((0.0, ">", "9 8 5 756733 SPY"), (0.1, "<", row))
        recorded.version = version
        replies = Script(recorded).answers(("9", "8", "42", "756733", "SPY"))
        assert replies is not None
        assert "42" in replies[0].to("42")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no conversation"),
        ("no json\n\n", "line 1"),
        ('{"line": "recording", "version": 9}\n\n', "newer"),
        ('{"line": "frame", "t": "x", "connection": 1, "fields": []}\n\n', "line 1"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_in_one_line(
    tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "r").write_text(text)
    with pytest.raises(UsageError, match=words) as error:
        read_recording(tmp_path / "r")
    assert "\n" not in str(error.value)


def test_a_wire_log_of_the_simulator_is_a_recording_too(tmp_path: Path) -> None:
    lines = [
        {"t": 1.0, "conn": 1, "kind": "greeting", "dir": "in", "fields": ["v157..178"]},
        {"t": 1.0, "conn": 1, "kind": "greeting", "dir": "out", "fields": ["178", "now"]},
        {"t": 1.1, "conn": 1, "kind": "frame", "dir": "in", "fields": ["71", "2", "17"]},
        {"t": 1.2, "conn": 1, "kind": "frame", "dir": "in", "state": "waits", "fields": ["61"]},
        {"t": 1.3, "conn": 1, "kind": "frame", "dir": "out", "fields": ["9", "1", "1"]},
        {"t": 2.0, "conn": 1, "kind": "close", "by": "client"},
    ]
    (tmp_path / "log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    [read] = read_recording(tmp_path / "log")
    assert (read.version, len(read.messages), read.closed_at) == (178, 2, 2.0)
