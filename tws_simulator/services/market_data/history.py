"""Historical bars, and the newest bar as it grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.bars import BAR_SIZES_S, DURATIONS_S, bar, bars
from tws_simulator.market.market import Market
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused, resolve
from tws_simulator.services.common.scheduler import Entry, Scheduler
from tws_simulator.wire.history_replies import historical_data, historical_update
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.requests import HistoryRequest

#: What can be shown.
WHAT = frozenset(("TRADES", "MIDPOINT", "BID", "ASK", "BID_ASK", "ADJUSTED_LAST"))
#: The bar that is not over is sent this often, seconds.
UPDATE_S = 5.0
#: Ways clients write the end of a period; without a zone it is UTC.
END_FORMATS = ("%Y%m%d %H:%M:%S", "%Y%m%d-%H:%M:%S", "%Y%m%d")


@dataclass(slots=True)
class _Update:
    client: Client
    contract: Contract
    request: HistoryRequest
    next: Entry | None = None


class History:
    """Answer requests for bars."""

    def __init__(self, universe: Universe, market: Market, scheduler: Scheduler) -> None:
        self._universe = universe
        self._market = market
        self._scheduler = scheduler
        self._updates: dict[tuple[int, int], _Update] = {}

    def request(self, client: Client, request: HistoryRequest, now: float) -> None:
        """Send the bars of a period; go on with the newest where that was asked for."""
        contract = resolve(self._universe, request.contract)
        length_s = BAR_SIZES_S.get(request.bar_size)
        if length_s is None:
            raise Refused(
                ErrorCode.VALIDATING,
                f"Historical data bar size setting is invalid. Legal ones are: "
                f"{', '.join(BAR_SIZES_S)}",
            )
        if request.what.upper() not in WHAT:
            raise Refused(ErrorCode.VALIDATING, "Invalid source of historical data")
        duration_s = _duration_s(request.duration)
        end = max(min(_end(request.end, now), now), 0.0)
        start = max(end - duration_s, 0.0)
        what = request.what.upper()
        found = list(bars(self._market, contract, (start, end), length_s, what))
        client.send(
            historical_data(
                client.version, request.req_id, found, (start, end),
                request.date_format,
            )
        )  # fmt: skip
        if request.keep_up_to_date:
            update = _Update(client, contract, request)
            self._forget(client, request.req_id)
            self._updates[client.client_id, request.req_id] = update
            self._plan(update, now)

    def cancel(self, client: Client, req_id: int, now: float) -> None:
        """End updates; 366 where there are none."""
        if not self._forget(client, req_id):
            client.error(
                req_id,
                ErrorCode.NO_HISTORICAL_QUERY,
                f"No historical data query found for ticker id:{req_id}",
                now,
            )

    def leave(self, client: Client) -> None:
        """End all updates of a client."""
        for client_id, req_id in list(self._updates):
            if client_id == client.client_id:
                self._forget(client, req_id)

    def _forget(self, client: Client, req_id: int) -> bool:
        update = self._updates.pop((client.client_id, req_id), None)
        if update is not None and update.next is not None:
            update.next.call_off()
        return update is not None

    def _plan(self, update: _Update, now: float) -> None:
        update.next = self._scheduler.at(now + UPDATE_S, lambda at: self._step(update, at))

    def _step(self, update: _Update, now: float) -> None:
        request = update.request
        length_s = BAR_SIZES_S[request.bar_size]
        start = now // length_s * length_s
        newest = bar(self._market, update.contract, start, now, length_s, request.what.upper())
        update.client.send(historical_update(request.req_id, newest, request.date_format))
        self._plan(update, now)


def _duration_s(text: str) -> int:
    """Read a duration such as `1 D` or `3600 S`."""
    amount, _, unit = text.strip().partition(" ")
    unit_s = DURATIONS_S.get(unit.strip().upper() or "S")
    if unit_s is None or not amount.isdecimal() or not 0 < int(amount) <= 10**6:
        raise Refused(
            ErrorCode.VALIDATING,
            "Historical data query duration format is incorrect. "
            "Valid formats are: integer{SPACE}unit (S|D|W|M|Y)",
        )
    return int(amount) * unit_s


def _end(text: str, now: float) -> float:
    """Read the end of a period: nothing means now; a zone may follow."""
    if not text:
        return now
    head, _, zone_name = text.rpartition(" ")
    try:
        zone = ZoneInfo(zone_name) if head and not zone_name[:1].isdigit() else UTC
    except (OSError, ValueError, LookupError):
        raise Refused(ErrorCode.VALIDATING, f"Invalid time zone: {zone_name[:40]}") from None
    moment = text if zone is UTC else head
    for spelled in END_FORMATS:
        try:
            return datetime.strptime(moment.strip(), spelled).replace(tzinfo=zone).timestamp()
        except (ValueError, OverflowError):
            continue
    raise Refused(ErrorCode.VALIDATING, "Invalid end date")
