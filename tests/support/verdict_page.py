"""The table of states in docs/operations.md, made from the code's own table."""

from __future__ import annotations

from slotwise.health.verdict import decide
from slotwise.health.verdict.finding import EXIT_STATUS
from slotwise.health.verdict.table import STATES
from tests.support.verdict_bounds import bound_of
from tests.support.verdict_examples import EXAMPLES

BEGIN, END = "<!-- states: begin -->", "<!-- states: end -->"


def states_table() -> str:
    """Return the Markdown table: state, cause, example sentence, advice, status, alert, bound."""
    rows = [
        "| state | cause | example | what to do | exit status | sent | named within |",
        "|---|---|---|---|---|---|---|",
    ]
    for state in STATES:
        verdict = decide(EXAMPLES[state.name])
        named = next(one for one in verdict.findings if one.state == state.name)
        first = verdict.state == state.name
        sentence = verdict.sentence if first else named.sentence
        cells = (
            f"`{state.name}`",
            state.cause,
            sentence,
            named.advice,
            str(EXIT_STATUS[verdict.standing]),
            "yes" if state.alert else "no",
            bound_of(state.name).words(),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def with_table(page: str) -> str:
    """Return the page with its table made again; raises ValueError where it has no place for it."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("the page has no place for the table of states")
    return f"{before}{BEGIN}\n{states_table()}\n{END}{after}"
