"""Doubts: which holdings of which accounts are missing, and which of them time has closed.

Rules are those of `closings`, which alone uses this.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from math import inf

import msgspec

from slotwise.account import login_account
from slotwise.contract import Contract, PositionKey
from slotwise.position import Position, Snapshot, Unknown
from workers.gateway.position_answer import ALL_ACCOUNTS
from workers.gateway.positions.missing import AGREED_S, TWICE_S, AccountDoubts, Missing

#: Stands for all that may be held where nothing is known to be.
_NOTHING_HELD: PositionKey = (ALL_ACCOUNTS, 0)


class Closing(msgspec.Struct, frozen=True):
    """A decision that a holding is gone, with its reason."""

    key: PositionKey
    reason: str
    #: The row of quantity 0 that shows it, where there is one.
    row: Position | None = None


class Doubts:
    """Keep the doubts of every account; `held` is always all that is held so far."""

    def __init__(
        self, is_over: Callable[[Contract], bool], in_values: Callable[[Position], bool]
    ) -> None:
        self._is_over = is_over
        self._in_values = in_values
        self._session_at = -inf
        #: When each holding was seen last.
        self.seen_at: dict[PositionKey, float] = {}
        self.by_account: dict[str, AccountDoubts] = defaultdict(AccountDoubts)
        #: Whether an answer without any row is believed in this session.
        self._may_be_empty = False

    @property
    def everything(self) -> AccountDoubts:
        """Return the doubts that concern every account."""
        return self.by_account[ALL_ACCOUNTS]

    @property
    def unknown(self) -> dict[str, Unknown]:
        """Return the accounts whose positions are not known; `ALL_ACCOUNTS` may be among them."""
        return {
            account: Unknown(doubts.since, doubts.reason)
            for account, doubts in self.by_account.items()
            if doubts.reason and doubts.since is not None
        }

    @property
    def unseen(self) -> frozenset[PositionKey]:
        """Return the holdings that are kept though the newest answer lacks them."""
        return frozenset(key for doubts in self.by_account.values() for key in doubts.missing)

    def session_began(self, now: float) -> None:
        """Take a connection, or TWS's own to IB, as new."""
        self._session_at = now
        self._may_be_empty = False
        for doubts in self.by_account.values():
            doubts.not_ready(now)

    def begin_anew(self, now: float) -> None:
        """Take a sign that any answer may lack something."""
        for doubts in self.by_account.values():
            doubts.begin_anew(now)

    def remarked(
        self,
        snapshot: Snapshot,
        held: Collection[PositionKey],
        accounts: Collection[str],
        now: float,
    ) -> set[str]:
        """Take the remarks; return the accounts that they doubt, with those of another login."""
        remarks = dict(snapshot.remarks)
        is_named = ALL_ACCOUNTS not in remarks.keys() - snapshot.lacks_named_only
        for account in {login_account(name) for name in {name for name, _ in held}} - {*accounts}:
            if accounts and is_named:
                remarks.setdefault(account, "it is not an account of this login")
        for doubts in self.by_account.values():
            doubts.remark, doubts.is_listed = "", False
        for account, words in remarks.items():
            self.by_account[account].remark = words
        doubted = remarks.keys() - snapshot.lacks_named_only
        for account, doubts in self.by_account.items():
            if account in doubted or ALL_ACCOUNTS in doubted:
                doubts.not_ready(now)
        for name in {one.account for one in snapshot.positions if one.quantity}:
            account = login_account(name)
            doubts = self.by_account[account]
            doubts.is_listed = True
            doubts.ready = account not in doubted and ALL_ACCOUNTS not in doubted
        return doubted

    def show(self, key: PositionKey, now: float) -> None:
        """Take a holding as there; where it was missing, its account's answers lacked too much."""
        self.seen_at[key] = now
        doubts = self.by_account.get(login_account(key[0]))
        if doubts is not None and doubts.missing.pop(key, None) is not None:
            doubts.begin_anew(now)

    def lack(self, key: PositionKey, now: float, *, counts: bool, lists_others: bool) -> None:
        """Take a holding as missing in an answer."""
        doubts = self.by_account[login_account(key[0])]
        doubts.held = max(doubts.held, 1)
        missing = doubts.missing.setdefault(key, Missing(now))
        if counts:
            missing.count(now, lists_own=doubts.is_listed, lists_others=lists_others)

    def take_emptiness(self, snapshot: Snapshot, held: Collection[PositionKey], now: float) -> None:
        """Note an answer without rows where nothing is held: it may be no answer."""
        if held or snapshot.positions or self._may_be_empty:
            self._may_be_empty = self._may_be_empty or bool(snapshot.positions)
            self.everything.missing.pop(_NOTHING_HELD, None)
            return
        missing = self.everything.missing.setdefault(_NOTHING_HELD, Missing(now))
        if snapshot.certain and not snapshot.remarks:
            missing.count(now, lists_own=False, lists_others=False)

    def note_since(self, at: datetime) -> None:
        """Note since when accounts are unknown."""
        for doubts in self.by_account.values():
            doubts.since = (doubts.since or at) if doubts.reason else None

    def next_due(self, now: float) -> float:
        """Return when the next answer may close something by time; infinity for never."""
        return min(
            (
                due
                for doubts in self.by_account.values()
                for key in doubts.missing
                if (due := self._since(doubts, key) + AGREED_S) > now
            ),
            default=inf,
        )

    def by_time(self, held: Mapping[PositionKey, Position], now: float) -> list[Closing]:
        """Close what is missing for long enough."""
        closed = []
        self._count(held)
        for doubts in self.by_account.values():
            over = {k for k in doubts.missing if k in held and self._is_over(held[k].contract)}
            # An answer that also lacks holdings that exist proves nothing, not even an expiry.
            all_are_over = len(over) == len(doubts.missing)
            began = max(self._session_at, doubts.anew_at)
            for key, missing in doubts.missing.items():
                since = self._since(doubts, key)
                in_values = missing.is_sold_out and key in held and self._in_values(held[key])
                is_over = key in over and (all_are_over or missing.among_own.spans(2, TWICE_S))
                reason = doubts.gone_by_evidence(missing, began, is_over, now)
                reason = reason or doubts.gone_by_time(missing, since, in_values, now)
                if reason:
                    closed.append(Closing(key, reason))
        self.settle(closed)
        return [one for one in closed if one.key in held]

    def settle(self, closed: Iterable[Closing]) -> None:
        """Drop holdings that are decided."""
        for one in closed:
            doubts = self.by_account.get(login_account(one.key[0]))
            if doubts is not None:
                doubts.missing.pop(one.key, None)
            self.seen_at.pop(one.key, None)
            self._may_be_empty = True

    def _since(self, doubts: AccountDoubts, key: PositionKey) -> float:
        """Return since when answers have not shown a holding, and nothing was against them."""
        return max(self._session_at, doubts.anew_at, self.seen_at.get(key, -inf))

    def _count(self, held: Iterable[PositionKey]) -> None:
        """Note how many holdings each account has: what was closed since is no more of them."""
        sizes: Counter[str] = Counter()
        for name, size in Counter(name for name, _ in held).items():
            sizes[login_account(name)] += size
        for account, doubts in self.by_account.items():
            doubts.held = sizes[account]
