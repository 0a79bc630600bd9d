"""Executions of the day, as clients ask for them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tws_simulator.book.order import Execution
from tws_simulator.market.market import NEW_YORK
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import Refused
from tws_simulator.services.orders.trades import Trades
from tws_simulator.wire.fill_replies import commission, execution
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.order_requests import ExecutionsRequest
from tws_simulator.wire.system_replies import executions_end

#: How clients spell the side of an execution.
SIDES = {"": "", "BUY": "BOT", "BOT": "BOT", "SELL": "SLD", "SLD": "SLD"}
#: 20261123-09:30:00 is UTC; 20261123 09:30:00 is New York's unless a zone follows.
_TIME = re.compile(r"(\d{8})(-| {1,2})(\d\d:\d\d:\d\d)(?: (\S+))?\Z")


class Executions:
    """Answer requests for executions."""

    def __init__(self, trades: Trades) -> None:
        self._trades = trades

    def answer(self, client: Client, request: ExecutionsRequest, now: float) -> None:
        """Send what fits, each with its commission, then the end; raises Refused."""
        since = _unix(request.since) if request.since else 0.0
        side = SIDES.get(request.side.upper())
        if side is None:
            raise Refused(ErrorCode.VALIDATING, f"Invalid side {request.side[:20]}")
        for one in self._trades.executions(now):
            if one.at >= since and side in ("", one.side) and _fits(one, request):
                client.send(execution(client.version, request.req_id, one))
                if not one.is_combo:
                    client.send(commission(client.version, one))
        client.send(executions_end(request.req_id))


def _fits(one: Execution, request: ExecutionsRequest) -> bool:
    kind = "BAG" if one.is_combo else one.contract.sec_type
    return (
        request.client_id in (0, one.client_id)
        and request.account in ("", one.account)
        and request.symbol in ("", one.contract.symbol)
        and request.sec_type in ("", kind)
        and request.exchange in ("", one.exchange)
    )


def _unix(text: str) -> float:
    """Read a time; raises Refused."""
    match = _TIME.match(text)
    try:
        if match is None:
            raise ValueError(text)
        at = datetime.strptime(f"{match[1]} {match[3]}", "%Y%m%d %H:%M:%S")
        zone = UTC if match[2] == "-" else ZoneInfo(match[4]) if match[4] else NEW_YORK
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise Refused(ErrorCode.VALIDATING, f"Invalid time {text[:40]}") from error
    return at.replace(tzinfo=zone).timestamp()
