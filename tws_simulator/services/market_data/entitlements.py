"""Market data that the login may not see, or only in part, and TWS's notices on it.

| the login has | asked for live (types 1, 2)            | asked for delayed (types 3, 4) |
|---------------|----------------------------------------|--------------------------------|
| live data     | live                                   | live                           |
| delayed data  | refused: 354, 10089, 10168, 200        | 10167, then delayed            |
| none          | refused: 354, 10089, 10168, 200        | refused with the same          |
| a part        | a remark (10090, 10091, 2188), then live | the same                     |
| delayed data, and a remark | refused with the remark's code | the remark, then delayed  |

A refusal comes at once or later: the server decides, TWS only passes it on. After a remark nothing
may come at all. Of the rules that choose a contract the newest decides; without one, the terms that
its portfolio file gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.terms import DataTerms
from tws_simulator.services.common.resolve import NOT_FOUND, Refused
from tws_simulator.services.common.selector import Selector
from tws_simulator.services.market_data.view import DELAYED, DELAYED_FROZEN
from tws_simulator.wire.ids import ErrorCode

#: The text of each code.
TEXTS: Mapping[int, str] = {
    ErrorCode.NO_SECURITY: NOT_FOUND,
    ErrorCode.NOT_SUBSCRIBED: "Requested market data is not subscribed.",
    ErrorCode.HISTORY_SUBSCRIPTION: (
        "Up-to-the-second data requires additional subscription for the API."
    ),
    ErrorCode.SUBSCRIPTION_FOR_API: (
        "Requested market data requires additional subscription for API. "
        "See link in 'Market Data Connections' dialog for more details."
    ),
    ErrorCode.PART_NOT_SUBSCRIBED: (
        "Part of requested market data is not subscribed. "
        "Subscription-independent ticks are still active."
    ),
    ErrorCode.PART_SUBSCRIPTION_FOR_API: (
        "Part of requested market data requires additional subscription for API. "
        "See link in 'Market Data Connections' dialog for more details."
    ),
    ErrorCode.DISPLAYING_DELAYED: (
        "Requested market data is not subscribed. Displaying delayed market data."
    ),
    ErrorCode.DELAYED_NOT_ENABLED: (
        "Requested market data is not subscribed. Delayed market data is not enabled."
    ),
    ErrorCode.COMPETING_SESSION: "No market data during competing live session",
}
#: The same in the language of a German TWS, translated freely: no client may match on texts.
GERMAN_TEXTS: Mapping[int, str] = {
    ErrorCode.NOT_SUBSCRIBED: (
        "Die angeforderten Marktdaten sind nicht abonniert. "
        "Verz\u00f6gerte Marktdaten sind verf\u00fcgbar."
    ),
    ErrorCode.SUBSCRIPTION_FOR_API: (
        "Die angeforderten Marktdaten erfordern ein zus\u00e4tzliches Abonnement f\u00fcr die API. "
        "Verz\u00f6gerte Marktdaten sind verf\u00fcgbar."
    ),
    ErrorCode.PART_NOT_SUBSCRIBED: (
        "Ein Teil der angeforderten Marktdaten ist nicht abonniert. "
        "Vom Abonnement unabh\u00e4ngige Ticks sind weiterhin aktiv."
    ),
    ErrorCode.PART_SUBSCRIPTION_FOR_API: (
        "Ein Teil der angeforderten Marktdaten erfordert ein zus\u00e4tzliches Abonnement f\u00fcr "
        "die API."
    ),
    ErrorCode.DISPLAYING_DELAYED: (
        "Die angeforderten Marktdaten sind nicht abonniert. "
        "Verz\u00f6gerte Marktdaten werden angezeigt."
    ),
}
LANGUAGES: Mapping[str, Mapping[int, str]] = {"en": TEXTS, "de": GERMAN_TEXTS}
#: Codes that leave delayed data, if nothing else follows: only 354 can mean that there is none.
LEAVES_DELAYED = frozenset((ErrorCode.SUBSCRIPTION_FOR_API, ErrorCode.DELAYED_NOT_ENABLED))


@dataclass(frozen=True, slots=True)
class Denial:
    """Hold why live data is refused, whether delayed data is left, and how late that is sent."""

    code: ErrorCode
    delayed: bool
    delay_s: float = 0.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """The notices on a request that goes on.

    With `delayed` the data is delayed, and requests of live data are refused. Without `ticks`
    nothing follows. With `first` it comes before 58 and not after.
    """

    code: ErrorCode
    text: str
    delayed: bool = False
    ticks: bool = True
    first: bool = False
    #: Delayed data comes to clients that ask for live data too.
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """Hold what a request is given: live or delayed data, and a remark."""

    delayed: bool
    remark: Remark | None = None


class DeniedLater(Refused):
    """TWS refuses a request, but only after some seconds."""

    def __init__(self, code: ErrorCode, text: str, delay_s: float) -> None:
        super().__init__(code, text)
        self.delay_s = delay_s


LIVE_DATA = Permission(delayed=False)
#: A rule that gives live data again.
Rule = Denial | Remark | None


def rule_of(terms: DataTerms | None) -> Rule:
    """Return the rule that the terms of a portfolio file are."""
    if terms is None:
        return None
    code = ErrorCode(terms.code)
    if terms.then == "refused":
        return Denial(code, delayed=False, text=terms.text)
    text = terms.text or TEXTS[code]
    unasked = terms.then == "delayed_unasked"
    return Remark(code, text, delayed=terms.then == "delayed" or unasked, unasked=unasked)


class Entitlements:
    """Decide what the login may see of each contract."""

    def __init__(self) -> None:
        #: The newest last.
        self._rules: dict[Selector, Rule] = {}

    def rule(self, chosen: Selector, rule: Rule) -> None:
        """Set the rule of the contracts that a selector chooses; None is live data."""
        self._rules.pop(chosen, None)
        if chosen == Selector():
            self._rules.clear()
        self._rules[chosen] = rule

    def permission(self, contract: Contract, wanted: int) -> Permission:
        """Return what a request for a type of data is given; raises Refused for no data."""
        rule = next(
            (self._rules[chosen] for chosen in reversed(self._rules) if chosen.chooses(contract)),
            rule_of(contract.terms),
        )
        if rule is None:
            return LIVE_DATA
        wants_delayed = wanted in (DELAYED, DELAYED_FROZEN)
        if isinstance(rule, Remark):
            if rule.delayed and not wants_delayed and not rule.unasked:
                raise Refused(rule.code, rule.text)
            return Permission(rule.delayed, rule)
        if rule.delayed and wants_delayed:
            return Permission(delayed=True)
        text = rule.text or TEXTS[rule.code]
        raise (
            DeniedLater(rule.code, text, rule.delay_s) if rule.delay_s else Refused(rule.code, text)
        )
