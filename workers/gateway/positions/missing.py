"""What answers lack: how often and for how long a holding is missing, and the evidence on it.

Rules are those of `closings`, which alone uses this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from slotwise.contract import PositionKey

#: A holding that nothing explains is closed when it was not seen for this long, seconds: what is
#: really closed is closed within 90 s, of which a request in vain, the pause after it and the next
#: answer take up to 16.
AGREED_S = 70.0
#: The answers that lack it span this long at least, seconds, and are this many.
SPAN_S, ANSWERS = 50.0, 4
#: With independent evidence two answers are enough, so far apart, in a session so old, seconds.
TWICE_S, SESSION_S = 5.0, 10.0
#: Time alone closes a holding where TWS's silence on the account's own update, and its word or its
#: silence on account values, are no older, seconds. They were asked for up to 15 before: so they
#: are of the time in which answers that span `SPAN_S` lacked the holding.
WITNESS_S = 30.0
#: Much of an account is missing when this part of its holdings is, or all of them.
MUCH = 0.25


@dataclass
class Count:
    """How many answers there were, and from when to when."""

    answers: int = 0
    begun: float = inf
    ended: float = -inf

    def add(self, now: float) -> None:
        self.answers += 1
        self.begun, self.ended = min(self.begun, now), now

    def after(self, now: float, *, goes_on: bool) -> Count:
        """Return the count with one more, or one that begins again."""
        if not goes_on:
            return Count()
        self.add(now)
        return self

    def spans(self, answers: int, seconds: float) -> bool:
        return self.answers >= answers and self.ended - self.begun >= seconds


@dataclass
class Missing:
    """How often and since when answers lack a holding."""

    since: float
    #: Answers that lack it; those since the last one that listed nothing of its account; and since
    #: the last one without any row.
    counted: Count = field(default_factory=Count)
    among_own: Count = field(default_factory=Count)
    among_others: Count = field(default_factory=Count)
    #: Whether its account's own update lacked it too, and whether executions did not explain it.
    confirmed: bool = False
    unexplained: bool = False
    #: How often in a row its account's values showed nothing held, and whether the newest do
    #: not say so.
    sold_out: Count = field(default_factory=Count)
    contradicted: bool = False

    @property
    def begun(self) -> float:
        """Return since when answers that count lack it; before the first, since when any do."""
        return self.since if self.counted.begun == inf else self.counted.begun

    @property
    def is_sold_out(self) -> bool:
        """Return True where its account's values have shown twice that nothing is held."""
        return self.sold_out.spans(2, TWICE_S)

    def begin_anew(self) -> None:
        self.counted, self.among_own, self.among_others = Count(), Count(), Count()
        self.sold_out = Count()
        self.confirmed = self.unexplained = self.contradicted = False

    def valued(self, holds: bool | None, now: float) -> None:
        """Take whether its account holds anything by its values; None: they do not decide it."""
        self.contradicted = holds is not False
        if holds is False:
            self.sold_out.add(now)
        else:
            self.sold_out = Count()

    def count(self, now: float, *, lists_own: bool, lists_others: bool) -> None:
        """Take an answer that lacks it, and lists others of its account, or of any."""
        self.counted.add(now)
        self.among_own = self.among_own.after(now, goes_on=lists_own)
        self.among_others = self.among_others.after(now, goes_on=lists_others)


@dataclass
class AccountDoubts:
    """What is not known of one account, and why."""

    #: What TWS remarked in its newest answer, or the error that it was.
    remark: str = ""
    missing: dict[PositionKey, Missing] = field(default_factory=dict)
    held: int = 0
    anew_at: float = -inf
    #: Whether the newest answer lists anything of it.
    is_listed: bool = False
    #: Whether TWS has listed it in this session, and has not reported since that it is not ready.
    ready: bool = False
    #: When it became unknown.
    since: datetime | None = None
    #: When waiting for its own update was last given up, and when its values were given, or waiting
    #: for them was given up.
    not_given_at: float = -inf
    valued_at: float = -inf

    @property
    def reason(self) -> str:
        """Return why the account is unknown; empty where it is known."""
        if self.remark or not self.missing:
            return self.remark
        lacks = f"TWS's answer lacks {len(self.missing)} of {self.held} known holdings"
        words = lacks if self.held else "TWS lists no positions"
        if not self.is_listed and any(one.contradicted for one in self.missing.values()):
            return f"{words}, and account values do not say that nothing is held"
        return words

    @property
    def lacks_much(self) -> bool:
        """Return True where its values may help: they say nothing of one holding among many."""
        much = not self.is_listed or len(self.missing) >= MUCH * self.held
        return bool(self.missing) and much

    def begin_anew(self, now: float) -> None:
        self.anew_at = now
        for missing in self.missing.values():
            missing.begin_anew()

    def not_ready(self, now: float) -> None:
        """Take a sign that answers may lack the account."""
        self.ready = False
        self.begin_anew(now)

    def gone_by_evidence(self, missing: Missing, began: float, over: bool, now: float) -> str:
        """Return why a holding is gone that two answers lack; empty where it may not be."""
        if missing.counted.spans(2, TWICE_S) and now - began >= SESSION_S:
            if over:
                return "its last session is over, and TWS lists it no more"
            if missing.confirmed and len(self.missing) < MUCH * self.held:
                return "neither TWS's answers nor the account's own update list it"
        return ""

    def gone_by_time(self, missing: Missing, since: float, in_values: bool, now: float) -> str:
        """Return why a holding is gone that all answers lack for long; empty where it may not be.

        `in_values` says that it would show in its account's values. Answers that list nothing of
        its account are no evidence by themselves: TWS may be displaced for hours. What is pushed
        meanwhile does not change that. Nor is it evidence that the account's own update was not
        given long ago: TWS may give it by now.
        """
        if not missing.counted.spans(ANSWERS, SPAN_S) or now - since < AGREED_S:
            return ""
        words = f"TWS did not list it in {missing.counted.answers} answers"
        if missing.confirmed:
            return words
        if in_values and missing.is_sold_out:
            return f"{words}, and by its values the account holds nothing"
        if self.held and now - self.not_given_at > WITNESS_S:
            return ""
        if missing.among_own.spans(ANSWERS, SPAN_S):
            return words
        return words if self._is_empty_for_good(missing, now) else ""

    def _is_empty_for_good(self, missing: Missing, now: float) -> bool:
        """Return True where TWS lists the other accounts, and had listed this one before."""
        if now - self.valued_at > WITNESS_S:
            return False
        if missing.contradicted or not self.held:
            # Where nothing is known to be held there is nothing to explain.
            return not missing.contradicted
        return self.ready and missing.unexplained and missing.among_others.spans(ANSWERS, SPAN_S)
