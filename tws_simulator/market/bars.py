"""Historical bars: the walk, looked at again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tws_simulator.instruments.contract import Contract
from tws_simulator.market.calendar import DAY_S
from tws_simulator.market.market import Market
from tws_simulator.market.paces import PACES

#: Bar sizes of TWS, seconds.
BAR_SIZES_S = {
    **{f"{n} secs": n for n in (1, 5, 10, 15, 30)},
    **{f"{n} min{'s' * (n > 1)}": n * 60 for n in (1, 2, 3, 5, 10, 15, 20, 30)},
    **{f"{n} hour{'s' * (n > 1)}": n * 3600 for n in (1, 2, 3, 4, 8)},
    "1 sec": 1, "1 day": DAY_S, "1 week": 7 * DAY_S, "1 month": 30 * DAY_S,
    "1W": 7 * DAY_S, "1M": 30 * DAY_S,
}  # fmt: skip
#: Units of a duration, seconds.
DURATIONS_S = {"S": 1, "D": DAY_S, "W": 7 * DAY_S, "M": 30 * DAY_S, "Y": 365 * DAY_S}
#: Most bars in one answer; TWS stops near here too.
MAX_BARS = 3000
#: Prices looked at within a bar.
SAMPLES = 5
#: What can be shown that is no trade: no volume, TWS sends -1.
QUOTED = frozenset(("BID", "ASK", "MIDPOINT", "BID_ASK"))


class Bar(NamedTuple):
    """Hold one bar; volume, average and trades are -1 where there are no trades."""

    start: float
    length_s: int
    open: float
    high: float
    low: float
    close: float
    volume: int
    average: float
    trades: int


def bars(
    market: Market, contract: Contract, period: tuple[float, float], length_s: int, what: str
) -> Iterator[Bar]:
    """Return the bars of a period (unix seconds), the oldest first."""
    start, end = period
    first = int(start // length_s) + 1
    last = int(end // length_s)
    for number in range(max(first, last - MAX_BARS + 1), last + 1):
        yield bar(market, contract, number * length_s, end, length_s, what)


def bar(
    market: Market, contract: Contract, start: float, now: float, length_s: int, what: str
) -> Bar:
    """Return the bar that starts at `start`; one that is not over ends now."""
    end = max(min(start + length_s, now), start)
    step = (end - start) / SAMPLES
    seen = [market.price(contract, start + n * step) for n in range(SAMPLES + 1)]
    opened, high, low, close = seen[0], max(seen), min(seen), seen[-1]
    if what in QUOTED:
        return Bar(start, length_s, opened, high, low, close, -1, -1.0, -1)
    pace = PACES[contract.sec_type]
    count = int((end - start) / pace.trade_every_s) + 1
    volume = 0 if contract.sec_type == "IND" else count * pace.max_trade // 2
    average = round((opened + high + low + close) / 4, 4)
    return Bar(start, length_s, opened, high, low, close, volume, average, count)
