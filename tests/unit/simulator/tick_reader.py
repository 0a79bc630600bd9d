"""A client's picture of its lines, made of ticks alone, with what no TWS would send as errors."""

from __future__ import annotations

from dataclasses import dataclass, field

from tws_simulator.services.market_data.in_flight import IN_FLIGHT_S

#: Where the request id and the tick type stand, by message id.
AT = {"1": (2, 3), "2": (2, 3), "21": (1, 2), "45": (2, 3), "46": (2, 3)}
#: Names of tick types: live, then delayed.
PRICES = {
    1: "bid", 2: "ask", 4: "last", 6: "high", 7: "low", 9: "close", 14: "open",
    66: "bid", 67: "ask", 68: "last", 72: "high", 73: "low", 75: "close", 76: "open",
}  # fmt: skip
SIZES = {
    0: "bid_size", 3: "ask_size", 5: "last_size", 8: "volume",
    69: "bid_size", 70: "ask_size", 71: "last_size", 74: "volume",
}  # fmt: skip
WITH_SIZE = ("bid", "ask", "last")
FIRST_DELAYED, LAST_DELAYED = 66, 90


@dataclass
class Line:
    """What one request was sent since its 58."""

    kind: int
    cancelled_at: float | None = None
    ended: bool = False
    reported: dict[str, float] = field(default_factory=dict)


class TickReader:
    """Read one client's messages in their order; asserts that each may come when it does."""

    def __init__(self) -> None:
        self.lines: dict[int, Line] = {}

    def cancelled(self, req_id: int, now: float) -> None:
        """Note that a request was cancelled."""
        line = self.lines.get(req_id)
        if line is not None and line.cancelled_at is None:
            line.cancelled_at = now

    def read(self, frames: list[list[str]], now: float) -> None:
        """Take what came up to now."""
        for fields in frames:
            if fields[0] == "58":
                self._announced(int(fields[2]), int(fields[3]))
            elif fields[0] == "57":
                line = self.lines[int(fields[2])]
                assert line.cancelled_at is None, "the end of a snapshot that was cancelled"
                assert not line.ended
                line.ended = True
            elif fields[0] == "4" and fields[3] == "1101":
                for line in self.lines.values():
                    line.ended = True
            elif fields[0] in AT:
                req_at, type_at = AT[fields[0]]
                self._tick(fields, int(fields[req_at]), int(fields[type_at]), now)
        for line in self.lines.values():
            bid, ask = line.reported.get("bid", -1.0), line.reported.get("ask", -1.0)
            assert min(bid, ask) == -1.0 or bid < ask

    def _announced(self, req_id: int, kind: int) -> None:
        line = self.lines.get(req_id)
        if line is None or line.cancelled_at is not None or line.ended or line.kind != kind:
            self.lines[req_id] = Line(kind)
        else:
            # Announced once more: TWS had lost the line, or has opened it again.
            line.reported.clear()

    def _tick(self, fields: list[str], req_id: int, tick_type: int, now: float) -> None:
        assert req_id in self.lines, "a tick before its 58"
        line = self.lines[req_id]
        assert not line.ended, "a tick of a request that has ended"
        if line.cancelled_at is not None:
            assert now <= line.cancelled_at + IN_FLIGHT_S[1], "a tick long after the cancel"
        if tick_type not in (49, 90):
            assert (FIRST_DELAYED <= tick_type <= LAST_DELAYED) is (line.kind in (3, 4))
        if tick_type in PRICES:
            self._price(line, PRICES[tick_type], fields)
        elif tick_type in SIZES:
            assert int(fields[4]) >= 0
            line.reported[SIZES[tick_type]] = int(fields[4])
        elif tick_type in (45, 88):
            line.reported["last_at"] = int(fields[4])

    @staticmethod
    def _price(line: Line, name: str, fields: list[str]) -> None:
        price = float(fields[4])
        assert price > 0 or (price == -1.0 and name in ("bid", "ask"))
        line.reported[name] = price
        if name in WITH_SIZE and fields[5]:
            assert (int(fields[5]) == 0) is (price == -1.0)
            line.reported[f"{name}_size"] = int(fields[5])
