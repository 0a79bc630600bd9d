"""The gateway's copy of the strategy registry: read again whenever it may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from slotwise.errors import LakeError
from workers.gateway.active_contracts import ActiveContracts, RegistryReader, read_active

log = structlog.get_logger(__name__)


class RegistryWatch:
    """Read the registry on demand and tell who is active."""

    def __init__(
        self, registry: RegistryReader, on_active: Callable[[ActiveContracts], None]
    ) -> None:
        self._registry = registry
        self._on_active = on_active
        self._changed = asyncio.Event()
        #: Why it could not be read the last time; each reason is logged once.
        self._refusal = ""

    def request(self) -> None:
        """Ask for another reading; several requests may be served by one."""
        self._changed.set()

    async def read(self) -> ActiveContracts:
        """Read the registry now; raises LakeError."""
        return await asyncio.to_thread(read_active, self._registry)

    async def run(self) -> None:
        """Serve requests until stopped; while the registry cannot be read, its last state holds."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                active = await self.read()
            except LakeError as error:
                if str(error) != self._refusal:
                    log.warning("registry not read, going on with what it said", reason=str(error))
                self._refusal = str(error)
                continue
            if self._refusal:
                log.info("registry read again")
            self._refusal = ""
            self._on_active(active)
