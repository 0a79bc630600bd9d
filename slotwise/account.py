"""Names of accounts: what an advisor holds in a model is kept apart from the rest of an account.

A position in a model has `DU1234567/Growth` for its account; so it is another holding in the queue,
on the board, in the lake and in a reconciliation.

An account number is shown by its last digits where no one asked for the whole. In a text it is
found because the process knows the accounts of its session (`know_accounts`), whatever their form,
and besides by the forms that IB's accounts have: U, F or I for real money, with a D before for
paper, and, in public logs of paper accounts, a letter more behind it (DUM, DUK, DUH, DUN, DUT).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

#: Stands between account and model; no account of IB has it in its name.
SEPARATOR = "/"
#: Digits at the end of an account that are shown where it is masked.
SHOWN = 3
#: Most accounts that one process keeps; an advisor has some thousands.
MOST_KNOWN = 20_000
_WORD = re.compile(r"[A-Za-z0-9]+")
#: A word that has the form of an account of IB's.
_ACCOUNT = re.compile(r"D?[UFI][A-Z]?\d{5,9}")

_known: set[str] = set()
#: Those that are no single word.
_odd: set[str] = set()


def account_name(account: str, model: str) -> str:
    """Return the name of an account's holdings in a model, or in none."""
    return f"{account}{SEPARATOR}{model}" if model else account


def login_account(name: str) -> str:
    """Return the account that a holding is in, whatever its model."""
    return name.partition(SEPARATOR)[0]


def names_account(name: str) -> bool:
    """Return False for a name without an account, which no holding can have."""
    return bool(login_account(name).strip())


def is_in(name: str, account: str) -> bool:
    """Return whether a holding is meant when an account is named: itself, or any of its models."""
    return account in (name, login_account(name))


def masked(name: str) -> str:
    """Return the last digits of an account, and its model."""
    account = login_account(name)
    return "*" * max(len(account) - SHOWN, 0) + account[-SHOWN:] + name[len(account) :]


def is_account(word: str) -> bool:
    """Return True for a word that has the form of an account of IB's."""
    return _ACCOUNT.fullmatch(word) is not None


def know_accounts(names: Iterable[str]) -> None:
    """Mask these accounts from now on in every text of this process, in any form.

    A name that is no longer than what is shown of it hides nothing.
    """
    for name in names:
        account = login_account(name)
        if account in _known or len(account) <= SHOWN or len(_known) >= MOST_KNOWN:
            continue
        _known.add(account)
        if _WORD.fullmatch(account) is None:
            _odd.add(account)


def forget_accounts() -> None:
    """Remove every account."""
    _known.clear()
    _odd.clear()


def known_accounts() -> tuple[str, ...]:
    """Return the accounts that this process has seen."""
    return tuple(sorted(_known))


def masked_in(text: str) -> str:
    """Mask every account that a text names."""
    for account in sorted(_odd, key=len, reverse=True):
        text = text.replace(account, masked(account))
    return _WORD.sub(_masked_word, text)


def _masked_word(found: re.Match[str]) -> str:
    word = found[0]
    return masked(word) if word in _known or _ACCOUNT.fullmatch(word) else word
