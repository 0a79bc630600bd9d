"""Accounts in an output: masked, distinguished, and found again by the name that was shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slotwise.account import SHOWN
from slotwise.errors import InputError
from slotwise.shown_accounts import ShownAccounts, whole_name

#: Few different endings, so that names are often alike.
ACCOUNT = st.from_regex(r"(DU|U|F|DUM|AB)[0-9]{1,3}1[23]4", fullmatch=True)
MODEL = st.sampled_from(["", "/Growth", "/Cash 1"])


@given(accounts=st.sets(ACCOUNT, min_size=1, max_size=12), model=MODEL)
def test_every_account_has_a_masked_name_of_its_own_by_which_it_is_found(
    accounts: set[str], model: str
) -> None:
    shown = ShownAccounts(accounts)
    names = {account: shown.name(account + model) for account in accounts}
    assert len(set(names.values())) == len(accounts)
    for account, name in names.items():
        assert account not in name
        assert name.endswith(model)
        assert whole_name(name, accounts) == account + model
        assert whole_name(account, accounts) == account


@given(accounts=st.sets(ACCOUNT, max_size=12))
def test_whole_names_are_shown_where_they_are_asked_for(accounts: set[str]) -> None:
    shown = ShownAccounts(accounts, whole=True)
    assert [shown.name(account) for account in accounts] == list(accounts)


def test_a_name_depends_on_no_account_that_is_not_alike() -> None:
    assert ShownAccounts(["DU1234567"]).name("DU1234567") == "******567"
    assert ShownAccounts(["DU1234567", "U7654321"]).name("DU1234567") == "******567"
    alike = ShownAccounts(["DU1234567", "DU7654567/Growth"])
    assert alike.name("DU1234567") == "******567#1"
    assert alike.name("DU7654567/Growth") == "******567#2/Growth"
    assert ShownAccounts([]).name("DU1234567") == "******567", "one that was not known before"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("******567", r"may be any of 2 accounts: name one as \*{6}567#1, \*{6}567#2"),
        ("*567", "may be any of 2 accounts"),
        ("******999", "no account is shown as"),
        ("*", "no account is shown as"),
    ],
)
def test_a_name_that_fits_several_accounts_or_none_is_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        whole_name(name, ["DU1234567", "DU7654567", "U111"])
    assert "1234567" not in str(refused.value)


def test_one_account_in_its_shortest_form() -> None:
    assert whole_name("*567", ["DU1234567", "U7654321"]) == "DU1234567"
    assert len("567") == SHOWN
