"""What TWS says of a market data request before its ticks."""

from __future__ import annotations

from workers.simulator.desks.client import Client
from workers.simulator.desks.entitlements import TEXTS
from workers.simulator.desks.view import View
from workers.simulator.instruments.details import BBO_EXCHANGE
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.market_replies import market_data_type, tick_req_params

#: Permission to take regulatory snapshots, as captured from TWS.
SNAPSHOT_PERMISSIONS = 3


def greet(client: Client, req_id: int, view: View, now: float) -> int:
    """Send the type of data, a warning if it is delayed, and its parameters; return the type."""
    contract = view.contract
    kind = view.sight(now).kind
    client.send(market_data_type(req_id, kind))
    if view.delayed:
        code = ErrorCode.DISPLAYING_DELAYED
        client.error(req_id, code, TEXTS[code], now)
    is_smart = contract.sec_type == "STK"
    client.send(
        tick_req_params(
            req_id,
            contract.min_tick,
            BBO_EXCHANGE if is_smart else "",
            SNAPSHOT_PERMISSIONS if is_smart else 0,
        )
    )
    return kind
