"""From settings to a running gateway."""

from __future__ import annotations

import asyncio
import signal

from slotwise.bus.client import Bus
from slotwise.errors import BusError
from slotwise.lake.registry_store import open_registry
from slotwise.settings import Settings
from workers.gateway.gateway import Gateway
from workers.gateway.ib.connection import IbBroker
from workers.gateway.user_handlers import load_handlers


async def run_gateway(settings: Settings) -> None:
    """Run the gateway until SIGTERM or SIGINT.

    Raises BusError, LakeError, InputError or BrokerUnreachableError, each with one clear line,
    when it cannot begin.
    """
    handlers = load_handlers(settings.handlers)
    bus = Bus(settings.redis_url, settings.key_prefix)
    try:
        await asyncio.to_thread(bus.ping)
    except BusError as error:
        raise BusError(
            f"no Redis answers at {settings.redis_url}: start one, or set REDIS_URL ({error})"
        ) from error
    registry = await asyncio.to_thread(open_registry, settings.lake_path)
    broker = IbBroker(settings.ib_host, settings.ib_port, settings.ib_client_id)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await Gateway(settings, broker, bus, registry, handlers).run(stop)
    finally:
        bus.close()
