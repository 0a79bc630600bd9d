"""Decide: walk the table once, keep what is not explained, and put the first cause in front."""

from __future__ import annotations

from slotwise.formatting import counted
from slotwise.health.verdict.facts import Facts
from slotwise.health.verdict.finding import Finding, Named, Standing, Verdict
from slotwise.health.verdict.rules_data import find_unseen_legs
from slotwise.health.verdict.table import STATES, State


def decide(facts: Facts) -> Verdict:
    """Return the verdict on the facts; `well` only where no rule finds anything wrong."""
    found: list[tuple[State, Finding]] = []
    explained: set[str] = set()
    for state in STATES:
        if state.subject in explained:
            continue
        finding = state.find(facts)
        if finding is not None:
            found.append((state, finding))
            explained.update(state.explains)
    findings = tuple(_with_names(state, finding) for state, finding in found)
    cause = next((one for one in findings if one.level != "note"), None)
    if cause is None:
        return _well(facts, findings)
    # Something that is known to be wrong goes before what is not known, further down.
    wrong = next((one for one in findings if one.level == "wrong"), None)
    standing: Standing = "wrong" if wrong is not None else "unknown"
    first = wrong or cause
    sentence = first.sentence
    if "legs" in explained and (legs := find_unseen_legs(facts, explained=True)) is not None:
        sentence = f"{sentence}; {legs.sentence}"
    return Verdict(standing, first.state, sentence, first.advice, findings)


def _with_names(state: State, finding: Finding) -> Named:
    return Named(
        state.name, state.level, finding.sentence, finding.advice, state.unready, state.alert
    )


def _well(facts: Facts, findings: tuple[Named, ...]) -> Verdict:
    held = counted(facts.positions.count, "position")
    if facts.closed_since:
        return Verdict(
            "well",
            "closed",
            f"all well: {held}, markets closed, prices of {facts.closed_since}",
            "",
            findings,
        )
    legs = {leg.con_id: leg.state for strategy in facts.strategies for leg in strategy.legs}
    starting = sum(state == "starting" for state in legs.values())
    seen = f", {counted(len(legs), 'active contract')} seen" if legs else ""
    if starting:
        named = counted(len(legs), "active contract")
        seen = f", {len(legs) - starting:,} of {named} seen so far"
    return Verdict("well", "well", f"all well: {held}{seen}", "", findings)
