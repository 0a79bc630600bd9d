"""What TWS can say of accounts and positions at the moment: whether its login is finished.

Asked in this order, and the first that is on decides:

| on                                        | since                   | until                    |
|-------------------------------------------|-------------------------|--------------------------|
| a commanded answer                        | the command             | its time, number, or off |
| the login of a connection (late accounts) | each client's own start | its time, or off         |
| another session of the same user (10197)  | it begins               | it ends                  |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from tws_simulator.services.accounts.position_answers import PositionAnswer
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.plans import Plans
from tws_simulator.wire.system_replies import managed_accounts

#: Account updates during a login: as always, not ready, or not answered.
GIVEN, NOT_READY, SILENT = "given", "not_ready", "silent"
UPDATES = (GIVEN, NOT_READY, SILENT)
#: Rows of account summaries during a login: as always, with amounts of 0, or not there.
ZERO, ABSENT = "zero", "absent"
VALUES = (GIVEN, ZERO, ABSENT)
#: The list of accounts during a login: as always, empty, or not sent.
EMPTY = "empty"
MANAGED = (GIVEN, EMPTY, SILENT)
#: Names what is planned here.
LOGIN = "login"


@dataclass(slots=True)
class Commanded:
    """Hold an answer that was commanded, and for how long: unix seconds, and answers."""

    answer: PositionAnswer
    until: float = inf
    left: float = inf
    updates: str = GIVEN
    values: str = GIVEN


@dataclass(frozen=True, slots=True)
class Login:
    """Hold what each client that starts at or after `since` (unix seconds) sees at first.

    With `push` rows and an end are sent to subscribers as soon as the login is finished.
    """

    since: float
    seconds: float
    answer: PositionAnswer
    updates: str = SILENT
    values: str = GIVEN
    managed: str = GIVEN
    push: bool = False


class Readiness:
    """Decide how positions, account updates and the list of accounts are answered."""

    def __init__(self, names: Callable[[], tuple[str, ...]], plans: Plans) -> None:
        self._names = names
        self._plans = plans
        self.commanded: Commanded | None = None
        self.login: Login | None = None
        #: How positions are answered while another session has the market data.
        self.displaced: PositionAnswer | None = None
        #: Sends the positions to a client whose login is finished.
        self.deliver: Callable[[Client, float], None] = lambda client, now: None

    def clear(self) -> None:
        """Begin again, as after a restart; the rule for logins stays."""
        self.commanded = None

    def positions(self, client: Client, now: float) -> PositionAnswer | None:
        """Return how the next answer is given, and count it; None is the whole truth."""
        commanded = self._current_command(now)
        if commanded is not None:
            commanded.left -= 1
            return commanded.answer
        login = self._logging_in(client, now)
        return login.answer if login is not None else self.displaced

    def pushes(self, client: Client, account: str, now: float) -> bool:
        """Return whether a change of a position reaches a client."""
        commanded = self._current_command(now)
        login = self._logging_in(client, now)
        on = (
            commanded.answer if commanded is not None else None,
            login.answer if login is not None else None,
            self.displaced,
        )
        return not any(answer is not None and answer.withholds(account) for answer in on)

    def updates(self, client: Client, account: str, now: float) -> str:
        """Return how account updates are answered."""
        on = self._concerning(client, account, now)
        return on.updates if on is not None else GIVEN

    def values(self, client: Client, account: str, now: float) -> str:
        """Return how account summaries are answered."""
        on = self._concerning(client, account, now)
        return on.values if on is not None else GIVEN

    def managed(self, client: Client, now: float) -> tuple[str, ...] | None:
        """Return the accounts that a client is sent; None sends no list."""
        login = self._logging_in(client, now)
        if login is None or login.managed == GIVEN:
            return self._names()
        return () if login.managed == EMPTY else None

    def started(self, client: Client, now: float) -> None:
        """Begin the login of a client that has just started."""
        client.started_at = now
        login = self._logging_in(client, now)
        if login is not None and login.seconds < inf:
            self._plans.at(now + login.seconds, LOGIN, lambda at: self._finish(client, login, at))

    def _finish(self, client: Client, login: Login, now: float) -> None:
        if self.login is not login or client.closing:
            return
        if login.managed != GIVEN:
            client.send(managed_accounts(self._names()))
        if login.push:
            self.deliver(client, now)

    def _concerning(self, client: Client, account: str, now: float) -> Commanded | Login | None:
        for on in (self._current_command(now), self._logging_in(client, now)):
            if on is not None and account in (on.answer.accounts or (account,)):
                return on
        return None

    def _current_command(self, now: float) -> Commanded | None:
        commanded = self.commanded
        if commanded is not None and (now >= commanded.until or commanded.left <= 0):
            self.commanded = commanded = None
        return commanded

    def _logging_in(self, client: Client, now: float) -> Login | None:
        login = self.login
        if login is None or not login.since <= client.started_at <= now < (
            client.started_at + login.seconds
        ):
            return None
        return login
