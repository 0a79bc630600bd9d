"""Replies to requests for bars."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from tws_simulator.market.bars import Bar
from tws_simulator.market.calendar import DAY_S
from tws_simulator.wire.frames import frame
from tws_simulator.wire.ids import Reply

#: From this version on the period comes in a message of its own, at the end.
VERSION_SEPARATE_END = 196
#: `formatDate` of a client that wants unix seconds.
EPOCH = 2


def historical_data(
    version: int, req_id: int, bars: Sequence[Bar], period: tuple[float, float], date_format: int
) -> bytes:
    """Encode bars, and the period they lie in."""
    rows: list[object] = []
    for bar in bars:
        rows += [
            bar_date(bar, date_format), bar.open, bar.high, bar.low, bar.close, bar.volume,
            bar.average, bar.trades,
        ]  # fmt: skip
    start, end = (_stamp(moment) for moment in period)
    if version >= VERSION_SEPARATE_END:
        return frame(Reply.HISTORICAL_DATA, req_id, len(bars), *rows) + frame(
            Reply.HISTORICAL_DATA_END, req_id, start, end
        )
    return frame(Reply.HISTORICAL_DATA, req_id, start, end, len(bars), *rows)


def historical_update(req_id: int, bar: Bar, date_format: int) -> bytes:
    """Encode the bar that is not over; its fields have another order than in the answer."""
    return frame(
        Reply.HISTORICAL_DATA_UPDATE, req_id, bar.trades, bar_date(bar, date_format), bar.open,
        bar.close, bar.high, bar.low, bar.average, bar.volume,
    )  # fmt: skip


def bar_date(bar: Bar, date_format: int) -> str:
    """Write a bar's start: a day for daily bars, else as the client asked."""
    moment = datetime.fromtimestamp(bar.start, UTC)
    if bar.length_s >= DAY_S:
        return f"{moment:%Y%m%d}"
    return str(int(bar.start)) if date_format == EPOCH else f"{moment:%Y%m%d %H:%M:%S} UTC"


def _stamp(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y%m%d-%H:%M:%S}"
