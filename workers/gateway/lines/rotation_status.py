"""What the rotation promises and keeps, as the gateway's status shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf

from slotwise.bus.status import QuoteAges, RotationStatus, SettleStatus
from slotwise.rules.rotation import Rotation
from workers.gateway.lines.closing_quotes import Closings
from workers.gateway.lines.quote_pace import QuotePace

#: A contract that rests for less than this is about to be asked for again, seconds: one without a
#: price rests for a minute, a refused one for five, one whose market is closed mostly for hours.
SHORT_REST_S = 360.0
#: What falls due waits for its turn for this much of its period: others fall due with it.
TURN = 0.05


def planned_s(rotation: Rotation, pace: QuotePace, con_id: int) -> float | None:
    """Return how old a quote may become by the plan, seconds; None where nothing is promised."""
    period = rotation.planned_s(con_id)
    return None if period is None or period == inf else (1.0 + TURN) * period + pace.longest_s


def is_at_work(rotation: Rotation, con_ids: Iterable[int], now: float) -> bool:
    """Return whether a contract takes part, or rests for so short that it is about to."""
    resting = rotation.resting()
    return any(resting.get(con_id, now) - now < SHORT_REST_S for con_id in con_ids)


def read_status(
    rotation: Rotation,
    pace: QuotePace,
    closings: Closings,
    *,
    wanted: int,
    gone: int,
    unpriced: int,
    unanswered: int,
    silent: int,
    rate_achieved: float,
    settle: tuple[SettleStatus, ...],
    now: float,
) -> RotationStatus:
    """Gather the status of the rotation."""
    ages = rotation.ages_s(now)
    watched = {c: age for c, age in ages.items() if rotation.is_watched(c)}
    others = {c: age for c, age in ages.items() if c not in watched}
    return RotationStatus(
        contracts=len(ages),
        resting=len(rotation.resting()),
        wanted=wanted,
        unpriced=unpriced,
        gone=gone,
        unanswered=unanswered,
        silent=silent,
        closed=len(closings.closed),
        closed_since=closings.since,
        rate_planned=round(pace.rate, 2),
        rate_achieved=round(rate_achieved, 2),
        quote_takes_s=round(pace.takes_s, 3),
        quote_messages=round(pace.messages, 2),
        settle=settle,
        watched=_ages(rotation, pace, watched),
        others=_ages(rotation, pace, others),
    )


def _ages(rotation: Rotation, pace: QuotePace, ages: Mapping[int, float]) -> QuoteAges:
    planned = [p for c in ages if (p := planned_s(rotation, pace, c)) is not None]
    known = [age for age in ages.values() if age != inf]
    return QuoteAges(
        contracts=len(ages),
        planned_s=round(max(planned), 2) if planned else None,
        worst_s=round(max(known), 2) if known else None,
        never_quoted=len(ages) - len(known),
    )
