"""Celery's store of results in Redis, with connections as the bus makes them."""

from __future__ import annotations

import logging
from typing import Any

from celery.backends.redis import RedisBackend

from slotwise.bus.client import translated
from slotwise.bus.connection import Parameters, connection_pool, parameters
from slotwise.errors import BusError
from tasks.celery_setup.transport import ADDRESS

#: A logger of the standard library: the filter of `redis_outage` makes one line an outage of it.
log = logging.getLogger(__name__)


class ResultBackend(RedisBackend):  # type: ignore[misc]  # celery ships no types: its base is Any
    """A store of results in the Redis of the settings, whatever the form of its address."""

    def _params_from_url(self, url: str, defaults: Parameters) -> Parameters:
        return {"max_connections": defaults["max_connections"], **parameters(ADDRESS)}

    def set(self, key: Any, value: Any, **options: Any) -> Any:
        """Keep a result; where Redis takes no writes it is lost, and its caller waits in vain.

        Raising here ends no outage, and billiard writes a traceback of its own past all logging.
        """
        try:
            with translated():
                return super().set(key, value, **options)
        except BusError as error:
            log.warning("a result is not kept", exc_info=error)
            return None

    def _get_pool(self, **made: Any) -> Any:
        return connection_pool(ADDRESS, made)
