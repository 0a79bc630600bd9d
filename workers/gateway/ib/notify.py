"""Calls of listeners from replies."""

from __future__ import annotations

from collections.abc import Callable

import structlog

log = structlog.get_logger(__name__)


def notify(listener: Callable[..., None], *values: object) -> None:
    """Send values to a listener; ib_async would swallow what it raises."""
    try:
        listener(*values)
    except Exception:
        log.exception("reply of TWS failed")
