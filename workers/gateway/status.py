"""How the gateway stands, for screens and people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from slotwise.bus.status import GatewayStatus, LegStatus, MarketDataStatus
from slotwise.bus.witness_status import WitnessStatus
from slotwise.position import Unknown
from workers.gateway.lines.rotator import Rotator
from workers.gateway.lines.streamer import Streamer
from workers.gateway.lines.table import LineTable
from workers.gateway.positions.poller import Poller
from workers.gateway.session.session import Session

#: Of the contracts that wait this many are named: more fit no screen, and each costs a publication.
WAITING_LABELLED = 50


def gateway_status(
    session: Session,
    streamer: Streamer,
    table: LineTable,
    rotator: Rotator,
    poller: Poller,
    *,
    detail: str,
    unknown: Mapping[str, Unknown],
    positions: int,
    handler_errors: Mapping[str, int],
    handlers_busy_s: Mapping[str, float],
    updates_lost: int,
    spooled: int,
    spool_share: float,
    spool_error: str,
    spool_oldest_s: float,
    data: MarketDataStatus,
    legs: tuple[LegStatus, ...] = (),
    address: str = "",
    currencies_without_rate: tuple[str, ...] = (),
    rates_trouble: str = "",
    witness: WitnessStatus,
) -> GatewayStatus:
    """Gather the status of the gateway's parts as of now."""
    owns = streamer.active.owns
    waiting = streamer.without_line()
    return GatewayStatus(
        at=datetime.now(UTC),
        session=session.state.value,
        detail=detail or "; ".join(one.of(account) for account, one in unknown.items()),
        unknown=dict(unknown),
        limit=table.allowance.granted,
        lines={
            con_id: (line.label, next(iter(owns(con_id)), ""))
            for con_id, line in table.held.items()
        },
        waiting=waiting,
        quotes_in_flight=len(table.quoting),
        positions=positions,
        polled_at=poller.polled_at,
        connected_at=session.connected_at,
        ticks=streamer.ticks,
        handler_errors=dict(handler_errors),
        handlers_busy_s={name: round(s, 1) for name, s in handlers_busy_s.items()},
        updates_lost=updates_lost,
        full_refusals=table.full_refusals,
        spooled=spooled,
        spool_share=round(spool_share, 3),
        spool_error=spool_error,
        spool_oldest_s=round(spool_oldest_s, 1),
        refused={c: line.refusal.reason for c, line in table.refused.items()},
        rotation=rotator.status(),
        address=address,
        currencies_without_rate=currencies_without_rate,
        rates_trouble=rates_trouble,
        reserve=table.reserve,
        kept_for_quotes=table.kept_for_quotes,
        allowed=table.allowance.allowed,
        waiting_labels=streamer.labels_of(waiting[:WAITING_LABELLED]),
        sessions=session.history.all(),
        legs=legs,
        data=data,
        conditions=session.conditions.all(),
        witness=witness,
    )
