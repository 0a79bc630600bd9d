"""Alerts: which breaks are sent, in what words, and how a receiver verifies the sender.

Rules:
* A break is sent when it is confirmed and not silenced: at once, or when its silence ends.
* The resolution is sent to every receiver of the alert.
* Several breaks of one report are one alert; of many the first are named, and all are counted.
* The id of an alert follows from its content, so that a receiver can drop a repetition.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

import msgspec

from slotwise.account import masked, masked_in
from slotwise.reconciliation.report import Break, Report, digest
from slotwise.reconciliation.silences import Silence, is_silenced

Event: TypeAlias = Literal["breaks_confirmed", "breaks_healed"]

#: Version of the payload: grows when a field changes its meaning or goes.
SCHEMA = 1
#: Breaks named in one alert; more than a person reads on a telephone.
NAMED = 20
#: Name of the header that carries the signature.
SIGNATURE = "X-Slotwise-Signature"
#: A signature is good for this long, seconds: clocks differ, and messages are caught and repeated.
GOOD_FOR_S = 300
#: Digits that a time of a signature has at most: with twelve, unix seconds reach the year 33,000.
DIGITS = 12


class AlertedBreak(msgspec.Struct, frozen=True, kw_only=True):
    """Describe one break in an alert; quantities are text, so that no reader rounds them."""

    life_id: str
    account: str
    con_id: int
    symbol: str
    kind: str
    cause: str
    evidence: str
    book_quantity: str | None
    broker_quantity: str | None
    first_found_at: datetime
    lived_s: float | None


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Hold what is sent; `count` is of all breaks, `breaks` has the first of them."""

    schema: int
    alert_id: str
    event: Event
    report_id: str
    at: datetime
    count: int
    breaks: tuple[AlertedBreak, ...]


def breaks_to_send(
    report: Report, silences: Sequence[Silence], now: datetime
) -> dict[Event, list[Break]]:
    """Return the breaks to send: confirmed ones, and healed ones that had been."""
    if report.status == "stale":
        return {}
    confirmed = [b for b in report.breaks if b.state == "confirmed"]
    healed = [b for b in report.healed if b.runs > 1]
    by_event: dict[Event, list[Break]] = {
        "breaks_confirmed": [b for b in confirmed if not is_silenced(b, silences, now)],
        "breaks_healed": healed,
    }
    return {event: breaks for event, breaks in by_event.items() if breaks}


def alert_of(
    event: Event, report: Report, breaks: Iterable[Break], *, whole_accounts: bool = False
) -> Alert:
    """Put breaks of a report into one alert; accounts are masked unless they may be named."""
    ordered = sorted(breaks, key=lambda one: (one.account, one.con_id, one.life_id))
    return Alert(
        schema=SCHEMA,
        alert_id=digest(event, *(one.life_id for one in ordered)),
        event=event,
        report_id=report.report_id,
        at=report.completed_at,
        count=len(ordered),
        breaks=tuple(_alerted_break(one, whole_accounts) for one in ordered[:NAMED]),
    )


def sign(secret: str, body: bytes, at_s: int) -> str:
    """Return the signature header for a body sent at a time, unix seconds.

    `t=1795395761,v1=6f0c...`: HMAC-SHA256, with the secret, of the time, a full stop and the body.
    """
    return f"t={at_s},v1={_hmac(secret, body, at_s)}"


def verify_alert(
    secret: str, body: bytes, header: str, now_s: float, good_for_s: float = GOOD_FOR_S
) -> bool:
    """Return whether a header signs this body, and lately; for receivers of alerts."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    at = parts.get("t", "")
    if not (at.isascii() and at.isdecimal() and len(at) <= DIGITS):
        return False
    if abs(now_s - int(at)) > good_for_s:
        return False
    expected = _hmac(secret, body, int(at))
    return hmac.compare_digest(expected.encode(), parts.get("v1", "").encode())


#: The name by which receivers imported it before it was a public name of `slotwise`.
verify = verify_alert


def _hmac(secret: str, body: bytes, at_s: int) -> str:
    return hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()


def _hidden(one: Break, name: str) -> str:
    """Return a break's evidence without accounts; transfers name others than its own."""
    return masked_in(one.evidence.replace(one.account, name))


def _alerted_break(one: Break, whole_accounts: bool) -> AlertedBreak:
    name = one.account if whole_accounts else masked(one.account)
    return AlertedBreak(
        life_id=one.life_id,
        account=name,
        con_id=one.con_id,
        symbol=one.symbol,
        kind=one.kind,
        cause=one.cause,
        evidence=one.evidence if whole_accounts else _hidden(one, name),
        book_quantity=None if one.book_quantity is None else f"{one.book_quantity.normalize():f}",
        broker_quantity=(
            None if one.broker_quantity is None else f"{one.broker_quantity.normalize():f}"
        ),
        first_found_at=one.first_found_at,
        lived_s=one.lived_s,
    )
