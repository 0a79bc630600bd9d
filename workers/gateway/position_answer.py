"""PositionAnswer: the positions of one request, with what TWS remarked while it answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from slotwise.contract import PositionKey
from slotwise.position import Position

#: Stands for every account where a remark names none.
ALL_ACCOUNTS: Final = ""


class PositionAnswer(tuple[Position, ...]):
    """A tuple of positions that keeps what is known of the answer as a whole.

    `sequence` is the place of the answer's end among all observations; None where nothing numbered
    it. `remarks` gives TWS's words by account (`ALL_ACCOUNTS` for every one): of such an account
    the answer may lack holdings. `unreadable` names holdings whose row could not be read; of the
    accounts in `lacks_named_only` the answer lacks nothing else. An answer that is not `certain`
    may have begun before its request, so it may lack rows of any account.
    """

    sequence: int | None
    remarks: Mapping[str, str]
    unreadable: frozenset[PositionKey]
    lacks_named_only: frozenset[str]
    certain: bool

    def __new__(
        cls,
        positions: Iterable[Position] = (),
        *,
        sequence: int | None = None,
        remarks: Mapping[str, str] | None = None,
        unreadable: Iterable[PositionKey] = (),
        lacks_named_only: Iterable[str] = (),
        certain: bool = True,
    ) -> PositionAnswer:
        answer = super().__new__(cls, positions)
        answer.sequence = sequence
        answer.remarks = dict(remarks or {})
        answer.unreadable = frozenset(unreadable)
        answer.lacks_named_only = frozenset(lacks_named_only)
        answer.certain = certain
        return answer
