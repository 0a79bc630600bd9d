"""The session with TWS and its market data, as the verdict takes them from the gateway's status."""

from __future__ import annotations

from slotwise.bus.status import GatewayStatus
from slotwise.condition import ConditionName
from slotwise.health.verdict.facts import MarketData, Session, Tws

#: Condition of the gateway -> the verdict's name of the session, the most specific first.
_CONDITIONS: dict[ConditionName, Session] = {
    "not_logged_in": "not_logged_in",
    "client_refused": "refused",
    "port_moved": "port_moved",
    "ib_lost": "upstream_lost",
}
#: Words of the session's state -> the verdict's name of it, where no condition says more.
_SESSIONS: dict[str, Session] = {
    "ready": "ready",
    "connecting": "connecting",
    "connecting, TWS has lost IB": "upstream_lost",
    "disconnected": "connecting",
    "waiting to reconnect": "unreachable",
    "TWS has lost IB": "upstream_lost",
    "ended": "unreachable",
}


def tws_of(status: GatewayStatus) -> Tws:
    """Return the state of the session; one that this version does not know counts as away."""
    conditions = {one.name: one for one in status.conditions}
    if status.connected_at is not None:
        moved = conditions.get("port_moved")
        return Tws(
            session="ready",
            since=status.connected_at,
            address=status.address,
            moved="" if moved is None else moved.text,
        )
    for name, session in _CONDITIONS.items():
        if (found := conditions.get(name)) is not None:
            text = status.detail or found.text
            return Tws(session=session, since=found.since, text=text, address=status.address)
    since = status.sessions[-1].at if status.sessions else None
    session = _SESSIONS.get(status.session, "unreachable")
    return Tws(session=session, since=since, text=status.detail, address=status.address)


def data_of(status: GatewayStatus) -> MarketData:
    """Return what keeps market data away from many contracts at once."""
    data = status.data
    competing = [one.since for one in status.conditions if one.name == "competing_session"]
    return MarketData(
        competing_since=competing[0] if competing else None,
        not_permitted=data.not_permitted,
        asked=data.asked,
        delayed=data.delayed,
        farms_down=data.farms_away,
    )
