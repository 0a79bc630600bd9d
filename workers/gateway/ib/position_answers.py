"""Which position rows belong to which request: TWS gives neither a request id.

    idle --asked--> open --end, none owed before it--> idle, answered
                    open --end of an earlier request--> open, its rows are of that request
                    open --refusal before any row--> idle
                    open --given up--> idle, an end is owed

Rules:
* A row is part of an answer while a request is open, else it is a push. What an unfinished answer
  has brought is handed back as pushes: each row is true, though not all of them are there.
* Of several rows of one holding in an answer the last one counts, whatever the others say: so a
  row of quantity 0 waits for the answer's end too. It is a push where no end comes.
* A request that was given up still owes its end, one that was refused before any row does not.
  After rows, or with a code that may be about something else, TWS decides (`unaddressed`).
* The request after one that owes its end waits for both ends. It keeps only the rows that came
  after the first, and of those before it what was closed. Where no second end comes, the first one
  counts; rows may lack then, so that answer is not certain, nor the next.
* A row that cannot be read leaves its holding open, and its account unverified. Where it names its
  holding, nothing else of the account is in doubt.
* A remark that comes while no request is open is about the answer before; it counts for the next
  one, and the evidence of both is counted from the start again.
* Every row of an answer carries the number of the answer's end. A push has its own, from when it
  was read: also a row of an unfinished answer, of which news may have come since.
"""

from __future__ import annotations

import msgspec

from slotwise.contract import PositionKey
from slotwise.numbering import Numbering
from slotwise.position import Position, newest_by_key
from workers.gateway.position_answer import PositionAnswer


class PositionAnswers:
    """Count requests against ends and collect the rows between."""

    def __init__(self, numbering: Numbering) -> None:
        #: Rows, remarks and ends of all answers: a slow answer makes progress, a dead one does not.
        self.progress = 0
        self.is_open = False
        self._numbering = numbering
        self._ends_owed = 0
        self._early_end = False
        #: Whether the answer before was taken by its early end, so that its own may still come.
        self._after_early_end = False
        self._rows: list[Position] = []
        self._early_rows: list[Position] = []
        self._remarks: dict[str, str] = {}
        #: Remarks that came while no request was open.
        self._late_remarks: dict[str, str] = {}
        self._unreadable: set[PositionKey] = set()
        #: Accounts of which more may lack than unreadable rows.
        self._remarked: set[str] = set()
        self._expects_little = False

    def asked(self) -> None:
        """Begin a request."""
        self.is_open = True
        self._early_end = False
        self._clear()
        self._remarks, self._late_remarks = self._late_remarks, {}
        self._remarked.update(self._remarks)

    def add(self, position: Position) -> Position | None:
        """Take a row, numbered when it was read or here; return it where it is a push."""
        if position.sequence is None:
            position = numbered(position, self._numbering.next())
        if not self.is_open:
            return position
        self.progress += 1
        self._rows.append(position)
        return None

    def add_unreadable(self, account: str, con_id: int | None, reason: str) -> None:
        """Take a row that cannot be read."""
        self.progress += 1
        self._remarks[account] = reason
        if con_id is not None:
            self._unreadable.add((account, con_id))
        else:
            self._remarked.add(account)

    def remark(self, accounts: tuple[str, ...], words: str) -> None:
        """Take TWS's remark that positions of some accounts are not available."""
        if not self.is_open:
            self._late_remarks.update(dict.fromkeys(accounts, words))
            return
        self.progress += 1
        self._remarks.update(dict.fromkeys(accounts, words))
        self._remarked.update(accounts)
        self._expects_little = True

    @property
    def has_rows(self) -> bool:
        """Return True where the answer has begun."""
        return bool(self._rows or self._early_rows or self._unreadable)

    @property
    def expects_little(self) -> bool:
        """Return True where the end may not come: TWS has remarked, or it came early."""
        return self._expects_little or self._early_end

    @property
    def words(self) -> str:
        """Return what TWS has remarked on this answer; empty for nothing."""
        return next(iter(self._remarks.values()), "")

    def ended(self) -> PositionAnswer | None:
        """Take an end; return the answer that it completes."""
        if not self.is_open:
            self._ends_owed = max(self._ends_owed - 1, 0)
            return None
        self.progress += 1
        if self._ends_owed:
            self._ends_owed -= 1
            self._early_end = True
            self._early_rows, self._rows = [*self._early_closings(), *self._rows], []
            return None
        certain, self._after_early_end = not self._after_early_end, False
        return self._close([*self._early_closings(), *self._rows], certain=certain)

    def take_early(self) -> PositionAnswer | None:
        """Return what an early end has completed, where nothing came after it."""
        if not self._early_end:
            return None
        self._after_early_end = True
        return self._close([*self._early_rows, *self._rows], certain=False)

    def refused(self) -> list[Position]:
        """End the request: no answer comes. Return the rows that came, as pushes."""
        return self._leave()

    def given_up(self) -> list[Position]:
        """End the request, whose end may still come. Return the rows that came, as pushes."""
        if self.is_open:
            self._ends_owed += 1
        return self._leave()

    def _early_closings(self) -> list[Position]:
        """Return what the answer before reported as closed: this one may not list it any more."""
        return [row for row in newest_by_key(self._early_rows) if not row.quantity]

    def _leave(self) -> list[Position]:
        rows = newest_by_key([*self._early_rows, *self._rows])
        # One of quantity 0 is no closing where another row of the holding could not be read.
        in_doubt = {con_id for _, con_id in self._unreadable}
        pushes = [row for row in rows if row.quantity or row.key[1] not in in_doubt]
        self.is_open = self._early_end = False
        self._clear()
        return pushes

    def _close(self, rows: list[Position], *, certain: bool) -> PositionAnswer:
        number = self._numbering.next()
        answer = PositionAnswer(
            (numbered(row, number) for row in newest_by_key(rows)),
            sequence=number,
            remarks=self._remarks,
            unreadable=self._unreadable,
            lacks_named_only={account for account, _ in self._unreadable} - self._remarked,
            certain=certain,
        )
        self.is_open = self._early_end = False
        self._ends_owed = 0
        self._clear()
        return answer

    def _clear(self) -> None:
        self._rows, self._early_rows = [], []
        self._remarks, self._unreadable, self._remarked = {}, set(), set()
        self._expects_little = False


def numbered(position: Position, sequence: int) -> Position:
    """Return a position with its place among all observations."""
    return msgspec.structs.replace(position, sequence=sequence)
