"""One running stack for all walks of this folder, and no longer than they last.

It takes CPU all the time, so one test process does them all: see tests/conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slotwise.bus.status import StatusBoard, VerdictStatus
from tests.walks.running_stack import RunningStack, running_stack

#: The whole system is well within this after its start, seconds, also on a loaded machine.
WELL_S = 180.0


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Run the whole system with a portfolio of 120 positions, from when all is well on."""
    with running_stack(tmp_path_factory.mktemp("stack"), positions=120) as running:
        board = StatusBoard(running.bus)

        def is_well() -> bool:
            verdict = board.get(VerdictStatus)
            return verdict is not None and verdict.state in ("well", "closed")

        running.eventually(is_well, WELL_S, "all is well")
        yield running
