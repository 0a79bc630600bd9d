"""StatusReporter: the gateway's status, read from its parts and published."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from slotwise.account import known_accounts
from slotwise.bus.account_names import AccountNames
from slotwise.bus.status import GatewayStatus
from slotwise.bus.witness_status import WitnessStatus
from workers.gateway.aio import call_on
from workers.gateway.parts import Parts
from workers.gateway.status import gateway_status


class StatusReporter:
    """Read the status of the parts, and put it on the board."""

    def __init__(
        self,
        parts: Parts,
        address: str,
        on_board_lost: Callable[[], None],
        witness: Callable[[], WitnessStatus] = WitnessStatus,
    ) -> None:
        self._parts = parts
        self._witness = witness
        self._address = address
        self._on_board_lost = on_board_lost

    def read(self) -> GatewayStatus:
        """Return the status of the gateway as of now."""
        parts, lines, positions = self._parts, self._parts.lines, self._parts.positions
        session, streamer, rotator = parts.session, lines.streamer, lines.rotator
        held = positions.router.portfolio.by_key
        return gateway_status(
            session,
            streamer,
            lines.table,
            rotator,
            positions.poller,
            detail=session.detail or lines.watch.stale(),
            unknown=positions.holdings.unknown,
            positions=len(held),
            handler_errors=parts.outbox.hub.errors(),
            handlers_busy_s=parts.outbox.hub.busy_s(),
            updates_lost=parts.outbox.publisher.lost + parts.outbox.sender.lost,
            spooled=parts.outbox.sender.waiting,
            spool_share=parts.outbox.sender.share,
            spool_error=parts.outbox.sender.refused,
            spool_oldest_s=parts.outbox.sender.oldest_s,
            address=self._address,
            currencies_without_rate=lines.rates.lacking(held.values()),
            rates_trouble=lines.rates.trouble,
            witness=self._witness(),
            legs=lines.states.read(
                streamer.active,
                connected=session.connected_at is not None,
                now=time.monotonic(),
                at=datetime.now(UTC),
            ),
            data=parts.data.read(
                {*streamer.active.wanted, *rotator.con_ids},
                lines.table.held,
                time.monotonic(),
                datetime.now(UTC),
                rotator.fell_silent,
            ),
        )

    def publish(self, status: GatewayStatus) -> None:
        """Publish a status, the verdict on it, and look whether the boards are still filled."""
        filled = self._parts.positions.poller.polled_at is not None
        outbox = self._parts.outbox
        outbox.publisher.send(
            partial(outbox.status.put, status),
            partial(self._look_after_board, asyncio.get_running_loop(), filled),
            outbox.verdict.look,
            slot="status",
        )

    def publish_last(self) -> None:
        """Publish the status at the end."""
        outbox = self._parts.outbox
        outbox.publisher.send(partial(outbox.status.put, self.read()), slot="status")

    def publish_accounts(self) -> None:
        """Publish the names of the accounts that others mask."""
        outbox, names = self._parts.outbox, AccountNames(known_accounts())
        outbox.publisher.send(partial(outbox.status.put, names), slot="accounts")

    def _look_after_board(self, loop: asyncio.AbstractEventLoop, filled: bool) -> None:
        if filled and self._parts.outbox.snapshots.head() is None:
            call_on(loop, self._on_board_lost)
