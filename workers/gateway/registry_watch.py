"""The gateway's copy of the strategy registry: changes are followed as they come.

It is read again whenever it may have changed in another way: with each poll, after a gap of
commands, and after each change that was received, which costs one look at the table's version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from slotwise.errors import LakeError
from slotwise.rules.registry_changes import RegistryChange
from workers.gateway.active_contracts import ActiveContracts, RegistryReader, active_of

log = structlog.get_logger(__name__)


class RegistryWatch:
    """Read the registry on demand and report the active contracts."""

    def __init__(
        self, registry: RegistryReader, on_active: Callable[[ActiveContracts], None]
    ) -> None:
        self._registry = registry
        self._on_active = on_active
        self._changed = asyncio.Event()
        #: A change that comes before `run` waits for its first reading.
        self._runs = False
        #: Why it could not be read the last time; each reason is logged once.
        self._refusal = ""

    def request(self) -> None:
        """Ask for another reading; several requests may be served by one."""
        self._changed.set()

    def follow(self, change: RegistryChange | None) -> None:
        """Take over a change that was received, at once where nothing before it is missing."""
        if change is not None and self._runs and self._registry.follow(change):
            self._on_active(active_of(self._registry))
        self.request()

    async def begin(self) -> ActiveContracts:
        """Read the registry now; keep its state at the opening where it cannot be read."""
        return await self._read() or active_of(self._registry)

    async def run(self) -> None:
        """Serve requests until stopped; while the registry cannot be read, its last state holds."""
        self._runs = True
        while True:
            await self._changed.wait()
            self._changed.clear()
            active = await self._read()
            if active is not None:
                self._on_active(active)

    async def _read(self) -> ActiveContracts | None:
        """Read the registry; None, and a line in the log for each reason, where it cannot be."""
        try:
            reading = await asyncio.to_thread(self._registry.read)
        except LakeError as error:
            if str(error) != self._refusal:
                log.warning("registry not read, going on with what it said", reason=str(error))
            self._refusal = str(error)
            return None
        if self._refusal:
            log.info("registry read again")
        self._refusal = ""
        self._registry.take(reading)
        return active_of(self._registry)
