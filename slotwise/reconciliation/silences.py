"""Silence: breaks of a contract or a cause that are not sent, until a time."""

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
#: A silence should not be forgotten for longer, days.
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
    #: State of the verdict; a silence that names one concerns no break.
    state: str | None = None


def silence(
    *,
    con_id: int | None,
    cause: str | None,
    account: str | None,
    until: datetime,
    why: str,
    now: datetime,
    state: str | None = None,
) -> Silence:
    """Make a silence; raises InputError where it would say nothing, or too much."""
    if con_id is None and cause is None and state is None:
        raise InputError(
            "name a contract or a cause, or a state of the verdict: everything is never silenced"
        )
    if state is not None and (con_id, cause, account) != (None, None, None):
        raise InputError("a state of the verdict is silenced alone: it has no contract or cause")
    if con_id is not None and con_id < 1:
        raise InputError(f"contract id {con_id} is not a positive number")
    if cause is not None and cause not in get_args(Cause):
        raise InputError(f"cause {cause!r} is none of {', '.join(get_args(Cause))}")
    if not now < until <= now + timedelta(days=LONGEST_DAYS):
        raise InputError(f"a silence ends in the future, within {LONGEST_DAYS} days")
    if not why.strip():
        raise InputError("give a reason with --why: it stands in the list of silences")
    silence_id = digest(
        str(con_id), str(cause), str(account), str(state), until.isoformat(), now.isoformat()
    )
    return Silence(
        silence_id=silence_id[:8],
        event="silenced",
        account=account,
        con_id=con_id,
        cause=cause,
        until=until,
        why=why.strip(),
        at=now,
        state=state,
    )


def duration(text: str) -> timedelta:
    """Read 30m, 4h or 2d; raises InputError."""
    match = _DURATION.match(text.strip())
    if match is None:
        raise InputError(f"duration {text!r} is none: write 30m, 4h or 2d")
    return timedelta(seconds=int(match[1]) * UNITS[match[2]])


def in_force(rows: Iterable[Silence], now: datetime) -> list[Silence]:
    """Drop what was lifted and what has ended; the first to end comes first."""
    found = list(rows)
    lifted = {one.silence_id for one in found if one.event == "lifted"}
    left = [
        one
        for one in found
        if one.event == "silenced" and one.until > now and one.silence_id not in lifted
    ]
    return sorted(left, key=lambda one: (one.until, one.silence_id))


def is_silenced(one: Break, silences: Iterable[Silence], now: datetime) -> bool:
    """Return whether any silence covers a break; an account's also covers its models."""
    return any(
        now < silence.until
        and silence.state is None
        and silence.con_id in (None, one.con_id)
        and silence.cause in (None, one.cause)
        and (silence.account is None or is_in(one.account, silence.account))
        for silence in silences
    )


def states_silenced(silences: Iterable[Silence], now: datetime) -> frozenset[str]:
    """Return the states of the verdict that are silenced at a time."""
    return frozenset(one.state for one in in_force(silences, now) if one.state is not None)
