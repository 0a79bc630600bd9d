"""Strategies change: first in the lake, then told to the gateway.

The plain functions serve the command line, which needs no worker; the tasks do the same for
whoever only reaches Celery or Flower.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import structlog

from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, RegistryChanged
from slotwise.errors import BusError
from slotwise.lake.registry_store import open_registry
from slotwise.settings import Settings
from slotwise.strategy import DEFAULT_PRIORITY, Strategy
from tasks.app import task
from tasks.context import context

log = structlog.get_logger(__name__)


def activate_strategy(
    config: Settings, name: str, con_ids: Iterable[int], priority: int = DEFAULT_PRIORITY
) -> Strategy:
    """Activate a strategy; its contracts get lines as soon as the gateway hears of it.

    Raises InputError and LakeError.
    """
    strategy = open_registry(config.lake_path).activate(name, con_ids, datetime.now(UTC), priority)
    _tell_gateway(config)
    return strategy


def close_strategy(config: Settings, name: str) -> Strategy:
    """Close a strategy; raises UnknownStrategyError and LakeError."""
    strategy = open_registry(config.lake_path).close(name, datetime.now(UTC))
    _tell_gateway(config)
    return strategy


def _tell_gateway(config: Settings) -> None:
    bus = Bus(config.redis_url, config.key_prefix)
    try:
        Commands(bus).send(RegistryChanged())
    except BusError as error:
        # The change is kept; the gateway reads the registry again at each poll.
        log.warning("gateway not told, it will notice at its next poll", reason=str(error))
    finally:
        bus.close()


@task("tasks.strategies.activate")
def activate(name: str, con_ids: list[int], priority: int = DEFAULT_PRIORITY) -> str:
    """Activate a strategy from Celery or Flower."""
    return activate_strategy(context().settings, name, con_ids, priority).name


@task("tasks.strategies.close")
def close(name: str) -> str:
    """Close a strategy from Celery or Flower."""
    return close_strategy(context().settings, name).name
