"""The table of TWS's codes keeps its rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.broker import Upstream
from workers.gateway.ib.errors import (
    CODES,
    NOTICES,
    Effect,
    meaning_of,
    port_in,
    wait_s,
)


@given(st.integers(0, 20_000), st.booleans())
def test_an_unknown_code_ends_no_request_that_may_live(code: int, quoted: bool) -> None:
    """A warning is one; an error on a line or a quote is contested, on anything else the end."""
    if code in CODES:
        return
    expected = Effect.CONTESTED if quoted else Effect.ENDED
    assert meaning_of(code, quoted=quoted).effect is (
        Effect.NOTICE if code in NOTICES else expected
    )


def test_every_code_of_the_table_has_words() -> None:
    assert all(meaning.words for meaning in CODES.values())


def test_what_is_waited_for_is_waited_for_within_half_a_minute() -> None:
    """And less for a quote than for a line."""
    for effect in Effect:
        line, quote = wait_s(effect, line=True), wait_s(effect, line=False)
        assert (line is None) is (quote is None)
        if line is not None and quote is not None:
            assert 0 < quote <= line <= 30


def test_only_what_says_that_the_link_works_ends_an_outage() -> None:
    """A farm that is away, rests or is being connected proves nothing."""
    ways_back = {Upstream.BACK, Upstream.BACK_EMPTY, Upstream.FARM, Upstream.LINK_WORKS}
    assert {code for code in CODES if meaning_of(code).effect in ways_back} == {
        1101, 1102, 2104, 2106, 2158,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("Please reconnect on the new port - 7500", 7500),
        ("Bitte am neuen Port verbinden: -4002", 4002),
        ("TWS 10.41 socket port has been reset, new port is 65535.", 65535),
        ("no port at all", None),
        ("port 70000", None),
        ("\u0667\u0664\u0669\u0667", None),
        ("", None),
    ],
)
def test_the_new_port_is_the_last_number_that_can_be_one(text: str, port: int | None) -> None:
    assert port_in(text) == port


@given(st.text())
def test_whatever_the_text_a_port_is_one_or_none(text: str) -> None:
    port = port_in(text)
    assert port is None or 0 < port < 65536
