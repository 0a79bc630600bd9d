"""How hard property tests try.

`SLOTWISE_TEST_EFFORT=20` runs twenty times the examples, new ones each time. Without it the
examples are few and always the same.
"""

from __future__ import annotations

import os

import pytest

#: For a test that takes long and adds little to a run of all: it runs with some effort only.
with_effort = pytest.mark.skipif(
    "SLOTWISE_TEST_EFFORT" not in os.environ, reason="long: SLOTWISE_TEST_EFFORT=1 runs it"
)


def examples(count: int) -> int:
    """Scale a number of examples by the effort asked for."""
    return count * int(os.environ.get("SLOTWISE_TEST_EFFORT", "1"))
