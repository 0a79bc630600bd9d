"""Which changes of the verdict are sent: each once, and not more often than a person can read.

Rules:
* A change is sent when the new state has lasted `HOLD_S`; a shorter one is never sent.
* The way back to well is sent to the receivers of what went before it, by the same rule.
* More than `MANY` sent changes within `WINDOW_S` are flapping: from then on a state has to last
  `FLAPPING_HOLD_S`, until the window has fewer again.
* A state that is silenced, or is not one that is sent (`alert` in the table), counts as well.
* The id of a change follows from its states and its time, so that a receiver can drop a repetition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Set
from datetime import datetime

import msgspec

from slotwise.health.verdict.finding import Standing, Verdict

#: A verdict has to last this long before it is sent, seconds: a reconnect takes less.
HOLD_S = 5.0
#: Sent changes within the window from which on it is flapping, and the window, seconds.
MANY, WINDOW_S = 6, 600.0
#: A verdict has to last this long while it is flapping, seconds.
FLAPPING_HOLD_S = 120.0
#: Version of the payload: it grows when a field changes its meaning or goes.
SCHEMA = 1


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of the verdict, as it is sent."""

    schema: int = SCHEMA
    event: str = "verdict_changed"
    change_id: str
    standing: Standing
    state: str
    previous: str
    sentence: str
    advice: str
    #: When the state began, and how long the one before lasted, seconds.
    since: datetime
    previous_lasted_s: float


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept between two looks at the verdict."""

    #: The state that was sent last, and since when it was.
    state: str = "well"
    since: datetime | None = None
    #: The state that is seen now, and since when.
    seen: str = "well"
    seen_since: datetime | None = None
    #: When changes were sent lately.
    times: tuple[datetime, ...] = ()


def next_change(
    before: Sent, verdict: Verdict, now: datetime, silenced: Set[str] = frozenset()
) -> tuple[Sent, Change | None]:
    """Return what to keep for the next look, and the change to send now, if any."""
    state = state_sent(verdict, silenced)
    since = before.seen_since if state == before.seen and before.seen_since else now
    times = tuple(at for at in before.times if (now - at).total_seconds() < WINDOW_S)
    seen = msgspec.structs.replace(before, seen=state, seen_since=since, times=times)
    if seen.since is None:
        seen = msgspec.structs.replace(seen, since=now)
    hold_s = FLAPPING_HOLD_S if len(times) >= MANY else HOLD_S
    if state == seen.state or (now - since).total_seconds() < hold_s:
        return seen, None
    named = next((one for one in verdict.findings if one.state == state), None)
    # The verdict's sentence includes the consequence; the sentence of another finding does not.
    own = state == verdict.state or (named is None and verdict.standing == "well")
    change = Change(
        change_id=_digest(seen.state, state, since),
        standing="well" if named is None else verdict.standing,
        state=state,
        previous=seen.state,
        sentence=verdict.sentence if own else "well again" if named is None else named.sentence,
        advice="" if named is None else named.advice,
        since=since,
        previous_lasted_s=round((since - (before.since or since)).total_seconds(), 3),
    )
    return msgspec.structs.replace(seen, state=state, since=since, times=(*times, now)), change


def state_sent(verdict: Verdict, silenced: Set[str] = frozenset()) -> str:
    """Return the first state that is sent and not silenced; well where there is none."""
    return next(
        (one.state for one in verdict.findings if one.alert and one.state not in silenced), "well"
    )


def _digest(*parts: object) -> str:
    text = "|".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=10).hexdigest()
