"""A busy day in a lake: each part of a report has at least one row.

80 holdings in two accounts; 24 of them in active strategies from the open, later 44, which is more
than the 40 lines allowed; one loss of the connection, one of a farm, one contract that waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from slotwise.contract import Contract
from slotwise.lake.store import Lake
from slotwise.rules.data_gaps import LineEvent, LineEventName
from slotwise.rules.valuation import PositionRow, position_row
from tests.support.day_rows import ReportRow, broken, queue_row, quoted
from tests.support.landed import put
from tests.support.values import contract, option, position

ACCOUNTS = ("DU1234567", "DU7654321")
HOLDINGS, ALLOWED = 80, 40
#: Contracts in active strategies: from the open on, and from noon in New York on.
EARLY, LATE = 24, 44
SYMBOLS = ("SPY", "QQQ", "IWM", "GLD", "TLT")
#: Time between two landings; a real beat would make a lake too large for a test.
LANDS_EACH = timedelta(minutes=10)
#: A symbol and a reason that would do harm on a page that took them for markup.
HOSTILE_SYMBOL = "<b>AT&T</b>"
HOSTILE_REASON = "TWS error 354: <script>document.title='broken'</script> for DU1234567"


class BusyDay:
    """Return a day's rows at the times of one date, UTC."""

    def __init__(self, lake: Lake, day: date) -> None:
        self._lake = lake
        self._midnight = datetime.combine(day, time(), UTC)

    def land(self) -> None:
        """Land everything."""
        self._positions()
        self._lines()
        self._quotes()
        self._reconciliations()

    def at(self, hour: float, seconds: float = 0.0) -> datetime:
        """Give a time of the day."""
        return self._midnight + timedelta(hours=hour, seconds=seconds)

    def _positions(self) -> None:
        held = {n: 10 + n for n in range(1, HOLDINGS + 1)}
        moves = {14.5: (3, 4), 15.0: (7, 0), 16.5: (81, 12), 18.0: (81, 20), 20.5: (9, 0)}
        self._landing(-2.0, held)
        hour = 13.5
        while hour <= 21.0:
            for when in [when for when in moves if when <= hour]:
                con_id, quantity = moves.pop(when)
                held[con_id] = quantity
            self._landing(hour, held)
            held = {n: quantity for n, quantity in held.items() if quantity}
            hour += LANDS_EACH / timedelta(hours=1)

    def _landing(self, hour: float, held: dict[int, int]) -> None:
        seen = self.at(hour)
        rows = [self._row(con_id, quantity, seen) for con_id, quantity in held.items()]
        landed = self.at(hour, 3.5)
        put(self._lake, "position_updates", rows, landed)
        items = [queue_row(f"i{con_id}-{hour:.3f}", "succeeded", seen) for con_id in held]
        put(self._lake, "position_queue", items, landed)

    def _row(self, con_id: int, quantity: int, when: datetime) -> PositionRow:
        held = position(
            con_id,
            quantity,
            account=ACCOUNTS[con_id % 2],
            contract=self._contract(con_id),
            observed_at=when,
        )
        return position_row(held, None, source="stream" if con_id <= EARLY else "batch")

    def _contract(self, con_id: int) -> Contract:
        if con_id == 3:
            return contract(3, symbol=HOSTILE_SYMBOL)
        symbol = SYMBOLS[con_id % len(SYMBOLS)]
        if con_id % 3:
            expiry = f"{self._midnight:%Y%m%d}" if con_id == 9 else "20291221"
            return option(con_id, symbol=symbol, strike=Decimal(400 + con_id), expiry=expiry)
        return contract(con_id, symbol=symbol)

    def _event(
        self, con_id: int, name: LineEventName, when: datetime, held: int, reason: str = ""
    ) -> LineEvent:
        return LineEvent(con_id, self._contract(con_id).label, name, reason, held, ALLOWED, when)

    def _put_lines(self, events: Iterable[LineEvent], when: datetime) -> None:
        put(self._lake, "line_events", list(events), when)

    def _lines(self) -> None:
        self._put_lines(self._opened(range(1, EARLY + 1), 13.5, 0), self.at(13.5, 5))
        lost = [
            self._event(n, "lost", self.at(15.1, -n / 10), 0, "TWS notice 1100")
            for n in range(1, EARLY + 1)
        ]
        self._put_lines(lost, self.at(15.1, 2))
        self._put_lines(self._opened(range(1, EARLY + 1), 15.6, 0), self.at(15.6, 5))
        self._put_lines(self._opened(range(EARLY + 1, ALLOWED + 1), 16, EARLY), self.at(16.0, 5))
        waits = [
            self._event(n, "waits", self.at(16.0, 1), ALLOWED, "40 of 40 lines are held")
            for n in range(ALLOWED + 1, LATE + 1)
        ]
        refused = self._event(5, "refused", self.at(17.2), ALLOWED - 1, HOSTILE_REASON)
        silent = self._event(12, "silent", self.at(18.1), ALLOWED - 1, "no tick for 31.0 s")
        back = self._event(12, "returned", self.at(18.9), ALLOWED - 1)
        self._put_lines([*waits, refused], self.at(17.2, 4))
        self._put_lines([silent], self.at(18.1, 31))
        self._put_lines([back], self.at(18.9, 4))
        closed = [
            self._event(
                n, "closed", self.at(20.0, n / 10), min(LATE - n, ALLOWED), "strategy closed"
            )
            for n in range(1, LATE + 1)
        ]
        self._put_lines(closed, self.at(20.0, 9))

    def _opened(self, con_ids: Iterable[int], hour: float, held: int) -> Iterator[LineEvent]:
        for place, con_id in enumerate(con_ids, 1):
            yield self._event(con_id, "opened", self.at(hour, place / 50), held + place)
            yield self._event(con_id, "first_tick", self.at(hour, place / 50 + 0.3), held + place)

    def _quotes(self) -> None:
        rows: list[Any] = []
        for con_id in range(EARLY + 1, HOLDINGS + 1):
            second = con_id * 2.0
            while second < 7.0 * 3600:
                lost = 1.55 * 3600 < second < 2.1 * 3600
                if not lost and not (con_id == 77 and second > 3.0 * 3600):
                    symbol = self._contract(con_id).symbol
                    rows.append(quoted(con_id, self.at(13.5, second), symbol=symbol))
                second += 60 + con_id
        put(self._lake, "quotes", rows, self.at(20.6))

    def _reconciliations(self) -> None:
        reports = []
        for number in range(30):
            when = self.at(13.6 + number / 4)
            status = "stale" if 6 <= number <= 7 else "broken" if number in (12, 13) else "matched"
            why = "no complete snapshot of DU1234567 in 60 s" if status == "stale" else None
            breaks = 2 if status == "broken" else 0
            reports.append(ReportRow(f"r{number}", when, status, why, matched=78, breaks=breaks))
        put(self._lake, "reconciliations", reports, self.at(21.0))
        first, second = self.at(16.6), self.at(17.1)
        found: dict[str, Any] = {"account": ACCOUNTS[1], "first_found_at": first}
        reported = [
            broken(81, first, **found, cause="fill", symbol="QQQ 20291221 P 481"),
            broken(81, second, **found, cause="fill", symbol="QQQ 20291221 P 481",
                   state="healed", lived_s=1800.0, evidence="bought 12 at 16:31:02 by client 9"),
            broken(3, second, account=ACCOUNTS[1], symbol=HOSTILE_SYMBOL, cause="manual_trade",
                   evidence=f"sold 9 by hand in {ACCOUNTS[1]}, <i>order 0</i>"),
            broken(9, self.at(20.6), account=ACCOUNTS[1], cause="expired", kind="missing_at_broker",
                   broker_quantity=None, evidence="its last day was today"),
        ]  # fmt: skip
        put(self._lake, "breaks", reported, self.at(21.0))
