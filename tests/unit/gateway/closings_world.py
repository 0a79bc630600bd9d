"""A TWS that answers as real ones do, and the shell around `Closings`, on a clock of their own.

TWS knows what is held. It gives it whole, or in one of the ways in which it does not: with no row,
with remarks, without accounts, in part, or not at all. A part, or all but one account, goes on for
less than a minute where neither the account's own update nor its values say anything: nothing
distinguishes that from the truth. Values say nothing of a part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import inf
from random import Random

from slotwise.account import login_account
from slotwise.contract import PositionKey
from slotwise.numbering import Numbering
from slotwise.position import Position, Snapshot
from slotwise.reconciliation.evidence import Execution
from tests.support.values import position
from workers.gateway.position_answer import ALL_ACCOUNTS
from workers.gateway.positions.closings import Closings
from workers.gateway.positions.doubts import Closing

#: How positions may be answered.
MODES = (
    "whole", "empty", "empty2151", "2151noend", "silent", "readonly", "err10275", "absent",
    "partial",
)  # fmt: skip
#: The modes in which nothing in the answer itself says that it is not whole.
DECEPTIVE = frozenset(("absent", "partial"))
#: How account updates and executions may be answered.
UPDATES = ("given", "not_ready", "silent")
#: How account values may be answered: as they are, with zeros or nothing of an account, not at all.
VALUES = ("given", "undecided", "silent")
#: Longest time that an answer deceives while nothing else speaks, seconds.
DECEIVES_S = 45.0
#: A failed poll is repeated after this, seconds: the longest wait of the poller; one that is not
#: answered has failed after that.
RETRY_S, SILENT_S = 5.0, 10.0
#: Time between two looks at executions and account updates, seconds.
EVIDENCE_S = 5.0

BEGIN = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass
class World:
    """Hold the truth, what the gateway believes, and the time."""

    accounts: tuple[str, ...]
    interval_s: float = 30.0
    seed: int = 0
    now: float = 1000.0
    #: How far the wall clock is from steady time, seconds.
    clock_s: float = 0.0
    mode: str = "whole"
    updates: str = "given"
    away: str = ""
    executions_hang: bool = False
    #: Whether TWS never answers a request for an account's own update.
    never_updates: bool = False
    values: str = "silent"
    #: What was waited for in vain is asked for again after this, seconds.
    pause_s: float = 0.0
    #: Contracts that have no value, or are of kinds that account values leave out.
    hidden: set[int] = field(default_factory=set)
    #: Holdings whose rows cannot be read, and those of them whose rows name no account either.
    spoilt: set[PositionKey] = field(default_factory=set)
    nameless: set[PositionKey] = field(default_factory=set)
    truth: dict[PositionKey, Decimal] = field(default_factory=dict)
    held: dict[PositionKey, Position] = field(default_factory=dict)
    #: When each holding was really closed, and when the answer became whole again.
    gone_at: dict[PositionKey, float] = field(default_factory=dict)
    well_since: float = 1000.0

    def __post_init__(self) -> None:
        self.closings = Closings(in_values=lambda one: one.contract.con_id not in self.hidden)
        self._numbering = Numbering(1)
        self._random = Random(self.seed)
        self._executions: list[Execution] = []
        self._due_at = self.now
        self._deceived_from = inf
        self._evidence_due_at = inf
        #: Since when an account's own update, or values, are waited for.
        self._silent_from: dict[str, float] = {}
        #: When what was given up is asked for again.
        self._retry_at: dict[str, float] = {}
        #: Whether executions were listed in this session.
        self._listed = False
        self.closings.session_began(self.now)

    @property
    def wall(self) -> datetime:
        return BEGIN + timedelta(seconds=self.now + self.clock_s)

    # What happens.

    def answer_as(self, mode: str, updates: str, away: str) -> None:
        self.mode, self.updates, self.away = mode, updates, away
        if mode == "whole":
            self.well_since = self.now

    def reconnect(self) -> None:
        self.closings.session_began(self.now)
        self._due_at = self.now
        self._listed = False
        self.well_since = max(self.well_since, self.now)

    def trade(self, key: PositionKey, change: Decimal, *, pushed: bool, executed: bool) -> None:
        before = self.truth.get(key, Decimal(0))
        seen = self.held[key].quantity if key in self.held else Decimal(0)
        # A transfer, which has no execution, does not come on top of an unseen trade.
        executed = executed or before != seen
        after = before + change
        if executed:
            self._executions.append(
                Execution(
                    exec_id=f"0000.{len(self._executions)}.01", account=key[0], con_id=key[1],
                    quantity=change, price=Decimal(1), client_id=0, order_id=0,
                    at=(BEGIN + timedelta(seconds=self.now)).replace(microsecond=0),
                )
            )  # fmt: skip
        if after:
            self.truth[key] = after
            self.gone_at.pop(key, None)
        else:
            self.truth.pop(key, None)
            self.gone_at[key] = self.now
        if pushed:
            self._push(self._observed(key, after, self._numbering.next()))

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while (due_at := min(self._due_at, self._evidence_due_at)) <= until:
            self.now = max(self.now, due_at)
            if due_at == self._due_at:
                self._poll()
            self._look_for_evidence()
        self.now = until

    # The shell.

    def _push(self, one: Position) -> None:
        if one.quantity == 0 and one.key not in self.held:
            return
        closing = self.closings.pushed(one, self.now)
        if closing is not None:
            self._close([closing])
        else:
            self.held[one.key] = one

    def _poll(self) -> None:
        self._due_at = self.now + self.interval_s
        rows, remarks, error = self._answer()
        if error:
            self.closings.failed(error, self.wall, self.now, silent=error == "silent")
            wait_s = RETRY_S + (SILENT_S if error == "silent" else 0.0)
            self._due_at = max(min(self._due_at, self.now + wait_s), self.now + wait_s - RETRY_S)
        else:
            number = self._numbering.next()
            unreadable = self.spoilt.intersection(rows)
            rows = [key for key in rows if key not in unreadable]
            unreadable = {("" if key in self.nameless else key[0], key[1]) for key in unreadable}
            named = {account for account, _ in unreadable} - remarks.keys()
            remarks = dict.fromkeys(named, "TWS sent a position that cannot be read") | remarks
            snapshot = Snapshot(
                snapshot_id="s", requested_at=self.wall, completed_at=self.wall, sequence=number,
                positions=tuple(self._observed(k, self.truth[k], number) for k in rows),
                remarks=remarks, unreadable=frozenset(unreadable),
                lacks_named_only=frozenset(named),
            )  # fmt: skip
            held = dict(self.held)
            closed = self.closings.answered(snapshot, held, self.now, self.accounts)
            self.held |= {one.key: one for one in snapshot.positions}
            self._close(closed)
            again = self.closings.ask_again_s(self.now)
            if again is not None:
                self._due_at = min(self._due_at, self.now + again)

    def _look_for_evidence(self) -> None:
        doubted = self.closings.unseen or ALL_ACCOUNTS in self.closings.unknown
        if not doubted:
            self._evidence_due_at = inf
            if self._listed:
                return
        elif self._evidence_due_at == inf or self.now >= self._evidence_due_at:
            self._evidence_due_at = self.now + EVIDENCE_S
            for account in self.closings.accounts_missing():
                if not self._is_asked(account):
                    continue
                listed = self._listing(account)
                if isinstance(listed, bool):
                    if self._is_given_up(account):
                        self.closings.not_given(account, self.now)
                else:
                    self._silent_from.pop(account, None)
                    self._close(self.closings.listed(account, listed, self.held, self.now))
            if not self.closings.are_values_wanted or not self._is_asked(ALL_ACCOUNTS):
                self._silent_from.pop(ALL_ACCOUNTS, None)
            elif self.values != "silent":
                self._close(self.closings.valued(self._holds(), self.held, self.now))
            elif self._is_given_up(ALL_ACCOUNTS):
                self.closings.not_valued(self.now)
        else:
            return
        if not self.executions_hang:
            self._listed = True
            self._close(self.closings.traded(self._executions, dict(self.held), self.held))

    def _close(self, closed: list[Closing]) -> None:
        for one in closed:
            assert one.key not in self.truth, f"{one} is held: {self.truth[one.key]}"
            del self.held[one.key]

    def _is_given_up(self, what: str) -> bool:
        """Return True where an account's update, or values, were waited for long enough."""
        since = self._silent_from.setdefault(what, self.now)
        if self.now - since < SILENT_S:
            return False
        del self._silent_from[what]
        self._retry_at[what] = self.now + self.pause_s
        return True

    def _is_asked(self, what: str) -> bool:
        """Return True where an account's update, or values, are asked for now."""
        return self._retry_at.get(what, -inf) <= self.now

    # What TWS says.

    def _answer(self) -> tuple[list[PositionKey], dict[str, str], str]:
        mode, keys = self.mode, list(self.truth)
        if mode in DECEPTIVE and (self.updates == "silent" or self.never_updates):
            self._deceived_from = min(self._deceived_from, self.now)
            if self.now - self._deceived_from >= DECEIVES_S and not self._do_values_differ():
                mode = "whole"
        if mode == "whole":
            self._deceived_from = inf
        others = [key for key in keys if login_account(key[0]) != self.away]
        match mode:
            case "empty":
                return [], {}, ""
            case "empty2151":
                return [], {ALL_ACCOUNTS: "TWS notice 2151"}, ""
            case "2151noend" | "readonly":
                return [], {}, f"TWS error in mode {mode}"
            case "silent":
                return [], {}, "silent"
            case "err10275":
                return others, {self.away: "TWS notice 10275"}, ""
            case "absent":
                return others, {}, ""
            case "partial":
                return [key for key in keys if self._random.random() < 0.75], {}, ""
            case _:
                return keys, {}, ""

    def _listing(self, account: str) -> set[int] | bool | None:
        """Return what the account's update lists, None while it is not ready, False for silence."""
        if self.never_updates:
            return False
        if self.mode == "whole" or self.updates == "given":
            return {con_id for name, con_id in self.truth if name == account}
        return None if self.updates == "not_ready" else False

    def _holds(self) -> dict[str, bool | None]:
        """Return what account values say: nothing of an account that loads, or shows 0 for all."""
        if self.values == "undecided":
            return dict.fromkeys(self.accounts[1:])
        shown = {name for name, con_id in self.truth if con_id not in self.hidden}
        return {name: name in shown for name in self.accounts}

    def _do_values_differ(self) -> bool:
        """Return True where values say that an account is held of which answers list nothing."""
        if self.mode != "absent" or self.values == "silent":
            return False
        return self.values == "undecided" or self._holds()[self.away] is True

    def _observed(self, key: PositionKey, quantity: Decimal, number: int) -> Position:
        return position(
            key[1], str(quantity), account=key[0], observed_at=self.wall, sequence=number
        )


def world(holdings: int, accounts: int = 1, interval_s: float = 30.0) -> World:
    """Begin with so many holdings, all seen."""
    names = tuple(f"DU{n}" for n in range(accounts))
    made = World(names, interval_s)
    for n in range(holdings):
        made.truth[names[n % accounts], n] = Decimal(10)
    made.wait(0.0)
    assert len(made.held) == holdings
    made.wait(interval_s)
    return made


#: What is really closed is closed so soon after TWS is well, seconds; a poll may come this late.
BOUND_S, SLOW_POLL_S = 90.0, 60.0
