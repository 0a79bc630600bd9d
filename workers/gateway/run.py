"""From settings to a running gateway."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import structlog

from slotwise.bus.client import Bus
from slotwise.bus.lake_identity import LakeIdentity
from slotwise.bus.version import claim_version
from slotwise.errors import BusError, LakeError
from slotwise.handlers import Handler
from slotwise.health.server import Health, serve
from slotwise.registry import StrategyRegistry
from slotwise.settings import Settings
from workers.gateway.gateway import Gateway
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.lake_questions import LOG_ACCOUNTS, LOG_JSON
from workers.gateway.lake_reader import LakeReader
from workers.gateway.leadership import Fenced, Leadership, myself
from workers.gateway.registry_copy import CopiedRegistryStore
from workers.gateway.user_handlers import load_handlers
from workers.gateway.wire_log import WireLog

log = structlog.get_logger(__name__)

#: A gateway ends within this, seconds, unless it waits for the lake.
END_S = 2.0


async def run_gateway(settings: Settings, *, standby: bool = False) -> None:
    """Run the gateway until SIGTERM or SIGINT; a standby waits for its turn first.

    Raises BusError, LakeError, InputError or BrokerUnreachableError, each with one clear line,
    when it cannot begin, and Fenced when another gateway has the leader lock.
    """
    handlers = load_handlers(settings.handlers)
    bus = Bus(settings.redis_url, settings.key_prefix)
    try:
        await asyncio.to_thread(bus.ping)
    except BusError as error:
        raise BusError(
            f"no Redis answers at {settings.redis_address.label}:"
            f" start one, or set REDIS_URL ({error})"
        ) from error
    await asyncio.to_thread(claim_version, bus)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        while not stop.is_set():
            leadership = Leadership(bus, myself())
            if not await _unless(stop, leadership.begin(standby=standby)):
                return
            try:
                await _run(settings, bus, handlers, leadership, stop)
            except Fenced as fenced:
                if not standby:
                    raise
                log.warning("standing by again", reason=str(fenced))
            finally:
                await leadership.end()
    finally:
        bus.close()


async def _run(
    settings: Settings,
    bus: Bus,
    handlers: Sequence[Handler],
    leadership: Leadership,
    stop: asyncio.Event,
) -> None:
    """Run one gateway until it is stopped, or has lost the leader lock."""
    identity = LakeIdentity(bus)
    options = {LOG_JSON: settings.log_json, LOG_ACCOUNTS: settings.log_accounts}
    lake = LakeReader(
        settings.lake_path, identity.expected, *(name for name, on in options.items() if on)
    )
    opening = asyncio.create_task(
        asyncio.to_thread(_open_registry, settings, lake, identity.expected())
    )
    if not await _unless(stop, asyncio.wait((opening,))):
        await asyncio.to_thread(lake.close)
        await asyncio.gather(opening, return_exceptions=True)
        return
    registry = opening.result()
    wire_log = _open_wire_log(settings)
    broker = IbBroker(
        settings.ib_host,
        settings.ib_port,
        settings.ib_client_id,
        delayed=settings.delayed_data,
        models=settings.models,
        tap=wire_log.tap if wire_log is not None else None,
    )
    ending = asyncio.Event()
    made = Gateway(
        settings,
        broker,
        bus,
        registry,
        handlers,
        leadership.is_leader,
        lake.book,
        lake.contracts,
        lake.quotes,
        lake.openings,
    )
    asked = made.health
    health = serve(
        Health(asked.alive, asked.ready, asked.metrics),
        settings.health_host,
        settings.health_port,
    )
    gateway = asyncio.create_task(made.run(ending))
    keeper = asyncio.create_task(leadership.keep())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((gateway, keeper, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.set()
        if health is not None:
            health.close()
        for task in (keeper, stopping):
            if not task.done():
                task.cancel()
        await asyncio.gather(keeper, stopping, return_exceptions=True)
        try:
            while not gateway.done():
                # What it still asks a lake that hangs is not waited for.
                await asyncio.wait((gateway,), timeout=END_S)
                await asyncio.to_thread(lake.close)
            gateway.result()
        finally:
            await asyncio.to_thread(lake.close)
            if wire_log is not None:
                wire_log.close()
    if not keeper.cancelled() and (error := keeper.exception()) is not None:
        raise error


def _open_registry(settings: Settings, lake: LakeReader, expected: str | None) -> StrategyRegistry:
    """Open the strategy registry, from its copy while the lake is absent; raises LakeError."""
    try:
        return StrategyRegistry(CopiedRegistryStore(lake, settings.registry_copy, expected))
    except LakeError:
        lake.close()
        raise


def _open_wire_log(settings: Settings) -> WireLog | None:
    """Open the recording that the settings name; raises InputError."""
    if not settings.wire_log:
        return None
    return WireLog(Path(settings.wire_log).expanduser(), settings.wire_log_names)


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, object]) -> bool:
    """Run something unless it is stopped meanwhile; return whether it was done."""
    doing, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not doing.done():
        doing.cancel()
        await asyncio.gather(doing, return_exceptions=True)
        return False
    doing.result()
    return True
