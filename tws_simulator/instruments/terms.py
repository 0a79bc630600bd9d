"""On which terms a login gets the market data of a contract, as a portfolio file gives them.

`then` says what comes after the code: `live` ticks, `delayed` ones, or nothing (`refused`). Delayed
ones come to who asks for them, and who asks for live data is refused with the code;
`delayed_unasked` ones come to both. Commands can change it while it runs
(`services.market_data.entitlements`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Then: TypeAlias = Literal["live", "delayed", "delayed_unasked", "refused"]
THENS: tuple[Then, ...] = get_args(Then)
_DELAYED: frozenset[Then] = frozenset(("delayed", "delayed_unasked"))
_LIVE: frozenset[Then] = frozenset(("live",))
_REFUSED: frozenset[Then] = frozenset(("refused",))
#: Codes, and what may come after each. 10089 is contested: a remark in delayed mode in one report,
#: an end in another.
CODES: Mapping[int, frozenset[Then]] = {
    200: _REFUSED,
    354: _DELAYED | _REFUSED,
    2188: _LIVE | _DELAYED,
    10089: _LIVE | _DELAYED | _REFUSED,
    10090: _LIVE | _DELAYED,
    10091: _LIVE | _DELAYED,
    10167: _DELAYED,
    10168: _REFUSED,
}


@dataclass(frozen=True, slots=True)
class DataTerms:
    """Hold a code of `CODES`, what comes after it, and TWS's text; an empty text is the usual."""

    code: int
    then: Then
    text: str = ""
