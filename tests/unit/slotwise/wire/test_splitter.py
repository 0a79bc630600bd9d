"""Messages are whole however their bytes arrive."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from slotwise.wire.splitter import Splitter, fields_of


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=8),
    st.lists(st.integers(1, 30), max_size=40),
)
def test_messages_are_the_same_wherever_the_stream_is_cut(
    bodies: list[bytes], cuts: list[int]
) -> None:
    stream = b"".join(len(body).to_bytes(4, "big") + body for body in bodies)
    splitter, found = Splitter(), []
    for size in [*cuts, max(len(stream), 1)]:
        found += splitter.feed(stream[:size])
        stream = stream[size:]
    assert found == bodies


def test_what_claims_to_be_too_long_is_left_out() -> None:
    splitter = Splitter()
    assert splitter.feed(b"\xff\xff\xff\xff" + b"x" * 50) == []
    assert splitter.feed(b"\x00\x00\x00\x02A\x00") == [b"A\x00"]


def test_fields_stand_between_zero_bytes() -> None:
    assert fields_of(b"4\x002\x00\x00") == ("4", "2", "")
    assert fields_of(b"caf\xe9\x00") == ("caf\\xe9",)
