"""Closings: when a holding is gone. Evidence goes in, decisions come out.

What TWS does not list is not thereby closed: while it logs in, is displaced by another session, or
loads, it answers with no positions or some of them, and ends as if that were all (reports of users,
recordings). A holding is closed for a reason:

| evidence                                                              | closes              |
|-----------------------------------------------------------------------|---------------------|
| a push of quantity 0                                                  | at once             |
| the last row of it in an answer has quantity 0                        | at once             |
| it is missing, and executions since it was seen sum to its quantity   | at once             |
| it is missing, its last session is over, and so is that of all that   | when seen twice     |
| is missing, or answers list others of its account                     |                     |
| it is missing, and the account's own update, complete, lacks it too   | when seen twice     |
| the same, and much of the account is missing                          | after `AGREED_S`    |
| it is missing in all answers, which list others of its account, and   | after `AGREED_S`    |
| TWS did not give the account's own update within `WITNESS_S`          |                     |
| all of its account is missing, in answers that list other accounts;   | after `AGREED_S`    |
| the account was listed in this session; executions were answered;     |                     |
| TWS did not give the account's own update within `WITNESS_S`          |                     |
| much of its account is missing, and by the account's values, which    | after `AGREED_S`    |
| would show it, nothing is held                                        |                     |
| all of its account is missing otherwise, or its values do not agree   | not by that alone   |

A holding goes through these states; what begins its count anew is in the last two lines:

    seen    --an answer lacks it-------------------------> missing
    missing --more answers lack it-----------------------> missing, and closed by the table above
    missing --an answer, a push or an update shows it----> seen, and its account begins anew
    missing --the session began; a remark; not ready-----> missing, and begins anew

Rules:
* An answer counts for an account where TWS remarked nothing on it (2151, 10275) and the answer is
  certain to be its own. A row that cannot be read is there (one without an account in every
  account), and no doubt of other holdings. An answer that failed counts for none, and in TWS's
  words begins all anew.
* Time counts from when a holding was seen last, its session began, or its account was doubted last,
  whichever was last; and the answers that lack it must themselves span `SPAN_S`.
* An answer without any row, where nothing is known to be held, is believed by the same rule, unless
  the values of some account say that something is.
* An account that was listed in this session is ready until TWS remarks on it, or its own update
  says otherwise. Where TWS gives no update, the answered request for executions, which explains
  nothing, is the other witness: without either an account that is away could be a closed one.
  That TWS gives no update, or no values, is known only if it was asked within `WITNESS_S`.
* Account values (net liquidation, cash, gross position value, margin) come from another service
  than positions, and name no holding. They agree where they say twice in a row that nothing is
  held; what they would not show (`in_values`) they do not close. Values that say that something is
  held, or do not decide it, as while an account loads, keep an account open of which answers list
  nothing.
* An account with a missing holding, or with a remark, is unknown, since when and why.
* Each account is decided by itself.

Pure: times are seconds of any steady clock, and only words carry a date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from math import inf

from slotwise.account import login_account
from slotwise.contract import Contract, PositionKey
from slotwise.position import Position, Snapshot, Unknown, is_later, is_older
from slotwise.reconciliation.evidence import Execution
from workers.gateway.position_answer import ALL_ACCOUNTS
from workers.gateway.positions.doubts import Closing, Doubts
from workers.gateway.positions.trades_since import TradesSince

#: In doubt positions are asked for again: after a doubt of at most this many seconds, in this many.
ASK_AGAIN_S = ((4.0, 2.0), (90.0, 5.0), (inf, 10.0))
#: An answer is asked for this long after the moment at which it may close something, seconds: a
#: timer may be early by a little.
JUST_AFTER_S = 0.05


class Closings:
    """Decide which holdings are gone; `held` is always all that is held so far."""

    def __init__(
        self,
        is_over: Callable[[Contract], bool] = lambda contract: False,
        in_values: Callable[[Position], bool] = lambda position: False,
    ) -> None:
        self._doubts = Doubts(is_over, in_values)
        self._trades = TradesSince()

    @property
    def unknown(self) -> dict[str, Unknown]:
        """Return the accounts whose positions are not known; `ALL_ACCOUNTS` may be among them."""
        return self._doubts.unknown

    @property
    def unseen(self) -> frozenset[PositionKey]:
        """Return the holdings that are kept though the newest answer lacks them."""
        return self._doubts.unseen

    @property
    def is_list_wanted(self) -> bool:
        """Return True where executions are to be listed again, to compare later ones with."""
        return self._trades.is_list_wanted

    @property
    def are_values_wanted(self) -> bool:
        """Return True where account values may help."""
        return any(doubts.lacks_much for doubts in self._doubts.by_account.values())

    def accounts_missing(self) -> tuple[str, ...]:
        """Return the accounts whose own update may help."""
        return tuple(name for name, d in self._doubts.by_account.items() if name and d.missing)

    def ask_again_s(self, now: float) -> float | None:
        """Return in how many seconds to ask for positions again; None where nothing is missing."""
        accounts = self._doubts.by_account.values()
        begun = [missing.begun for doubts in accounts for missing in doubts.missing.values()]
        if not begun:
            return None
        step_s = next(seconds for age, seconds in ASK_AGAIN_S if now - max(begun) <= age)
        return min(step_s, self._doubts.next_due(now) - now + JUST_AFTER_S)

    # Evidence.

    def session_began(self, now: float) -> None:
        """Take a connection, or TWS's own to IB, as new."""
        self._doubts.session_began(now)

    def failed(self, words: str, at: datetime, now: float, *, silent: bool = False) -> None:
        """Take a poll that failed; one without an answer proves nothing about what is held."""
        everything = self._doubts.everything
        everything.remark, everything.since = words, everything.since or at
        if not silent:
            self._doubts.begin_anew(now)

    def answered(
        self,
        snapshot: Snapshot,
        held: Mapping[PositionKey, Position],
        now: float,
        accounts: Collection[str] = (),
    ) -> list[Closing]:
        """Take an answer to a login of some accounts; return what it closes."""
        doubted = self._doubts.remarked(snapshot, held, accounts, now)
        shown = {one.key: now for one in snapshot.positions if one.quantity}
        zeros = {one.key: one for one in snapshot.positions if not one.quantity}
        self._doubts.seen_at |= shown
        for key in self.unseen & shown.keys():
            self._doubts.show(key, now)
        for one in snapshot.positions:
            if one.quantity and not is_older(one, held.get(one.key)):
                self._trades.saw(one)
        closed: list[Closing] = []
        for key in [key for key in held if key not in shown]:
            account = login_account(key[0])
            counts = account not in doubted and ALL_ACCOUNTS not in doubted
            if snapshot.unreadable & {(account, key[1]), (ALL_ACCOUNTS, key[1])}:
                # Also beside a row of quantity 0, since the last row counts, which may be this one.
                # A row without an account may be any account's.
                self._doubts.show(key, now)
            elif key in zeros:
                closed.append(Closing(key, "TWS lists it with quantity 0", zeros[key]))
            elif not is_later(held[key], snapshot):
                counts = counts and snapshot.certain
                self._doubts.lack(key, now, counts=counts, lists_others=bool(shown))
        self._doubts.take_emptiness(snapshot, held, now)
        self._doubts.settle(closed)
        left = {k: p for k, p in held.items() if k not in zeros} if zeros else held
        closed += self._doubts.by_time(left, now)
        self._doubts.note_since(snapshot.completed_at)
        return self._closed(closed)

    def pushed(self, position: Position, now: float) -> Closing | None:
        """Take a change; return the closing that it is."""
        if position.quantity == 0:
            closing = Closing(position.key, "TWS says that its quantity is 0", position)
            self._doubts.settle((closing,))
            self._trades.forget((closing.key,))
            return closing
        self._doubts.show(position.key, now)
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
        failing = bool(self._doubts.everything.remark)
        unseen, seen_at = self.unseen, self._doubts.seen_at
        doubted = [p for key, p in held.items() if failing or key in unseen]
        gone = self._trades.gone(doubted, executions, seen_at.keys())
        closed = [Closing(key, reason) for key, reason in gone.items()]
        self._doubts.settle(closed)
        for doubts in self._doubts.by_account.values():
            for missing in doubts.missing.values():
                missing.unexplained = True
        if not failing:
            self._trades.keep(
                (
                    position
                    for key, position in held.items()
                    if key in seen_at
                    and key not in unseen
                    and key in asked
                    and asked[key].quantity == position.quantity
                ),
                executions,
            )
        return self._closed(closed)

    def listed(
        self,
        account: str,
        con_ids: Collection[int] | None,
        held: Mapping[PositionKey, Position],
        now: float,
    ) -> list[Closing]:
        """Take an account's own update: what it holds, None where it is not ready."""
        doubts = self._doubts.by_account[account]
        if con_ids is None:
            doubts.not_ready(now)
            return []
        there = [key for key in doubts.missing if key[1] in con_ids]
        self._doubts.seen_at.update(dict.fromkeys(there, now))
        if there:
            doubts.begin_anew(now)
        else:
            for missing in doubts.missing.values():
                missing.confirmed = True
        if con_ids:
            self._doubts.everything.begin_anew(now)
        return self._closed(self._doubts.by_time(held, now))

    def not_given(self, account: str, now: float) -> None:
        """Take that TWS did not give an account's own update."""
        self._doubts.by_account[account].not_given_at = now

    def not_valued(self, now: float) -> None:
        """Take that TWS did not give account values."""
        for doubts in self._doubts.by_account.values():
            doubts.valued_at = now

    def valued(
        self,
        holds: Mapping[str, bool | None],
        held: Mapping[PositionKey, Position],
        now: float,
    ) -> list[Closing]:
        """Take whether accounts hold anything by their values, None where they do not decide it."""
        for account, doubts in self._doubts.by_account.items():
            doubts.valued_at = now
            # An account without money, which is not decided, may well be all that there is.
            holds_any = holds.get(account) if account != ALL_ACCOUNTS else any(holds.values())
            for missing in doubts.missing.values():
                missing.valued(holds_any, now)
        return self._closed(self._doubts.by_time(held, now))

    def _closed(self, closed: list[Closing]) -> list[Closing]:
        self._trades.forget(one.key for one in closed)
        return closed
