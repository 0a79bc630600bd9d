"""Logs are configured more than once in a process: by the command line, then by its command."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from structlog.testing import capture_logs

from slotwise.logs import configure_logging


@pytest.fixture(autouse=True)
def handlers_as_before() -> Iterator[None]:
    """Leave the root logger as the other tests know it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)


def test_a_logger_that_was_used_before_follows_the_configuration_after() -> None:
    log = structlog.get_logger("used")
    configure_logging()
    log.warning("the first keeps its processors")
    configure_logging(json=True)
    with capture_logs() as lines:
        log.warning("told")
    assert [line["event"] for line in lines] == ["told"]
