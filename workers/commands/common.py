"""What several commands share: the --json option, Redis and the lake of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from slotwise.bus.client import COMMAND_TIMEOUT_S, Bus
from slotwise.lake.store import Lake
from slotwise.settings import settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def open_bus() -> Iterator[Bus]:
    """Connect to the Redis of the settings for the block."""
    bus = Bus(settings().redis_url, settings().key_prefix, COMMAND_TIMEOUT_S)
    try:
        yield bus
    finally:
        bus.close()


def open_lake() -> Lake:
    """Return the lake of the settings."""
    return Lake(settings().lake_path)
