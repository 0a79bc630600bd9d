"""Requests that a probe alone makes: an account's updates, and the profit of single holdings."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from slotwise.errors import BrokerError
from workers.probe.session import ProbeSession


@asynccontextmanager
async def account_updates(session: ProbeSession, account: str) -> AsyncIterator[None]:
    """Subscribe to an account's updates for the block."""
    await session.pace()
    session.broker.link.client.reqAccountUpdates(True, account)
    try:
        yield
    finally:
        with contextlib.suppress(BrokerError):
            session.broker.link.client.reqAccountUpdates(False, account)


@asynccontextmanager
async def single_profits(
    session: ProbeSession, holdings: Sequence[tuple[str, int]]
) -> AsyncIterator[None]:
    """Subscribe to profit and loss of holdings (account, contract id) for the block."""
    asked: list[int] = []
    try:
        for account, con_id in holdings:
            await session.pace()
            client = session.broker.link.client
            asked.append(client.getReqId())
            client.reqPnLSingle(asked[-1], account, "", con_id)
        yield
    finally:
        for req_id in asked:
            with contextlib.suppress(BrokerError):
                await session.pace()
                session.broker.link.client.cancelPnLSingle(req_id)
