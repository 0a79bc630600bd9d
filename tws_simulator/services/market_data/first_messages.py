"""TWS's messages on a market data request before its ticks."""

from __future__ import annotations

from tws_simulator.instruments.details import BBO_EXCHANGE
from tws_simulator.services.common.client import Client
from tws_simulator.services.market_data.entitlements import TEXTS, Remark
from tws_simulator.services.market_data.view import View
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.market_replies import market_data_type, tick_req_params

#: Permission to take regulatory snapshots, as captured from TWS.
SNAPSHOT_PERMISSIONS = 3


def greet(client: Client, req_id: int, view: View, remark: Remark | None, now: float) -> int:
    """Send the type of data, a warning or remark, and its parameters; return the type."""
    contract = view.contract
    kind = view.sight(now).kind
    if remark is not None and remark.first:
        client.error(req_id, remark.code, remark.text, now)
    client.send(market_data_type(req_id, kind))
    if remark is not None:
        if not remark.first:
            client.error(req_id, remark.code, remark.text, now)
    elif view.delayed:
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
