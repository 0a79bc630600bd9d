"""Bytes become messages, however they are cut on their way."""

from __future__ import annotations

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.ib.frames import LONGEST, Frames

KINDS = (b"1", b"2", b"61")
messages = st.lists(
    st.builds(
        lambda kind, fields: b"\0".join([kind, *fields, b""]),
        st.sampled_from(KINDS),
        st.lists(st.binary(max_size=9).map(lambda field: field.replace(b"\0", b"x")), max_size=4),
    ),
    max_size=12,
)


def framed(sent: list[bytes]) -> bytes:
    return b"".join(struct.pack(">I", len(message)) + message for message in sent)


@given(messages, st.sets(st.sampled_from(KINDS)), st.lists(st.integers(0, 200), max_size=8))
def test_every_message_that_is_received_comes_once_in_its_order(
    sent: list[bytes], heard: set[bytes], cuts: list[int]
) -> None:
    frames, wire = Frames(heard), framed(sent)
    places = [0, *sorted(min(cut, len(wire)) for cut in cuts), len(wire)]
    got = [one for start, stop in pairwise(places) for one in frames.feed(wire[start:stop])]
    kinds = [(message.split(b"\0", 1)[0], message) for message in sent]
    assert got == [(kind, message) for kind, message in kinds if kind in heard]


@given(messages, st.integers(0, 60))
def test_what_was_left_over_before_is_the_beginning(sent: list[bytes], cut: int) -> None:
    wire = framed(sent)
    frames = Frames(KINDS, wire[:cut])
    assert [message for _, message in frames.feed(wire[cut:])] == sent


def test_a_message_without_any_field_is_ignored() -> None:
    assert Frames(KINDS).feed(framed([b"", b"1", b"1\0"])) == [(b"1", b"1\0")]


@given(messages, st.integers(LONGEST + 1, 2**32 - 1), st.integers(1, 200))
def test_a_length_that_no_message_has_ends_the_reading(
    sent: list[bytes], length: int, step: int
) -> None:
    """What came whole before it is read; after it nothing is, and nothing is kept."""
    frames, got = Frames(KINDS), []
    wire = framed(sent) + struct.pack(">I", length) + b"1\0" * 200
    for start in range(0, len(wire), step):
        got += [message for _, message in frames.feed(wire[start : start + step])]
    assert got == sent
    assert frames.is_broken


def test_the_longest_message_is_read() -> None:
    longest = b"1\0" + b"x" * (LONGEST - 3) + b"\0"
    frames = Frames(KINDS)
    assert frames.feed(framed([longest, b"2\0"])) == [(b"1", longest), (b"2", b"2\0")]
    assert not frames.is_broken
