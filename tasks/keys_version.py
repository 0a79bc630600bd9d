"""A worker agrees with Redis on the version of its keys before it takes a task."""

from __future__ import annotations

from typing import Any

import structlog
from celery import bootsteps
from celery.exceptions import WorkerShutdown

from slotwise.bus.client import Bus
from slotwise.bus.version import claim_version
from slotwise.errors import BusError, BusVersionError
from slotwise.settings import settings
from tasks.app import app

log = structlog.get_logger(__name__)

#: Exit status of a worker that cannot read Redis's keys: what sysexits.h calls EX_CONFIG.
MISFIT = 78


class KeysVersion(bootsteps.StartStopStep):  # type: ignore[misc]  # celery ships no types
    """End a worker that is older or newer than what is in Redis."""

    requires = ("celery.worker.consumer.connection:Connection",)

    def start(self, consumer: Any) -> None:
        """Ask at every connection: Redis may have been emptied, or upgraded, since."""
        config = settings()
        bus = Bus(config.redis_url, config.key_prefix)
        try:
            claim_version(bus)
        except BusVersionError as error:
            log.critical("this worker cannot work here", reason=str(error))
            raise WorkerShutdown(MISFIT) from error
        except BusError as error:
            # It is away again, and asked again when it is back.
            log.warning("the version of Redis's keys is not known", reason=str(error))
        finally:
            bus.close()


app.steps["consumer"].add(KeysVersion)
