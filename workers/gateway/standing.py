"""How the gateway stands, for screens and people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from slotwise.bus.status import GatewayStatus
from workers.gateway.line_table import LineTable
from workers.gateway.poller import Poller
from workers.gateway.rotator import Rotator
from workers.gateway.session import Session
from workers.gateway.streamer import Streamer

#: Of the contracts that wait so many are named: more fit no screen, and each costs a publication.
WAITING_LABELLED = 50


def standing(
    session: Session,
    streamer: Streamer,
    table: LineTable,
    rotator: Rotator,
    poller: Poller,
    *,
    detail: str,
    positions: int,
    handler_errors: Mapping[str, int],
    updates_lost: int,
    spooled: int,
) -> GatewayStatus:
    """Gather the status of the gateway's parts as of now."""
    owns = streamer.active.owns
    waiting = streamer.without_line()
    return GatewayStatus(
        at=datetime.now(UTC),
        session=session.state.value,
        detail=detail,
        limit=table.limit,
        lines={
            con_id: (line.contract.label, next(iter(owns(con_id)), ""))
            for con_id, line in table.held.items()
        },
        waiting=waiting,
        quotes_in_flight=len(table.quoting),
        positions=positions,
        polled_at=poller.polled_at,
        connected_at=session.connected_at,
        ticks=streamer.ticks,
        handler_errors=dict(handler_errors),
        updates_lost=updates_lost,
        full_refusals=table.full_refusals,
        spooled=spooled,
        refused={c: line.refusal.reason for c, line in table.refused.items()},
        rotation=rotator.status(),
        reserve=table.reserve,
        allowed=table.allowance.allowed,
        waiting_labels=streamer.labels_of(waiting[:WAITING_LABELLED]),
        sessions=session.history.all(),
    )
