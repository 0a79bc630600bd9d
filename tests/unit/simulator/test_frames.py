"""Bytes become frames however they are cut, and impossible ones end the conversation."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tws_simulator.errors import FrameError, MalformedRequest
from tws_simulator.wire.fields import Fields
from tws_simulator.wire.frames import FrameReader, frame, split_fields

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
#: An empty field at the end is a field only where another one follows.
messages = st.lists(texts, min_size=1, max_size=6)


@settings(max_examples=examples(100))
@given(st.lists(messages, max_size=6), st.lists(st.integers(1, 30), max_size=40))
def test_frames_survive_being_cut_anywhere(sent: list[list[str]], cuts: list[int]) -> None:
    """However TCP cuts the bytes, the same messages come out, in order."""
    data = b"".join(frame(*fields) for fields in sent)
    reader, received = FrameReader(), []
    for cut in [*cuts, len(data)]:
        piece, data = data[:cut], data[cut:]
        reader.feed(piece)
        received += [split_fields(body) for body in reader.bodies()]
    assert received == sent


def test_a_frame_is_a_big_endian_length_and_fields_that_end_with_nul() -> None:
    """The wire layout, byte for byte."""
    assert frame(49, 1) == b"\0\0\0\x0549\x001\x00"


def test_a_frame_longer_than_any_client_sends_is_refused() -> None:
    """16 MB is the most; more is no TWS client."""
    reader = FrameReader()
    reader.feed(b"\x01\0\0\0")
    with pytest.raises(FrameError):
        list(reader.bodies())


@pytest.mark.parametrize("text", ["", "x", "1.5", "1_0", " 1", "\u0661", str(2**31), "9" * 5000])
def test_an_int_is_read_as_java_would(text: str) -> None:
    """No underscores, blanks, other scripts or more than 32 bits."""
    with pytest.raises(MalformedRequest):
        Fields([text]).integer()


@pytest.mark.parametrize("text", ["x", "nan", "inf", "1_0"])
def test_a_double_must_be_a_finite_number(text: str) -> None:
    """What would spread through every price is refused."""
    with pytest.raises(MalformedRequest):
        Fields([text]).number()


@pytest.mark.parametrize("text", ["", "1.7976931348623157E308", "1.7976931348623157e308"])
def test_no_double_is_zero(text: str) -> None:
    """Clients write "unset" in several ways."""
    assert Fields([text]).number() == 0


def test_a_message_that_ends_too_early_is_malformed() -> None:
    """Missing fields are the client's fault, and it gets an error."""
    with pytest.raises(MalformedRequest):
        Fields(["1"], 1).text()
