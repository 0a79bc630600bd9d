"""How TWS answers a request for positions while it is logging in, displaced, or not allowed to.

| mode      | answer                                                              | pushes follow |
|-----------|---------------------------------------------------------------------|---------------|
| empty     | the end, without a row                                              | yes           |
| empty2151 | notice 2151, then the end, without a row                            | yes           |
| 2151noend | notice 2151, and no end                                             | yes           |
| silent    | nothing                                                             | yes           |
| readonly  | error 321 (read-only API)                                           | no            |
| err10275  | error 10275 that names accounts, the rows of the others, the end    | yes           |
| absent    | the rows of the other accounts, the end                             | yes           |
| partial   | a part of the rows (of one account) is missing, the end             | yes           |

A request without an id (61) gets its errors under the id -1; one with an id (74) gets 2151 under
the id -1, and 321 and 10275 under its own. 2151, and empty answers while a login or another session
is under way, are reported by users; which of the modes a given TWS shows is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

from tws_simulator.services.accounts.poll_faults import Row
from tws_simulator.services.common.client import Client
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.system_replies import NO_ID, error_text

NOT_READY = "Positions info is not available yet"
READ_ONLY = "The API interface is currently in Read-Only mode."
#: TWS's notice on accounts that are not approved yet (reported by users).
OF_ACCOUNTS = (
    "Positions info is not available for account(s): {accounts} "
    "until the application is finished and approved."
)


@dataclass(frozen=True, slots=True)
class PositionAnswer:
    """Hold how positions are answered.

    `accounts` are those that are refused or absent; `missing` is the part of the rows that a
    partial answer lacks, and `seed` chooses which. Without `pushes` subscribers miss what changes
    as long as this is on.
    """

    mode: str
    accounts: tuple[str, ...] = ()
    missing: float = 0.25
    seed: int = 1
    pushes: bool = True

    @property
    def refuses(self) -> bool:
        """Return True where the request is refused, so that nothing is subscribed."""
        return self.mode == "readonly"

    def withholds(self, account: str) -> bool:
        """Return True where changes of an account are not pushed."""
        return not self.pushes and account in (self.accounts or (account,))


@dataclass(frozen=True, slots=True)
class Asked:
    """Hold what one client asked for: `req_id` is -1 for a request that has no id."""

    client: Client
    req_id: int
    rows: Sequence[Row]
    end: bytes


def send_positions(answer: PositionAnswer, asked: Asked, now: float) -> None:
    """Send an answer in its mode."""
    _SENDERS[answer.mode](answer, asked, now)


def _empty(answer: PositionAnswer, asked: Asked, now: float) -> None:
    asked.client.send(asked.end)


def _empty_2151(answer: PositionAnswer, asked: Asked, now: float) -> None:
    _no_end_2151(answer, asked, now)
    asked.client.send(asked.end)


def _no_end_2151(answer: PositionAnswer, asked: Asked, now: float) -> None:
    asked.client.error(NO_ID, ErrorCode.POSITIONS_NOT_READY, NOT_READY, now)


def _silent(answer: PositionAnswer, asked: Asked, now: float) -> None:
    """Send nothing."""


def _read_only(answer: PositionAnswer, asked: Asked, now: float) -> None:
    text = error_text(ErrorCode.VALIDATING, READ_ONLY)
    asked.client.error(asked.req_id, ErrorCode.VALIDATING, text, now)


def _error_10275(answer: PositionAnswer, asked: Asked, now: float) -> None:
    text = OF_ACCOUNTS.format(accounts=", ".join(answer.accounts))
    asked.client.error(asked.req_id, ErrorCode.POSITIONS_OF_ACCOUNT, text, now)
    _absent(answer, asked, now)


def _absent(answer: PositionAnswer, asked: Asked, now: float) -> None:
    rows = [row for held, row in asked.rows if held.account not in answer.accounts]
    asked.client.send(*rows, asked.end)


def _partial(answer: PositionAnswer, asked: Asked, now: float) -> None:
    chosen = [
        n
        for n, (held, _) in enumerate(asked.rows)
        if held.account in (answer.accounts or (held.account,))
    ]
    count = min(len(chosen), round(len(chosen) * answer.missing))
    left_out = set(Random(answer.seed).sample(chosen, count))
    rows = [row for n, (_, row) in enumerate(asked.rows) if n not in left_out]
    asked.client.send(*rows, asked.end)


_Sender: TypeAlias = Callable[[PositionAnswer, Asked, float], None]
_SENDERS: Mapping[str, _Sender] = {
    "empty": _empty,
    "empty2151": _empty_2151,
    "2151noend": _no_end_2151,
    "silent": _silent,
    "readonly": _read_only,
    "err10275": _error_10275,
    "absent": _absent,
    "partial": _partial,
}
#: Modes in which positions are answered otherwise than whole.
MODES = tuple(_SENDERS)
#: Modes that are about certain accounts.
MODES_OF_ACCOUNTS = frozenset(("err10275", "absent"))
