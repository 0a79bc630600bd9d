"""What may be sent leaves room for what matters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.message_budget import MessageBudget


@given(st.lists(st.tuples(st.floats(0.0, 0.3), st.booleans()), max_size=200))
def test_quotes_never_take_the_last_messages_of_a_second(steps: list[tuple[float, bool]]) -> None:
    """Of any second's messages those for quotes were sent with room to spare."""
    budget, now = MessageBudget(most=6, kept_free=2), 0.0
    sent: list[float] = []
    for pause, is_quote in steps:
        now += pause
        if is_quote:
            now = max(now, budget.quote_at(now))
            assert len([t for t in sent if now - 1.0 + 1e-9 < t]) < 4
            budget.quote_spent(now)
        sent.append(now)
        budget.spent(now)


def test_the_time_of_the_next_quote_is_when_there_is_room() -> None:
    """Not later: messages that are not sent are lost."""
    budget = MessageBudget(most=4, kept_free=1)
    for at in (0.0, 0.2, 0.4):
        assert budget.quote_at(at) == at
        budget.spent(at)
        budget.quote_spent(at)
    assert budget.quote_at(0.5) == 1.0
    assert budget.quote_at(1.0) == 1.0


def test_what_others_send_is_not_left_for_quotes() -> None:
    budget = MessageBudget(most=45, kept_free=2)
    for at in (0.1, 0.2, 0.3):
        budget.spent(at)
    budget.quote_spent(0.3)
    assert budget.left_for_quotes(0.5) == 41
    assert budget.left_for_quotes(1.25) == 43
