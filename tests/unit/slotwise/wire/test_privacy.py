"""What is private stays out of a recording: replaced as it is written, found by the check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.wire import Frame, Replacer, findings
from slotwise.wire.frame import Direction
from slotwise.wire.layouts import LAYOUTS

#: Accounts of every form that public logs show, and two that have none.
ACCOUNTS = ("U1234567", "DU7654321", "DUM555123", "F8765432", "DF123456", "I4567890", "Alpha9Fund")
NAMES = ("Jane Doe", "trader-jane")
#: Other private things, each as it stands in a notice.
NOTICES = (
    "User 'jane' is logged in elsewhere",
    "Username: trader99 has another session",
    "the other session is at 203.0.113.77",
    "write to jane.doe@bank.example",
    "account U1234567 of Jane Doe",
    "Alpha9Fund has no permission",
)


def greeting(connection: int = 1, first_id: int = 4711) -> list[Frame]:
    """Return a greeting that names all accounts."""
    return [
        Frame(0.0, connection, "client", ("v157..178",), handshake=True),
        Frame(0.1, connection, "tws", ("178", "20261128 10:00:00 EST"), handshake=True),
        Frame(0.2, connection, "tws", ("15", "1", ",".join(ACCOUNTS))),
        Frame(0.3, connection, "tws", ("9", "1", str(first_id))),
    ]


def cleaned(frames: Sequence[Frame], names: Sequence[str] = NAMES) -> list[Frame]:
    """Return frames as a recording holds them."""
    replacer = Replacer(names)
    return [replacer.replace(frame) for frame in frames]


def found(frames: Sequence[Frame], names: Sequence[str] = NAMES) -> list[str]:
    """Return what the check says of frames."""
    return [str(finding) for finding in findings(enumerate(frames, 1), names)]


kinds = st.one_of(
    st.sampled_from(sorted(LAYOUTS)),
    st.tuples(st.sampled_from(get_args(Direction)), st.integers(0, 110)),
)
private = st.one_of(
    st.sampled_from(ACCOUNTS),
    st.sampled_from(NAMES),
    st.sampled_from(NOTICES),
    st.sampled_from(["jane.doe@bank.example", "x U1234567,DU7654321 y", "4712", "1099999999"]),
)
plain = st.one_of(st.sampled_from(["", "0", "1", "SPY", "OPT", "265598", "12.5", "20261218", "-1"]))


@st.composite
def conversations(draw: st.DrawFn) -> list[Frame]:
    """Draw a conversation in which something private stands anywhere."""
    frames = greeting()
    for _ in range(draw(st.integers(1, 6))):
        sender: Direction
        sender, kind = draw(kinds)
        fields = draw(st.lists(st.one_of(private, plain), max_size=32))
        frames.append(Frame(1.0, 1, sender, (str(kind), *fields)))
    return frames


@given(conversations())
def test_a_cleaned_recording_passes_the_check_wherever_private_things_stood(
    frames: list[Frame],
) -> None:
    assert found(cleaned(frames)) == []


@given(conversations())
def test_a_cleaned_recording_is_cleaned_to_itself(frames: list[Frame]) -> None:
    once = cleaned(frames)
    assert cleaned(once) == once


@given(conversations())
def test_a_cleaned_recording_holds_no_private_word(frames: list[Frame]) -> None:
    """Searched for as plain text, without regard to fields."""
    text = "\n".join(field for frame in cleaned(frames) for field in frame.fields).lower()
    for word in (*ACCOUNTS, *NAMES, "jane.doe@", "203.0.113", "4711"):
        assert word.lower() not in text


@pytest.mark.parametrize("planted", [*ACCOUNTS, *NAMES, *NOTICES])
@pytest.mark.parametrize("sender", ["client", "tws"])
def test_what_is_planted_is_found_until_it_is_cleaned(sender: Direction, planted: str) -> None:
    clean = cleaned(greeting())
    frames = [*clean, Frame(1.0, 1, sender, ("4", "2", "-1", "2104", planted))]
    # An account without IB's form is one that the recording's greeting names, or the caller.
    names = (*NAMES, "Alpha9Fund")
    assert found(frames, names), "planted"
    assert found(cleaned(frames, names), names) == []


def test_the_same_account_is_replaced_by_the_same_and_two_by_two() -> None:
    frames = [
        *greeting(),
        Frame(1.0, 1, "tws", ("61", "3", "U1234567", "265598", "SPY")),
        Frame(1.0, 1, "tws", ("61", "3", "DUM555123", "265598", "SPY")),
        Frame(1.0, 1, "tws", ("4", "2", "-1", "321", "no data for U1234567.")),
    ]
    after = cleaned(frames)
    assert after[4].fields == ("61", "3", "U0000001", "265598", "SPY")
    assert after[5].fields[2] == "DUM0000003"
    assert after[6].fields[4] == "no data for U0000001."
    assert after[2].fields[2].split(",")[0] == "U0000001"


def test_requests_count_from_the_first_free_id_and_keep_their_answers() -> None:
    frames = [
        *greeting(first_id=900_000),
        Frame(1.0, 1, "client", ("1", "11", "900003", "265598", "SPY")),
        Frame(1.1, 1, "tws", ("1", "6", "900003", "1", "12.5", "100", "0")),
        Frame(1.1, 1, "tws", ("81", "900003", "0.01", "a6", "3")),
    ]
    after = cleaned(frames)
    assert after[3].fields == ("9", "1", "1")
    assert [after[4].fields[2], after[5].fields[2], after[6].fields[1]] == ["4", "4", "4"]


def test_orders_and_executions_of_others_are_numbered() -> None:
    execution = ["11", "-1", "5533", *["x"] * 11, "0001f4e8.6", "t", "U1234567", "SMART", "BOT"]
    execution += ["10", "1.5", "1099999999", "0", "0", "10", "1.5", "my ref", "", "", "Growth"]
    after = cleaned([*greeting(), Frame(1.0, 1, "tws", tuple(execution))])[-1].fields
    assert (after[2], after[14], after[16], after[21]) == ("1", "execution-1", "U0000001", "1")
    assert (after[26], after[29]) == ("name-1", "name-2")
    assert after[20] == "1.5", "prices stay"


def test_contract_details_are_read_by_the_version_of_their_connection() -> None:
    old = Frame(0.1, 2, "tws", ("160", "20261128 10:00:00 EST"), handshake=True)
    free = Frame(0.2, 2, "tws", ("9", "1", "4711"))
    frames = [
        *greeting(),
        Frame(1.0, 1, "tws", ("10", "4715", "SPY", "STK")),
        old,
        free,
        Frame(1.0, 2, "tws", ("10", "8", "4716", "SPY", "STK")),
    ]
    after = cleaned(frames)
    assert after[4].fields[1] == "5"
    assert after[7].fields[:3] == ("10", "8", "6")


def test_a_frame_without_private_fields_stays_as_it_is() -> None:
    frame = Frame(1.0, 1, "tws", ("46", "6", "-1", "45", "1764345600"))
    assert cleaned([frame])[0] == msgspec.structs.replace(frame)
