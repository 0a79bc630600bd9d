"""What every test of a recording needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from slotwise.account import forget_accounts


@pytest.fixture(autouse=True)
def _no_known_accounts() -> Iterator[None]:
    """Forget the accounts that a test's session learns."""
    yield
    forget_accounts()
