"""What TWS's codes mean: for the request they name, for its line, for the connection, for people.

`CODES` is the whole table; its rules:

* A code alone decides. Texts differ between versions and languages; no rule reads them, and only
  the user sees them. (A farm's name and a port are taken from texts, where they can be found.)
* A code that names a request has one of these effects:

| effect    | the request               | a line                                                |
|-----------|---------------------------|-------------------------------------------------------|
| notice    | goes on                   | is kept                                               |
| partial   | goes on; refused where no | is kept; after `PARTIAL_S` without a tick it is       |
|           | tick came for `PARTIAL_S` | cancelled, and asked for again in 300 s               |
| contested | the same, sooner          | the same after `CONTESTED_S`                          |
| full      | has ended, and is         | lowers the limit; the contract waits                  |
|           | cancelled                 |                                                       |
| mute      | brings nothing; cancelled | is cancelled, asked for again in 300 s (10197: when   |
|           |                           | `data_access` says so)                                |
| ended     | has ended                 | has ended, asked for again in 300 s (100: 5 s)        |

* A contested code on a line that has ticked for a while may mean that the line has ended. Where no
  tick comes for `CONTESTED_S` it is asked for again once, and then it is as any contested line.
* 10197 without a request is about all lines. Any other code without one is about the link between
  TWS and IB, a farm, or the API's port (`Upstream`), or it is for information.
* A code that is not in the table is a notice from 2100 to 2199. Otherwise it is contested where it
  names a line or a quote, since ticks that follow prove that it lives, and it ends any other
  request.

Whether 354, 10089 and 10091 end a request is reported both ways: rust-ibapi #677 and PR #804 have
ticks after them, its #672 has none. 10167 comes only to a client that asked for delayed data
(`SLOTWISE_DELAYED_DATA`); 10168 says that TWS's user has not enabled it. By some reports on 101 the
request stays queued in TWS, so it is cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

import msgspec

from workers.gateway.broker import Cause, Upstream

#: A request is refused where no tick came for this long after a contested code, seconds. Bid and
#: ask of a stream come within 0.14 s, a model's computation within 1 s (measured on a TWS).
CONTESTED_S = 5.0
#: The same for a quote, seconds: a free line is worth more than certainty.
QUOTE_CONTESTED_S = 2.0
#: The same for a line after a code that announces a part of the data, or delayed data, seconds: a
#: farm may have to be connected first.
PARTIAL_S = 30.0


class Effect(Enum):
    """What a code does to the request it names."""

    NOTICE = auto()
    #: A part of the data comes, or delayed data.
    PARTIAL = auto()
    #: Data comes, or not: what arrives decides.
    CONTESTED = auto()
    #: The account's lines are used up.
    FULL = auto()
    #: No data comes, but TWS may keep the request.
    MUTE = auto()
    #: The request has ended, and TWS keeps nothing of it.
    ENDED = auto()


class Meaning(msgspec.Struct, frozen=True):
    """Meaning of one code; `words` are for people, `cause` for counting."""

    effect: Effect | Upstream
    words: str
    cause: Cause = Cause.OTHER


_DENIED = Cause.PERMISSION
CODES: Mapping[int, Meaning] = {
    0: Meaning(Effect.NOTICE, "a warning without a code"),
    100: Meaning(Effect.ENDED, "too many messages at once"),
    101: Meaning(Effect.FULL, "no market data line is left"),
    200: Meaning(Effect.ENDED, "TWS knows no such contract"),
    300: Meaning(Effect.NOTICE, "a cancel crossed the end of its request"),
    320: Meaning(Effect.ENDED, "TWS cannot read the request"),
    321: Meaning(Effect.ENDED, "TWS does not accept the request"),
    322: Meaning(Effect.ENDED, "TWS cannot process the request"),
    326: Meaning(Effect.NOTICE, "the client id is in use"),
    354: Meaning(Effect.CONTESTED, "no permission for this market data", _DENIED),
    1100: Meaning(Upstream.LOST, "TWS has lost IB"),
    1101: Meaning(Upstream.BACK_EMPTY, "IB is back, streams are lost"),
    1102: Meaning(Upstream.BACK, "IB is back, streams go on"),
    1300: Meaning(Upstream.PORT_MOVED, "the API's port has moved"),
    2103: Meaning(Upstream.FARM_BROKEN, "a market data farm is away"),
    2104: Meaning(Upstream.FARM, "a market data farm is back"),
    2105: Meaning(Upstream.FARM_NEWS, "a historical data farm is away"),
    2106: Meaning(Upstream.LINK_WORKS, "a historical data farm is back"),
    2107: Meaning(Upstream.FARM_NEWS, "a historical data farm rests"),
    2108: Meaning(Upstream.FARM_RESTS, "a market data farm rests"),
    2110: Meaning(Upstream.LOST, "TWS has lost IB, and will reconnect by itself"),
    2119: Meaning(Upstream.FARM_NEWS, "a market data farm is being connected"),
    2157: Meaning(Upstream.FARM_NEWS, "a contract definitions farm is away"),
    2158: Meaning(Upstream.LINK_WORKS, "a contract definitions farm is back"),
    2188: Meaning(Effect.PARTIAL, "a part of the market data comes"),
    10089: Meaning(Effect.CONTESTED, "the API has no permission for this market data", _DENIED),
    10090: Meaning(Effect.PARTIAL, "no permission for a part of this market data", _DENIED),
    10091: Meaning(Effect.CONTESTED, "the API has no permission for a part of it", _DENIED),
    10167: Meaning(Effect.PARTIAL, "delayed market data comes", _DENIED),
    10168: Meaning(Effect.MUTE, "no permission, and delayed data is not enabled", _DENIED),
    10186: Meaning(Effect.MUTE, "no permission, and delayed data is not enabled", _DENIED),
    10197: Meaning(Effect.MUTE, "another session has the market data", Cause.COMPETING),
}
#: Warnings and reports on farms.
NOTICES = range(2100, 2200)

CLIENT_ID_IN_USE = 326

_NOTICE = Meaning(Effect.NOTICE, "a notice")
_CONTESTED = Meaning(Effect.CONTESTED, "an error")
_ENDED = Meaning(Effect.ENDED, "an error")


def meaning_of(code: int, *, quoted: bool = False) -> Meaning:
    """Return what a code means; `quoted` where it names a line or a quote."""
    known = CODES.get(code)
    if known is not None:
        return known
    if code in NOTICES:
        return _NOTICE
    return _CONTESTED if quoted else _ENDED


def wait_s(effect: Effect, *, line: bool) -> float | None:
    """Return for how long ticks are waited for after an effect, seconds; None for not at all."""
    waits = {Effect.PARTIAL: PARTIAL_S, Effect.CONTESTED: CONTESTED_S}
    seconds = waits.get(effect)
    return seconds if line or seconds is None else min(seconds, QUOTE_CONTESTED_S)


def port_in(text: str) -> int | None:
    """Return the last number in a text that can be a port: notice 1300 names it at its end."""
    digits = "".join(c if c.isdecimal() and c.isascii() else " " for c in text).split()
    ports = [int(number) for number in digits if len(number) <= 5 and 0 < int(number) < 65536]
    return ports[-1] if ports else None
