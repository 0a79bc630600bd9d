"""ShownAccounts: names of accounts in what a command prints, whole or masked, and distinguishable.

Rules:
* A masked account has the same name in every output: stars and its last digits (`account.masked`).
* Accounts that would have the same name get `#1`, `#2` behind it, in the order of their whole
  names; so a reader's key of account and contract id stays unique.
* A user may name an account by either name. A masked one that fits several is refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from slotwise.account import login_account, masked
from slotwise.errors import InputError

STAR = "*"
#: Separates a masked name from the number of an account among those alike.
NUMBER = "#"


class ShownAccounts:
    """The names of some accounts, as one output has them."""

    def __init__(self, names: Iterable[str], *, whole: bool = False) -> None:
        self._shown = {} if whole else _shown_names(names)
        self._whole = whole

    def name(self, account: str) -> str:
        """Return an account's name as it is shown; its model stays."""
        if self._whole:
            return account
        login = login_account(account)
        return self._shown.get(login, masked(login)) + account[len(login) :]


def is_masked(name: str) -> bool:
    """Return True for a name that is masked."""
    return name.startswith(STAR)


def whole_name(name: str, accounts: Iterable[str]) -> str:
    """Return the whole name of an account that a user named; raises InputError.

    `accounts` are those that it may be. A name that is whole is returned unchanged.
    """
    if not is_masked(name):
        return name
    login = login_account(name)
    shown = _shown_names(accounts)
    wanted = login.lstrip(STAR)
    found = [account for account, full in shown.items() if full == login] or sorted(
        account
        for account, full in shown.items()
        if wanted in (full.lstrip(STAR), full.partition(NUMBER)[0].lstrip(STAR))
    )
    if not found or not wanted:
        raise InputError(f"no account is shown as {name!r}: slotwise positions shows their names")
    if len(found) > 1:
        names = ", ".join(shown[account] for account in found[:9])
        raise InputError(f"{name!r} may be any of {len(found)} accounts: name one as {names}")
    return found[0] + name[len(login) :]


def _shown_names(names: Iterable[str]) -> dict[str, str]:
    alike: dict[str, list[str]] = defaultdict(list)
    for account in sorted({login_account(name) for name in names}):
        alike[masked(account)].append(account)
    return {
        account: name if len(accounts) == 1 else f"{name}{NUMBER}{number}"
        for name, accounts in alike.items()
        for number, account in enumerate(accounts, 1)
    }
