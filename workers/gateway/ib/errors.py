"""What TWS's error codes mean: for a line, for a request, for the connection."""

from __future__ import annotations

from enum import Enum, auto

from workers.gateway.broker import Upstream


class Effect(Enum):
    """Tell what an error that names a request does to it."""

    #: Said for information; the request goes on.
    NOTICE = auto()
    #: The account's lines are used up.
    FULL = auto()
    #: The request has ended, and TWS keeps nothing of it.
    ENDED = auto()
    #: No data comes, but TWS may keep the request: cancel it, so that it holds no line.
    MUTE = auto()


#: Codes that name a request and do not simply end it.
EFFECTS: dict[int, Effect] = {
    101: Effect.FULL,  # maximum number of tickers; some say the request stays queued in TWS
    300: Effect.NOTICE,  # can't find the id: our cancel crossed its end
    354: Effect.MUTE,  # not subscribed
    10089: Effect.MUTE,  # needs an additional subscription for the API
    10090: Effect.NOTICE,  # part is not subscribed; the other ticks come
    10091: Effect.MUTE,  # part needs an additional subscription
    10167: Effect.NOTICE,  # not subscribed, delayed data comes instead
    10168: Effect.MUTE,  # not subscribed, and delayed data is off
    10186: Effect.MUTE,  # not subscribed, and delayed data is off
    10197: Effect.MUTE,  # another session of this user has the data
}
#: Warnings and farm reports.
NOTICES = range(2100, 2200)

UPSTREAM: dict[int, Upstream] = {
    1100: Upstream.LOST,
    2110: Upstream.LOST,
    1101: Upstream.BACK_EMPTY,
    1102: Upstream.BACK,
    2103: Upstream.FARM,
    2104: Upstream.FARM,
}

CLIENT_ID_IN_USE = 326


def effect_of(code: int) -> Effect:
    """Tell what an error does to the request it names."""
    if code in NOTICES:
        return Effect.NOTICE
    return EFFECTS.get(code, Effect.ENDED)
