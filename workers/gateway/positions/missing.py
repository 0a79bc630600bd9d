"""What answers lack: how often and for how long a holding is missing, and what is said of it.

Rules are those of `closings`, which alone uses this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from slotwise.contract import PositionKey

#: A holding that nothing explains is closed when it was not seen for this long, seconds: what is
#: really closed is closed within 90 s, of which a poll and an answer take up to 15.
AGREED_S = 75.0
#: The answers that lack it span this long at least, seconds, and are so many.
SPAN_S, ANSWERS = 50.0, 4
#: With independent evidence two answers are enough, so far apart, in a session so old, seconds.
TWICE_S, SESSION_S = 5.0, 10.0
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

    def spans(self, answers: int, seconds: float) -> bool:
        return self.answers >= answers and self.ended - self.begun >= seconds


@dataclass
class Missing:
    """How often and since when answers lack a holding."""

    since: float
    #: Answers that lack it; and those since the last one without any row, which list others.
    counted: Count = field(default_factory=Count)
    among_others: Count = field(default_factory=Count)
    #: Whether its account's own update lacked it too, and whether executions did not explain it.
    confirmed: bool = False
    unexplained: bool = False

    @property
    def begun(self) -> float:
        """Return since when answers that count lack it; before the first, since when any do."""
        return self.since if self.counted.begun == inf else self.counted.begun

    def begin_anew(self) -> None:
        self.counted, self.among_others = Count(), Count()
        self.confirmed = self.unexplained = False

    def count(self, now: float, *, lists_others: bool) -> None:
        self.counted.add(now)
        if lists_others:
            self.among_others.add(now)
        else:
            self.among_others = Count()


@dataclass
class AccountDoubts:
    """What is not known of one account, and why."""

    #: What TWS remarked in its newest answer, or the error that it was.
    remark: str = ""
    missing: dict[PositionKey, Missing] = field(default_factory=dict)
    held: int = 0
    anew_at: float = -inf
    #: Whether TWS has listed it in this session, and said nothing since that it is not ready.
    ready: bool = False
    #: When it became unknown.
    since: datetime | None = None

    @property
    def reason(self) -> str:
        """Return why the account is unknown; empty where it is known."""
        if self.remark or not self.missing:
            return self.remark
        if not self.held:
            return "TWS lists no positions"
        return f"TWS's answer lacks {len(self.missing)} of {self.held} known holdings"

    @property
    def lacks_all(self) -> bool:
        """Return True where answers list nothing of it: TWS may be displaced for hours."""
        return 0 < self.held <= len(self.missing)

    def begin_anew(self, now: float) -> None:
        self.anew_at = now
        for missing in self.missing.values():
            missing.begin_anew()

    def not_ready(self, now: float) -> None:
        """Take a sign that answers may lack the account."""
        self.ready = False
        self.begin_anew(now)

    def gone(
        self, missing: Missing, session_at: float, seen_at: float, over: bool, now: float
    ) -> str:
        """Return why a missing holding is gone; empty while it is not."""
        began = max(session_at, self.anew_at)
        if missing.counted.spans(2, TWICE_S) and now - began >= SESSION_S:
            if over:
                return "its last session is over, and TWS lists it no more"
            if missing.confirmed and len(self.missing) < MUCH * self.held:
                return "neither TWS's answers nor the account's own update list it"
        agreed = missing.counted.spans(ANSWERS, SPAN_S) and now - max(began, seen_at) >= AGREED_S
        if agreed and (
            missing.confirmed or not self.lacks_all or self._lacks_all_for_good(missing)
        ):
            return f"TWS did not list it in {missing.counted.answers} answers"
        return ""

    def _lacks_all_for_good(self, missing: Missing) -> bool:
        """Return True where TWS lists the other accounts, and had listed this one before."""
        return self.ready and missing.unexplained and missing.among_others.spans(ANSWERS, SPAN_S)
