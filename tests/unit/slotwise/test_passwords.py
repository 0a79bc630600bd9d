"""No password of an address is shown, in whatever text it stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.bus.client import Bus
from slotwise.errors import BusError
from slotwise.passwords import without_passwords

#: What a password in an address may be made of; the rest is percent-encoded there.
#: An @ or a slash should be, and is not always.
WORDS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=%:/@", min_size=6, max_size=40)


@given(WORDS, st.sampled_from(["redis", "rediss", "https"]), st.sampled_from(["", "worker"]))
def test_a_password_is_not_shown(word: str, scheme: str, name: str) -> None:
    text = f"no Redis answers at {scheme}://{name}:{word}@redis:6379/0: start one"
    assert without_passwords(text) == (
        f"no Redis answers at {scheme}://{name}:***@redis:6379/0: start one"
    )


@pytest.mark.parametrize(
    "text", ["redis://127.0.0.1:6379/0", "at 12:30, a@b", "http://host:80/a", "s3://bucket/a"]
)
def test_what_has_no_password_is_left_alone(text: str) -> None:
    assert without_passwords(text) == text


def test_an_address_that_is_none_is_named_without_it() -> None:
    with pytest.raises(BusError, match=r"gateway:\*\*\*@") as caught:
        Bus("http://gateway:secret-word@redis:6379/0")
    assert "secret-word" not in str(caught.value)
