"""What is known of the limit stands still while what TWS grants does."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.values import contract
from workers.gateway.lines.limit import PROBE_S, LineLimit
from workers.gateway.lines.table import LineTable

ALLOWED = 10
#: Time after which a lower limit has been found, seconds: a quote ends, and a try follows.
LEARNT_S = 2 * PROBE_S + 4.0
STEP_S = 0.25


class Account:
    """An account with lines of strategies, and quotes as the rotation takes them: when it may."""

    def __init__(self, grants: int, held: int) -> None:
        self.grants = grants
        self.held = held
        self.limit = LineLimit(ALLOWED)
        self.quotes: list[float] = []

    @property
    def used(self) -> int:
        return self.held + len(self.quotes)

    def step(self, now: float, takes_s: float) -> None:
        """End the quotes that are over, then ask for more while that may be."""
        for until in [until for until in self.quotes if until <= now]:
            self.quotes.remove(until)
            self.limit.quote_ended(self.used, len(self.quotes))
        while True:
            if self.used >= self.limit.known:
                self.limit.try_more(self.used, now)
            if self.used >= self.limit.known:
                return
            if self.used >= self.grants:
                self.limit.refused(self.used, len(self.quotes), now)
            else:
                self.quotes.append(now + takes_s)
                self.limit.accepted(self.used)


@settings(max_examples=200)
@given(
    grants=st.integers(1, ALLOWED),
    held=st.integers(0, ALLOWED),
    takes=st.lists(st.floats(0.1, 3.0), min_size=1, max_size=20),
)
def test_what_is_granted_never_flaps_while_tws_grants_the_same(
    grants: int, held: int, takes: list[float]
) -> None:
    """Whether a line is left for quotes is a plain fact, and stays one through each try."""
    account = Account(grants, min(held, grants))
    now, seen = 0.0, set()
    while now < LEARNT_S + 60.0:
        account.step(now, takes[int(now / STEP_S) % len(takes)])
        if now > LEARNT_S:
            seen.add(account.held < account.limit.granted)
            assert account.limit.granted <= grants
        now += STEP_S
    assert seen == {account.held < grants}


def test_a_refused_try_takes_no_line_from_quotes_under_way() -> None:
    """Four lines of strategies and one quote fill five: the sixth is refused, and five stay."""
    account = Account(grants=5, held=4)
    for step in range(int(LEARNT_S / STEP_S)):
        account.step(step * STEP_S, takes_s=1.0)
    assert account.limit.granted == 5


def test_a_limit_that_really_falls_is_followed_down() -> None:
    """A refusal below what was granted is no try: the lines of quotes may be the ones gone."""
    account = Account(grants=ALLOWED, held=2)
    for step in range(40):
        account.step(step * STEP_S, takes_s=3.0)
    account.grants = 2
    for step in range(40, 40 + int(LEARNT_S / STEP_S)):
        account.step(step * STEP_S, takes_s=3.0)
    assert account.limit.granted == 2


def test_the_answer_of_an_older_quote_accepts_no_try() -> None:
    """Four lines, a quote and a try beyond them: the quote's price comes first."""
    table = LineTable(ALLOWED)
    for con_id in range(1, 5):
        table.opened(contract(con_id), 0.0)
        table.answered(con_id)
    table.quote_began(5, 0.0)
    table.quote_began(6, 0.0)
    table.quote_was_full(6, 0.0)
    table.allowance.try_more(table.used, PROBE_S)
    table.quote_began(7, PROBE_S)
    table.answered(5)
    assert (table.limit, table.allowance.granted) == (6, 5)
    table.answered(7)
    assert (table.limit, table.allowance.granted) == (7, 6)
