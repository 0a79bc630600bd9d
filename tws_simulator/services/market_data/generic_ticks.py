"""Ticks that a client asks for by number, besides the quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tws_simulator.instruments.contract import Contract
from tws_simulator.market.quote import Size
from tws_simulator.market.statistics import Statistics
from tws_simulator.services.common.resolve import Refused
from tws_simulator.services.market_data.generic_values import MAKERS, Asked, Value, encode
from tws_simulator.services.market_data.view import Sight, View
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.ticks import Tick

#: A line's further ticks are looked at this often while it does not trade, seconds.
INTERVAL_S = 1.0


@dataclass(frozen=True, slots=True)
class _Listed:
    """Hold TWS's name of a number, the number's other spelling, and where it is refused."""

    name: str
    alias: int = 0
    hidden: bool = False
    only: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()


#: What may be asked for; the names are those TWS's refusal lists (captured).
LISTED: Mapping[int, _Listed] = {
    100: _Listed("Option Volume"),
    101: _Listed("Option Open Interest"),
    104: _Listed("Historical Volatility", hidden=True),
    105: _Listed("Average Opt Volume"),
    106: _Listed("impvolat"),
    162: _Listed("Index Future Premium", only=frozenset(("IND",))),
    165: _Listed("Misc. Stats"),
    221: _Listed("Creditman Mark Price", alias=220),
    225: _Listed("Auction"),
    232: _Listed("Pl Price", alias=221),
    233: _Listed("RTVolume"),
    236: _Listed("inventory"),
    258: _Listed("Fundamentals", alias=47),
    292: _Listed("Wide_news"),
    293: _Listed("TradeCount"),
    294: _Listed("TradeRate"),
    295: _Listed("VolumeRate"),
    318: _Listed("LastRTHTrade"),
    375: _Listed("RTTrdVolume"),
    411: _Listed("rthistvol"),
    456: _Listed("IBDividends", alias=59, never=frozenset(("CASH", "BOND"))),
    460: _Listed("Bond Factor Multiplier"),
    577: _Listed("EtfNavLast(navlast)"),
    586: _Listed("IPOHLMPRC"),
    587: _Listed("Pl Price Delayed"),
    588: _Listed("Futures Open Interest"),
    595: _Listed("Short-Term Volume X Mins", never=frozenset(("IND", "CASH"))),
    614: _Listed("EtfNavMisc(high/low)"),
    619: _Listed("Creditman Slow Mark Price"),
    623: _Listed("EtfFrozenNavLast(fznavlast)"),
}
_NUMBERS: Mapping[int, int] = {
    **{number: number for number in LISTED},
    **{listed.alias: number for number, listed in LISTED.items() if listed.alias},
}
#: What is given with delayed data (IB documentation); the others are taken and give nothing.
WITH_DELAYED = frozenset((101, 106, 165, 221, 232, 236, 258))
#: Most of a refused list that the refusal repeats, characters.
MAX_ECHO = 1000
#: Turns quotes off where news is asked for; here it changes nothing.
MARKET_DATA_OFF = "mdoff"

_NUMBER = re.compile(r"\+?[0-9]{1,9}\Z")


def read_list(text: str, sec_type: str) -> tuple[int, ...]:
    """Read a generic tick list; raises Refused with TWS's text where one of it is not legal."""
    numbers: dict[int, None] = {}
    for token in (part.strip() for part in text.split(",")):
        if not token or token.lower() == MARKET_DATA_OFF:
            continue
        number, colon, parameter = token.partition(":")
        known = _NUMBERS.get(int(number)) if _NUMBER.match(number) else None
        if known is None or not _legal(LISTED[known], sec_type) or (colon and not parameter):
            legal = ",".join(
                f"{n}/{listed.alias}({listed.name})" if listed.alias else f"{n}({listed.name})"
                for n, listed in LISTED.items()
                if not listed.hidden and _legal(listed, sec_type)
            )
            raise Refused(
                ErrorCode.VALIDATING,
                f"Incorrect generic tick list of {text[:MAX_ECHO]}.  "
                f"Legal ones for ({sec_type}) are: {legal}",
            )
        numbers[known] = None
    return tuple(numbers)


def _legal(listed: _Listed, sec_type: str) -> bool:
    return sec_type not in listed.never and (not listed.only or sec_type in listed.only)


class GenericTicks:
    """Send one line what it asked for, and afterwards what changed of it."""

    def __init__(self, numbers: tuple[int, ...], view: View, statistics: Statistics) -> None:
        self._makers = [
            MAKERS[number]
            for number in numbers
            if number in MAKERS and (number in WITH_DELAYED or not view.delayed)
        ]
        self._view = view
        self._statistics = statistics
        self._sent: dict[int, Value] = {}
        self._at = 0.0
        self._volume: Size = -1

    def ticks(self, sight: Sight, now: float) -> list[Tick]:
        """Return what differs from what was sent, at each trade and at least once a second."""
        volume = sight.quote.volume
        if volume == self._volume and now - self._at < INTERVAL_S:
            return []
        self._at, self._volume = now, volume
        asked = Asked(self._view.contract, sight, self._view.seen_at(now), self._statistics)
        ticks = []
        for maker in self._makers:
            for kind, value in maker(asked):
                if self._sent.get(kind) != value:
                    self._sent[kind] = value
                    ticks.append(encode(kind, value))
        return ticks


def generic_ticks(
    text: str, contract: Contract, view: View, statistics: Statistics
) -> GenericTicks | None:
    """Make the notifications of a list; None where it asks for nothing. Raises Refused."""
    numbers = read_list(text, contract.sec_type)
    return GenericTicks(numbers, view, statistics) if numbers else None
