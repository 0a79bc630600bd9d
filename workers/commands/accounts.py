"""Account numbers in commands: masked in what they print, whole or masked where a user names one.

Rules:
* Every output is masked, also where a text names an account, unless the user asks for whole numbers
  by `--whole-accounts` or `SLOTWISE_SHOW_ACCOUNTS`.
* `--account` takes a whole number, or a name as an output shows it.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Annotated

import typer

from slotwise.account import know_accounts
from slotwise.bus.account_names import AccountNames
from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard
from slotwise.errors import BusError
from slotwise.lake.known import accounts_in
from slotwise.settings import settings
from slotwise.shown_accounts import ShownAccounts, is_masked, whole_name
from workers.commands.common import open_bus, open_lake
from workers.commands.output import show_whole_accounts

WholeAccounts = Annotated[
    bool, typer.Option("--whole-accounts", help="Show account numbers in full.")
]


def shown_accounts(names: Iterable[str], whole: bool) -> ShownAccounts:
    """Build the names of accounts for this command's output, and mask them in its texts."""
    whole = are_whole(whole)
    if whole:
        show_whole_accounts()
    accounts = set(names)
    know_accounts(accounts)
    return ShownAccounts(accounts, whole=whole)


def are_whole(asked: bool) -> bool:
    """Return True where whole account numbers are shown."""
    return asked or settings().show_accounts


def session_accounts(bus: Bus) -> tuple[str, ...]:
    """Return the accounts of the gateway's session; none where there is no gateway."""
    found = StatusBoard(bus).get(AccountNames)
    return found.names if found else ()


def live_accounts() -> tuple[str, ...]:
    """Return the accounts of the gateway's session; none where Redis cannot be reached."""
    with suppress(BusError), open_bus() as bus:
        return session_accounts(bus)
    return ()


def resolve_account(name: str | None, session: Iterable[str] = ()) -> str | None:
    """Return the account that a user named, whole; raises InputError.

    It is looked up among those of the lake and of the session.
    """
    if name is None or not is_masked(name):
        return name
    return whole_name(name, {*accounts_in(open_lake()), *session})
