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

from slotwise.account import (
    forget_accounts,
    know_accounts,
    known_accounts,
    masked,
    masked_in,
)
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


@pytest.mark.parametrize(
    "account",
    ["U1234567", "F1234567", "I1234567", "DU1234567", "DF1234567", "DUM984512", "DUK765432",
     "DUH123456", "DUN556677", "DUT998877", "UH123456"],
)  # fmt: skip
def test_every_form_of_an_account_is_masked(account: str) -> None:
    """Also where nothing is known of the session, and beside marks that words may have."""
    for text in (f"in {account}.", f"key_{account}_x", f"['{account}']", f"{account}/Growth"):
        assert account not in masked_in(text)
        assert masked(account) in masked_in(text)


@given(st.from_regex(r"[A-Z0-9][A-Z0-9_.-]{3,12}", fullmatch=True), st.text())
def test_an_account_that_is_known_is_masked_whatever_its_form(account: str, text: str) -> None:
    """Not only where it looks like one of IB's."""
    forget_accounts()
    know_accounts([f"{account}/Model", account])
    result = masked_in(f"{text} {account} {text} ({account})")
    assert f" {account} " not in result
    assert f"({account})" not in result
    assert account[-3:] in result
    forget_accounts()


def test_names_that_are_shown_whole_hide_nothing() -> None:
    forget_accounts()
    know_accounts(["DU1", ""])
    assert known_accounts() == ()
    assert masked_in("in DU1, EUR 1") == "in DU1, EUR 1"


def test_what_is_no_account_is_left_alone() -> None:
    for text in ("SPY 20261118 P 560", "order 1234567", "USD 100000", "ISIN US0378331005"):
        assert masked_in(text) == text
