"""One running stack for all walks of this folder, and no longer than they last.

It takes CPU all the time, so one test process does them all: see tests/conftest.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.walks.running_stack import RunningStack, running_stack


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """Run the whole system with a portfolio of 120 positions."""
    with running_stack(tmp_path_factory.mktemp("stack"), positions=120) as running:
        yield running
