"""The day that the tests' clock is in."""

from __future__ import annotations

import pytest

from slotwise.report.span import Span, day_span
from tests.support.values import NOON, at


@pytest.fixture
def span() -> Span:
    """The whole of it, in UTC."""
    return day_span(NOON.date(), "UTC", at(86_400))
