"""Alerts: sent once, never for what is silenced, and signed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slotwise.account import masked
from slotwise.errors import InputError
from slotwise.reconciliation.alerts import (
    GOOD_FOR_S,
    NAMED,
    alert_of,
    breaks_to_send,
    sign,
    verify,
    verify_alert,
)
from slotwise.reconciliation.report import Break, Report
from slotwise.reconciliation.silences import (
    LONGEST_DAYS,
    Silence,
    duration,
    in_force,
    is_silenced,
    silence,
)
from tests.support.values import ACCOUNT, NOON, at, position
from tests.unit.slotwise.reconciliation.test_break_lifecycle import Runs


def report(seconds: float = 120.0, con_ids: int = 1) -> Report:
    """Find breaks twice, so that they are confirmed."""
    runs = Runs()
    held = [position(n) for n in range(1, con_ids + 1)]
    far = [position(n) for n in range(1000, 1000 + 8 * con_ids)]
    runs.run([*held, *far], far, seconds - 60)
    return runs.run([*held, *far], far, seconds)


def made(**changes: Any) -> Silence:
    values = {
        "con_id": 1, "cause": None, "account": None, "until": at(3600), "why": "known",
        "now": NOON,
    }  # fmt: skip
    return silence(**values | changes)


def test_a_confirmed_break_is_alerted_and_a_new_one_is_not() -> None:
    runs = Runs()
    first = runs.run([position(1)], [], 60)
    again = runs.run([position(1)], [], 120)
    healed = runs.run([position(1)], [position(1)], 180)
    assert breaks_to_send(first, [], at(60)) == {}
    assert list(breaks_to_send(again, [], at(120))) == ["breaks_confirmed"]
    assert list(breaks_to_send(healed, [], at(180))) == ["breaks_healed"]


def test_a_break_that_healed_before_it_was_confirmed_is_no_news() -> None:
    runs = Runs()
    runs.run([position(1)], [], 60)
    assert breaks_to_send(runs.run([position(1)], [position(1)], 120), [], at(120)) == {}


def test_many_breaks_are_one_alert_that_names_the_first() -> None:
    found = report(con_ids=NAMED + 5)
    alert = alert_of("breaks_confirmed", found, found.breaks)
    assert (alert.count, len(alert.breaks)) == (NAMED + 5, NAMED)
    assert alert == alert_of("breaks_confirmed", found, reversed(found.breaks))


def test_another_break_is_another_alert() -> None:
    found = report(con_ids=2)
    ids = {
        alert_of(event, found, breaks).alert_id
        for event in ("breaks_confirmed", "breaks_healed")
        for breaks in (found.breaks, found.breaks[:1])
    }
    assert len(ids) == 4


def test_accounts_are_masked_unless_they_may_be_named() -> None:
    assert masked("DU1234567") == "******567"
    assert masked("DU1234567/Growth") == "******567/Growth"
    found = report()
    one = msgspec.structs.replace(found.breaks[0], account="DU1234567", evidence="in DU1234567")
    hidden = alert_of("breaks_confirmed", found, [one])
    assert b"DU1234567" not in msgspec.json.encode(hidden)
    named = alert_of("breaks_confirmed", found, [one], whole_accounts=True)
    assert named.breaks[0].account == "DU1234567"


# Signatures.


@given(st.binary(max_size=50), st.text(min_size=1, max_size=20), st.integers(0, 2**40))
def test_what_is_signed_is_verified(body: bytes, secret: str, at_s: int) -> None:
    header = sign(secret, body, at_s)
    assert verify(secret, body, header, at_s + GOOD_FOR_S)
    assert not verify(secret, body + b"x", header, at_s)
    assert not verify(secret + "x", body, header, at_s)
    assert not verify(secret, body, header, at_s + GOOD_FOR_S + 1)
    assert not verify(secret, body, header.replace(f"t={at_s}", f"t={at_s + 1}"), at_s)


@given(st.text(max_size=40))
def test_nonsense_is_no_signature(header: str) -> None:
    assert not verify("secret", b"body", header, 1_780_000_000)


# Silences.


def found(**changes: Any) -> Break:
    return msgspec.structs.replace(report().breaks[0], **changes)


@given(
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, "unknown", "fill"]),
    st.sampled_from([None, ACCOUNT, "DU2"]),
    st.integers(1, 100),
    st.integers(0, 200),
)
def test_a_silence_covers_what_it_names_until_its_end(
    con_id: int | None, cause: str | None, account: str | None, minutes: int, later: int
) -> None:
    if con_id is None and cause is None:
        return
    one = made(con_id=con_id, cause=cause, account=account, until=at(60 * minutes))
    expected = (
        con_id in (None, 1)
        and cause in (None, "unknown")
        and account in (None, ACCOUNT)
        and later < minutes
    )
    now = at(60 * later)
    assert is_silenced(found(), [one], now) == expected
    assert bool(breaks_to_send(report(), [one], now)) != expected
    assert (one in in_force([one], now)) == (later < minutes)


def test_a_silence_of_an_account_covers_its_models() -> None:
    assert is_silenced(found(account="DU1/Growth"), [made(account="DU1")], NOON)
    assert not is_silenced(found(account="DU1"), [made(account="DU1/Growth")], NOON)


def test_a_lifted_silence_is_over() -> None:
    one = made()
    lifted = msgspec.structs.replace(one, event="lifted", at=at(1))
    assert in_force([one], at(2)) == [one]
    assert in_force([one, lifted], at(2)) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"con_id": None}, "name a contract or a cause"),
        ({"con_id": 0}, "positive"),
        ({"cause": "gremlins"}, "'gremlins' is none of late_landing"),
        ({"until": NOON}, "in the future"),
        ({"until": NOON + timedelta(days=LONGEST_DAYS + 1)}, "within"),
        ({"why": "  "}, "give a reason"),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        made(**changes)


def test_durations_are_read() -> None:
    assert duration("30m") == timedelta(minutes=30)
    assert duration(" 4h ") == timedelta(hours=4)
    assert duration("2d") == timedelta(days=2)
    for text in ("", "2", "d", "1.5h", "-1d", "2w"):
        with pytest.raises(InputError, match="30m, 4h or 2d"):
            duration(text)


@given(st.text() | st.text("0123456789", max_size=30))
@example("9" * 400)
@example("9" * 5000)
def test_a_header_that_signs_nothing_is_refused_and_raises_nothing(text: str) -> None:
    for header in (text, f"t={text},v1=0", f"t=1,v1={text}", f"v1={text}"):
        assert not verify_alert("secret", b"{}", header, 0.0)
