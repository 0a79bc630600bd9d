"""A hub of handlers, for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slotwise.handlers import HandlerHub


@pytest.fixture
def hub() -> Iterator[HandlerHub]:
    hub = HandlerHub()
    yield hub
    hub.close()
