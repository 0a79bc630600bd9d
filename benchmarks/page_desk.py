"""A desk for web pages: holdings that are published once, whose marks all move each second."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.marks import MarksBoard, encoded
from slotwise.contract import Contract
from slotwise.position import Position, Snapshot
from slotwise.quote import Quote
from slotwise.rules.marks.mark import Mark

#: Options of one underlying.
CHAIN = 100


class Desk:
    """Publishes holdings once, and marks that move each second."""

    def __init__(self, bus: Bus, holdings: int) -> None:
        now = datetime.now(UTC)
        contracts = [_option(number) for number in range(holdings)]
        self._ids = [one.con_id for one in contracts]
        self._marks = MarksBoard(bus)
        positions = tuple(
            Position(
                account="DU1234567",
                contract=one,
                quantity=Decimal(1 + one.con_id % 9),
                avg_cost=Decimal(250),
                observed_at=now,
            )
            for one in contracts
        )
        SnapshotBoard(bus).put(
            Snapshot(
                snapshot_id="bench",
                requested_at=now,
                completed_at=now,
                positions=positions,
            )
        )
        QuoteBoard(bus).put([_quote(con_id, now) for con_id in self._ids])
        self._began = now
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._move, name="marks", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Move marks no more."""
        self._ended.set()
        self._thread.join()

    def _move(self) -> None:
        step = 0
        while not self._ended.wait(1.0):
            step += 1
            at = datetime.now(UTC)
            age_s = (at - self._began).total_seconds()
            marks = [
                Mark(
                    con_id=con_id,
                    at_s=age_s,
                    value=3.0 + (con_id % 97) / 10 + (step * 7 + con_id) % 50 / 100,
                    band=0.04,
                    source="model",
                    quoted_at_s=0.0,
                    greeks_at_s=0.0,
                    underlying_at_s=age_s,
                )
                for con_id in self._ids
            ]
            self._marks.put(encoded(marks, at))


def _option(number: int) -> Contract:
    symbol = f"U{number // CHAIN}"
    return Contract(
        con_id=number + 1,
        symbol=symbol,
        sec_type="OPT",
        local_symbol=f"{symbol:6}280121P{number % CHAIN:08d}",
        expiry="20280121",
        strike=Decimal(100 + number % CHAIN),
        right="P",
        multiplier=Decimal(100),
        currency="USD",
        price_magnifier=1,
    )


def _quote(con_id: int, at: datetime) -> Quote:
    return Quote(
        con_id=con_id,
        bid=Decimal("3.10"),
        ask=Decimal("3.20"),
        delta=-0.25,
        gamma=0.01,
        vega=0.3,
        theta=-0.02,
        source="snapshot",
        # A moment before the marks, which are made from it.
        observed_at=at - timedelta(seconds=1),
    )
