"""Silence: breaks of a contract or a cause that nobody wants to hear of, until a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec

from slotwise.account import is_in
from slotwise.errors import InputError
from slotwise.reconciliation.report import Break, Cause, digest

#: Units of a duration, seconds.
UNITS = {"m": 60, "h": 3600, "d": 86_400}
#: Nobody should forget a silence for longer, days.
LONGEST_DAYS = 90
_DURATION = re.compile(r"(\d{1,6})([mhd])\Z")


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """Hold one row of table `silences`; what is None matches everything."""

    silence_id: str
    event: Literal["silenced", "lifted"]
    account: str | None
    con_id: int | None
    cause: str | None
    until: datetime
    why: str
    at: datetime


def silence(
    *,
    con_id: int | None,
    cause: str | None,
    account: str | None,
    until: datetime,
    why: str,
    now: datetime,
) -> Silence:
    """Make a silence; raises InputError where it would say nothing, or too much."""
    if con_id is None and cause is None:
        raise InputError("name a contract or a cause: everything is never silenced")
    if con_id is not None and con_id < 1:
        raise InputError(f"contract id {con_id} is not a positive number")
    if cause is not None and cause not in get_args(Cause):
        raise InputError(f"cause {cause!r} is none of {', '.join(get_args(Cause))}")
    if not now < until <= now + timedelta(days=LONGEST_DAYS):
        raise InputError(f"a silence ends in the future, within {LONGEST_DAYS} days")
    if not why.strip():
        raise InputError("say why: whoever reads the list later has to understand it")
    silence_id = digest(str(con_id), str(cause), str(account), until.isoformat(), now.isoformat())
    return Silence(
        silence_id=silence_id[:8],
        event="silenced",
        account=account,
        con_id=con_id,
        cause=cause,
        until=until,
        why=why.strip(),
        at=now,
    )


def duration(text: str) -> timedelta:
    """Read 30m, 4h or 2d; raises InputError."""
    match = _DURATION.match(text.strip())
    if match is None:
        raise InputError(f"duration {text!r} is none: write 30m, 4h or 2d")
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


def in_force(rows: Iterable[Silence], now: datetime) -> list[Silence]:
    """Leave out what was lifted and what has ended; the first to end comes first."""
    found = list(rows)
    lifted = {one.silence_id for one in found if one.event == "lifted"}
    left = [
        one
        for one in found
        if one.event == "silenced" and one.until > now and one.silence_id not in lifted
    ]
    return sorted(left, key=lambda one: (one.until, one.silence_id))


def is_silenced(one: Break, silences: Iterable[Silence], now: datetime) -> bool:
    """Tell whether any silence covers a break; an account's also covers its models."""
    return any(
        now < silence.until
        and silence.con_id in (None, one.con_id)
        and silence.cause in (None, one.cause)
        and (silence.account is None or is_in(one.account, silence.account))
        for silence in silences
    )
