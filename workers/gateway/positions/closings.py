"""Closings: when a holding is gone. Evidence goes in, decisions come out.

What TWS does not list is not thereby closed: while it logs in, is displaced by another session, or
loads, it answers with no positions or some of them, and ends as if that were all (reports of users,
recordings). A holding is closed for a reason:

| evidence                                                              | closes              |
|-----------------------------------------------------------------------|---------------------|
| a push of quantity 0                                                  | at once             |
| a row of quantity 0 in an answer                                      | at once             |
| it is missing, and executions since it was seen sum to its quantity   | at once             |
| it is missing, its last session is over, and so is that of all that   | when seen twice     |
| is missing, or answers list others of its account                     |                     |
| it is missing, and the account's own update, complete, lacks it too   | when seen twice     |
| the same, and much of the account is missing                          | after `AGREED_S`    |
| it is missing in all answers, which list others of its account        | after `AGREED_S`    |
| all of its account is missing, in answers that list other accounts;   | after `AGREED_S`    |
| the account was listed in this session; executions were answered      |                     |
| all of its account is missing otherwise                               | not by that alone   |

A holding goes through these states; what begins its count anew is in the last two lines:

    seen    --an answer lacks it-------------------------> missing
    missing --more answers lack it-----------------------> missing, and closed by the table above
    missing --an answer, a push or an update shows it----> seen, and its account begins anew
    missing --the session began; a remark; not ready-----> missing, and begins anew

Rules:
* An answer counts for an account where TWS remarked nothing on it (2151, 10275) and the answer is
  certain to be its own. A row that cannot be read is there, and no doubt of other holdings. An
  answer that failed counts for none, and in TWS's words begins all anew.
* Time counts from when a holding was seen last, its session began, or its account was doubted last,
  whichever was last; and the answers that lack it must themselves span `SPAN_S`.
* An answer without any row, where nothing is known to be held, is believed by the same rule.
* An account that was listed in this session is ready until TWS remarks on it, or its own update
  says otherwise. Where TWS gives no update, the answered request for executions, which explains
  nothing, is the other witness: without either an account that is away could be a closed one.
* An account with a missing holding, or with a remark, is unknown, since when and why.
* Each account is decided by itself.

Pure: times are seconds of any steady clock, and only words carry a date.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from math import inf

import msgspec

from slotwise.account import login_account
from slotwise.contract import Contract, PositionKey
from slotwise.position import Position, Snapshot, Unknown, is_later, is_older
from slotwise.reconciliation.evidence import Execution
from workers.gateway.position_answer import ALL_ACCOUNTS
from workers.gateway.positions.missing import AccountDoubts, Missing
from workers.gateway.positions.trades_since import TradesSince

#: In doubt positions are asked for again: after a doubt of at most so many seconds, in so many. The
#: first whole answer may begin the count anew: the longest wait and `AGREED_S` make 90 s at most.
ASK_AGAIN_S = ((4.0, 2.0), (90.0, 5.0), (inf, 10.0))
#: Stands for all that may be held where nothing is known to be.
_NOTHING_HELD: PositionKey = (ALL_ACCOUNTS, 0)


class Closing(msgspec.Struct, frozen=True):
    """A decision that a holding is gone, with its reason."""

    key: PositionKey
    reason: str
    #: The row of quantity 0 that says so, where one does.
    row: Position | None = None


class Closings:
    """Decide which holdings are gone; `held` is always all that is held so far."""

    def __init__(self, is_over: Callable[[Contract], bool] = lambda contract: False) -> None:
        self._is_over = is_over
        self._session_at = -inf
        self._seen_at: dict[PositionKey, float] = {}
        self._doubts: dict[str, AccountDoubts] = defaultdict(AccountDoubts)
        #: Whether an answer without any row is believed in this session.
        self._may_be_empty = False
        self._trades = TradesSince()

    @property
    def unknown(self) -> dict[str, Unknown]:
        """Return the accounts whose positions are not known; `ALL_ACCOUNTS` may be among them."""
        return {
            account: Unknown(doubts.since, doubts.reason)
            for account, doubts in self._doubts.items()
            if doubts.reason and doubts.since is not None
        }

    @property
    def unseen(self) -> frozenset[PositionKey]:
        """Return the holdings that are kept though the newest answer lacks them."""
        return frozenset(key for doubts in self._doubts.values() for key in doubts.missing)

    @property
    def is_list_wanted(self) -> bool:
        """Return True where executions are to be listed again, to compare later ones with."""
        return self._trades.is_list_wanted

    def accounts_missing(self) -> tuple[str, ...]:
        """Return the accounts whose own update may help."""
        return tuple(account for account, d in self._doubts.items() if account and d.missing)

    def ask_again_s(self, now: float) -> float | None:
        """Return in how many seconds to ask for positions again; None where nothing is missing."""
        begun = [m.begun for doubts in self._doubts.values() for m in doubts.missing.values()]
        if not begun:
            return None
        return next(seconds for age, seconds in ASK_AGAIN_S if now - max(begun) <= age)

    # Evidence.

    def session_began(self, now: float) -> None:
        """Take a connection, or TWS's own to IB, as new."""
        self._session_at = now
        self._may_be_empty = False
        for doubts in self._doubts.values():
            doubts.not_ready(now)

    def failed(self, words: str, at: datetime, now: float, *, silent: bool = False) -> None:
        """Take a poll that failed; one that was not answered says nothing of what TWS knows."""
        everything = self._doubts[ALL_ACCOUNTS]
        everything.remark, everything.since = words, everything.since or at
        if not silent:
            for doubts in self._doubts.values():
                doubts.begin_anew(now)

    def answered(
        self,
        snapshot: Snapshot,
        held: Mapping[PositionKey, Position],
        now: float,
        accounts: Collection[str] = (),
    ) -> list[Closing]:
        """Take an answer to a login of some accounts; return what it closes."""
        doubted = self._remarks(snapshot, held, accounts, now)
        shown = {one.key: now for one in snapshot.positions if one.quantity}
        zeros = {one.key: one for one in snapshot.positions if not one.quantity}
        self._seen_at |= shown
        for key in self.unseen & shown.keys():
            self._show(key, now)
        for one in snapshot.positions:
            if one.quantity and not is_older(one, held.get(one.key)):
                self._trades.saw(one)
        closed: list[Closing] = []
        for key in [key for key in held if key not in shown]:
            account = login_account(key[0])
            counts = account not in doubted and ALL_ACCOUNTS not in doubted
            if key in zeros:
                closed.append(Closing(key, "TWS lists it with quantity 0", zeros[key]))
            elif (account, key[1]) in snapshot.unreadable:
                self._show(key, now)
            elif not is_later(held[key], snapshot):
                counts = counts and snapshot.certain
                self._lack(key, now, counts=counts, lists_others=bool(shown))
        self._take_emptiness(snapshot, held, now)
        sizes = Counter(name for name, _ in held)
        for account, doubts in self._doubts.items():
            doubts.held = sum(n for name, n in sizes.items() if login_account(name) == account)
        self._settle(closed)
        closed += self._by_time(held, now)
        for doubts in self._doubts.values():
            doubts.since = (doubts.since or snapshot.completed_at) if doubts.reason else None
        return closed

    def pushed(self, position: Position, now: float) -> Closing | None:
        """Take a change; return the closing that it is."""
        if position.quantity == 0:
            closing = Closing(position.key, "TWS says that its quantity is 0", position)
            self._settle((closing,))
            return closing
        self._show(position.key, now)
        self._trades.saw(position)
        return None

    def traded(
        self,
        executions: Collection[Execution],
        asked: Mapping[PositionKey, Position],
        held: Mapping[PositionKey, Position],
    ) -> list[Closing]:
        """Take the executions of the day, and what was held when they were asked for.

        Return what they close.
        """
        failing = bool(self._doubts[ALL_ACCOUNTS].remark)
        unseen = self.unseen
        doubted = [p for key, p in held.items() if failing or key in unseen]
        gone = self._trades.gone(doubted, executions, self._seen_at.keys())
        closed = [Closing(key, reason) for key, reason in gone.items()]
        self._settle(closed)
        for doubts in self._doubts.values():
            for missing in doubts.missing.values():
                missing.unexplained = True
        if not failing:
            self._trades.keep(
                (
                    position
                    for key, position in held.items()
                    if key in self._seen_at
                    and key not in unseen
                    and key in asked
                    and asked[key].quantity == position.quantity
                ),
                executions,
            )
        return closed

    def listed(
        self,
        account: str,
        con_ids: Collection[int] | None,
        held: Mapping[PositionKey, Position],
        now: float,
    ) -> list[Closing]:
        """Take an account's own update: what it holds, None where it is not ready."""
        doubts = self._doubts[account]
        if con_ids is None:
            doubts.not_ready(now)
            return []
        there = [key for key in doubts.missing if key[1] in con_ids]
        self._seen_at.update(dict.fromkeys(there, now))
        if there:
            doubts.begin_anew(now)
        else:
            for missing in doubts.missing.values():
                missing.confirmed = True
        if con_ids:
            self._doubts[ALL_ACCOUNTS].begin_anew(now)
        return self._by_time(held, now)

    # How it is weighed.

    def _remarks(
        self,
        snapshot: Snapshot,
        held: Collection[PositionKey],
        accounts: Collection[str],
        now: float,
    ) -> set[str]:
        """Take the remarks; return the accounts that they doubt, with those of another login."""
        remarks = dict(snapshot.remarks)
        for account in {login_account(name) for name in {name for name, _ in held}} - {*accounts}:
            if accounts and ALL_ACCOUNTS not in remarks:
                remarks.setdefault(account, "it is not an account of this login")
        for doubts in self._doubts.values():
            doubts.remark = ""
        for account, words in remarks.items():
            self._doubts[account].remark = words
        doubted = remarks.keys() - snapshot.lacks_named_only
        for account, doubts in self._doubts.items():
            if account in doubted or ALL_ACCOUNTS in doubted:
                doubts.not_ready(now)
        for name in {one.account for one in snapshot.positions if one.quantity}:
            account = login_account(name)
            self._doubts[account].ready = account not in doubted and ALL_ACCOUNTS not in doubted
        return doubted

    def _show(self, key: PositionKey, now: float) -> None:
        """Take a holding as there; where it was missing, its account's answers lacked too much."""
        self._seen_at[key] = now
        doubts = self._doubts.get(login_account(key[0]))
        if doubts is not None and doubts.missing.pop(key, None) is not None:
            doubts.begin_anew(now)

    def _lack(self, key: PositionKey, now: float, *, counts: bool, lists_others: bool) -> None:
        doubts = self._doubts[login_account(key[0])]
        doubts.held = max(doubts.held, 1)
        missing = doubts.missing.setdefault(key, Missing(now))
        if counts:
            missing.count(now, lists_others=lists_others)

    def _take_emptiness(
        self, snapshot: Snapshot, held: Collection[PositionKey], now: float
    ) -> None:
        """Doubt an answer without a row where nothing is held: it may be no answer at all."""
        everything = self._doubts[ALL_ACCOUNTS]
        if held or snapshot.positions or self._may_be_empty:
            self._may_be_empty = self._may_be_empty or bool(snapshot.positions)
            everything.missing.pop(_NOTHING_HELD, None)
            return
        missing = everything.missing.setdefault(_NOTHING_HELD, Missing(now))
        if snapshot.certain and not snapshot.remarks:
            missing.count(now, lists_others=False)

    def _by_time(self, held: Mapping[PositionKey, Position], now: float) -> list[Closing]:
        """Close what is missing for long enough."""
        closed = []
        for doubts in self._doubts.values():
            over = {k for k in doubts.missing if k in held and self._is_over(held[k].contract)}
            # An answer that lacks what lives on as well says nothing, of what is over either.
            if doubts.lacks_all and len(over) < len(doubts.missing):
                over.clear()
            for key, missing in doubts.missing.items():
                seen_at = self._seen_at.get(key, -inf)
                if reason := doubts.gone(missing, self._session_at, seen_at, key in over, now):
                    closed.append(Closing(key, reason))
        self._settle(closed)
        return [one for one in closed if one.key in held]

    def _settle(self, closed: Collection[Closing]) -> None:
        """Forget holdings whose fate is decided."""
        for one in closed:
            doubts = self._doubts.get(login_account(one.key[0]))
            if doubts is not None:
                doubts.missing.pop(one.key, None)
            self._seen_at.pop(one.key, None)
            self._may_be_empty = True
        self._trades.forget(one.key for one in closed)
