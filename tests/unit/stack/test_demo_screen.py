"""The demo's screen begins with the verdict."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from slotwise.bus.status import VerdictStatus
from slotwise.health.verdict.published import OLD_S, current
from tests.support.values import NOON
from workers.stack.demo_screen import DemoView, render
from workers.stack.ledger import LineCount


def drawn(verdict: VerdictStatus | None) -> str:
    """Draw a demo that has just begun."""
    view = DemoView(
        verdict=verdict,
        seconds=1.0,
        positions=0,
        active=0,
        lines=LineCount(
            limit=100,
            held=0,
            peak=0,
            used_peak=0,
            quotes=0,
            requests=0,
            cancels=0,
            rejected=0,
            contradictions=0,
        ),
        gateway=None,
        queue=None,
        succeeded=0,
        failed=0,
        pending=0,
        rows=0,
        commits=0,
        reconciliation="not yet",
        links=(),
        restarts=(),
    )
    out = StringIO()
    Console(file=out, width=100).print(render(view))
    return out.getvalue()


def test_demo_screen_begins_with_the_verdict_and_its_advice() -> None:
    verdict = VerdictStatus(
        at=NOON, standing="wrong", state="farm_down", sentence="usopt is down", advice="wait"
    )
    first, second, *_ = drawn(verdict).splitlines()
    assert (first.strip(), second.strip()) == ("usopt is down", "wait")


def test_demo_screen_says_that_there_is_no_verdict_yet() -> None:
    assert "no verdict yet" in drawn(None).splitlines()[0]


@pytest.mark.parametrize(("age_s", "state"), [(OLD_S, "well"), (OLD_S + 1, "monitor_away")])
def test_published_verdict_that_is_too_old_is_none(age_s: float, state: str) -> None:
    verdict = VerdictStatus(at=NOON, standing="well", state="well", sentence="all well")
    assert current(verdict, NOON + timedelta(seconds=age_s)).state == state
