"""What TWS's error codes mean: for a line, for a request, for the connection.

| code              | what happened                   | what the gateway does to a line          |
|-------------------|---------------------------------|------------------------------------------|
| 1100, 2110        | TWS has lost IB                 | keeps all, notes each as lost, asks none |
| 1101              | IB is back, data lost           | asks for all again, most important first |
| 1102              | IB is back, data kept           | keeps all, suspects each until it ticks  |
| 2103, 2104        | a farm went, or is back         | keeps all, suspects each until it ticks  |
| 101               | no line is left                 | lowers the limit; the contract waits     |
| 354, 10089, 10091 | not permitted                   | cancels it, asks again in 300 s          |
| 10168, 10186      | nor is delayed data enabled     | cancels it, asks again in 300 s          |
| 10197             | the user's other session has it | cancels it, asks again in 30 s           |
| 10090             | a part is not permitted         | keeps it: the other ticks come           |
| 10167             | delayed data comes instead      | keeps it; its quotes are marked          |
| 300               | our cancel crossed its end      | nothing                                  |
| other 2100s       | warnings, other farms           | nothing                                  |
| any other         | an error                        | it has ended; asks again in 300 s        |

10167 comes only to who asked for delayed data (`SLOTWISE_DELAYED_DATA`); 10168 says that TWS's
user has not enabled it. A suspected line is closed and opened again when it stays silent
(`pulse`); when a refused contract is asked again is in `line_table`.
"""

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


#: What a code means, for the request it names or for the connection; the table above.
MEANINGS: dict[int, Effect | Upstream] = {
    1100: Upstream.LOST,
    2110: Upstream.LOST,
    1101: Upstream.BACK_EMPTY,
    1102: Upstream.BACK,
    2103: Upstream.FARM,
    2104: Upstream.FARM,
    # Some say that the request stays queued in TWS, so it is cancelled too.
    101: Effect.FULL,
    300: Effect.NOTICE,
    354: Effect.MUTE,
    10089: Effect.MUTE,
    10090: Effect.NOTICE,
    10091: Effect.MUTE,
    10167: Effect.NOTICE,
    10168: Effect.MUTE,
    10186: Effect.MUTE,
    10197: Effect.MUTE,
}
#: Warnings and farm reports.
NOTICES = range(2100, 2200)

CLIENT_ID_IN_USE = 326


def meaning_of(code: int) -> Effect | Upstream:
    """Tell what a code means."""
    return MEANINGS.get(code, Effect.NOTICE if code in NOTICES else Effect.ENDED)
