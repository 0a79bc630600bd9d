"""Names of accounts: what an advisor holds in a model is kept apart from the rest of an account.

A position in a model has `DU1234567/Growth` for its account; so it is another holding in the queue,
on the board, in the lake and in a reconciliation.
"""

from __future__ import annotations

import re

#: Stands between account and model; no account of IB has it in its name.
SEPARATOR = "/"
#: Digits at the end of an account that are shown where it is masked.
SHOWN = 3
#: An account of IB's in a text: U, F or I for real money, with a D before for paper.
_ACCOUNT = re.compile(r"\bD?[UFI]\d{5,9}\b")


def account_name(account: str, model: str) -> str:
    """Name an account's holdings in a model, or in none."""
    return f"{account}{SEPARATOR}{model}" if model else account


def login_account(name: str) -> str:
    """Name the account that a holding is in, whatever its model."""
    return name.partition(SEPARATOR)[0]


def is_in(name: str, account: str) -> bool:
    """Tell whether a holding is meant when an account is named: itself, or any of its models."""
    return account in (name, login_account(name))


def masked(name: str) -> str:
    """Leave the last digits of an account, and its model."""
    account = login_account(name)
    return "*" * max(len(account) - SHOWN, 0) + account[-SHOWN:] + name[len(account) :]


def masked_in(text: str) -> str:
    """Mask every account that a text names."""
    return _ACCOUNT.sub(lambda found: masked(found[0]), text)
