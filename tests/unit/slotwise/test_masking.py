"""No log line names an account in full, wherever in it the account is."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from slotwise.account import masked, masked_in
from slotwise.logs import configure_logging

ACCOUNT = "DU1234567"


@pytest.fixture
def restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def logged(as_json: bool, whole_accounts: bool = False) -> str:
    """Log an account in every way there is, and return what was written."""
    configure_logging(json=as_json, whole_accounts=whole_accounts)
    written = StringIO()
    [handler] = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    ours = structlog.stdlib.get_logger("ours")
    ours.info("position changed", account=ACCOUNT, contract="SPY")
    ours.info("report", breaks=[{"account": f"{ACCOUNT}/Growth"}], text=f"in {ACCOUNT}, held")
    logging.getLogger("theirs").warning("row %s", [ACCOUNT, "761"])
    try:
        raise ValueError(ACCOUNT)
    except ValueError:
        ours.exception("failed")
    return written.getvalue()


@pytest.mark.parametrize("as_json", [True, False])
def test_accounts_are_masked_in_every_line(restored: None, as_json: bool) -> None:
    text = logged(as_json)
    assert ACCOUNT not in text
    assert text.count("******567") >= 5
    if as_json:
        assert all(json.loads(line) for line in text.splitlines())


def test_accounts_are_named_where_they_may_be(restored: None) -> None:
    assert ACCOUNT in logged(True, whole_accounts=True)


@given(st.sampled_from(["U", "DU", "F", "DF", "I"]), st.integers(10_000, 999_999_999), st.text())
def test_whatever_is_around_it_an_account_is_masked(kind: str, number: int, text: str) -> None:
    account = f"{kind}{number}"
    assert account not in masked_in(f"{text} {account} {text}")
    assert masked(account) in masked_in(f"({account})")


def test_what_is_no_account_is_left_alone() -> None:
    for text in ("SPY 20261118 P 560", "order 1234567", "USD 100000", "ISIN US0378331005"):
        assert masked_in(text) == text
