"""A Redis of its own for a measurement, and no logs beside its figures."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from slotwise.bus.client import Bus
from workers.stack.child import Child, stop_all
from workers.stack.ports import free_port
from workers.stack.processes import redis_spec


@contextmanager
def embedded_redis() -> Iterator[Bus]:
    """Start a Redis for the block; lets our own logs say only what is critical."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        redis = Child(redis_spec(port, Path(folder)))
        redis.start()
        try:
            yield Bus(f"redis://127.0.0.1:{port}/0")
        finally:
            stop_all([redis])
