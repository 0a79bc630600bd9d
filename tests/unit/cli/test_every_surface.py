"""Each state is shown by every surface alike: by its cause, and each sentence once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from slotwise.bus.client import Bus
from slotwise.bus.status import StatusBoard, VerdictStatus
from slotwise.health.verdict.changes import HOLD_S, Change
from slotwise.health.verdict.table import STATES, State
from tests.support.verdict_screens import MORE_WAYS, SCREENS, healthy
from tests.unit.cli.test_screens import printed
from workers.commands.doctor import sound_rows
from workers.gateway.verdict_watch import VerdictWatch
from workers.monitor.monitor import Monitor
from workers.screen.data import as_data
from workers.screen.facts import Screen
from workers.screen.verdict import checks_of, title_of, verdict_of

BY_NAME: Mapping[str, State] = {state.name: state for state in STATES}
ALERTS = Path(__file__).parents[3] / "infra" / "prometheus" / "alerts.yml"
#: Columns of a screen on which every sentence fits.
WIDE = 400

each_state = pytest.mark.parametrize("name", list(SCREENS))


def monitor_of(screen: Screen) -> tuple[Monitor, list[VerdictStatus], list[Change]]:
    """Return a monitor that sees this screen, what it published, and what it sent."""
    published: list[VerdictStatus] = []
    sent: list[Change] = []
    moved = [screen]
    watch = Monitor(lambda: moved[0], published.append, [sent.append], settles_s=0.0)
    for seconds in (0.0, HOLD_S):
        moved[0] = msgspec.structs.replace(screen, now=screen.now + timedelta(seconds=seconds))
        watch.step()
    return watch, published, sent


def metrics_of(watch: Monitor) -> dict[tuple[str, str], float]:
    """Return the samples of a monitor by name and state."""
    return {
        (one.name, one.labels.get("state", "")): one.value
        for family in watch.metrics()
        for one in family.samples
    }


def test_each_state_has_a_screen() -> None:
    assert list(SCREENS) == [state.name for state in STATES]
    verdict = verdict_of(healthy())
    assert (verdict.standing, verdict.findings) == ("well", ())


@each_state
def test_verdict_follows_from_what_processes_publish(name: str) -> None:
    """A fact that no process publishes would leave its state unseen."""
    found = verdict_of(SCREENS[name]()).findings
    assert found[0].state == name, found


@pytest.mark.parametrize("way", list(MORE_WAYS))
def test_verdict_is_found_in_every_way(way: str) -> None:
    name, screen = MORE_WAYS[way]
    verdict = verdict_of(screen())
    assert verdict.state == name, verdict
    assert verdict.exit_status > 0


@each_state
def test_status_says_the_cause_once(name: str) -> None:
    screen = SCREENS[name]()
    data: Any = as_data(screen)
    verdict = verdict_of(screen)
    assert data["verdict"]["state"] == verdict.state
    rest = [one for one in checks_of(screen, with_cause=False) if one.name == title_of(name)]
    assert bool(rest) is (BY_NAME[name].level == "note")


#: What a state is about -> the rows of doctor that may not say "ok" then.
NOT_OK: Mapping[str, set[str]] = {
    "gateway": {"gateway", "TWS", "lines"}, "tws": {"TWS", "lines"}, "landing": {"landing"},
    "lake": {"landing"},
}  # fmt: skip
WORKERS_NOT_OK = {"poll_workers_away": "poll workers", "lake_worker_away": "lake worker"}


@each_state
def test_doctor_says_of_nothing_that_it_is_ok_which_is_not(name: str) -> None:
    state, screen = BY_NAME[name], SCREENS[name]()
    rows = {one.name for one in sound_rows(screen) if one.verdict == "ok"}
    if state.subject == "redis" and state.explains:
        assert rows <= {"redis", "clock"} or screen.bus is None or not screen.bus.error
    # Landings go on where only the gateway's rows are late.
    assert name == "rows_late" or not rows & NOT_OK.get(state.subject, set())
    assert WORKERS_NOT_OK.get(name) not in rows
    assert name != "clocks" or "clock" not in rows
    named = [one for one in checks_of(screen) if one.name == title_of(name)]
    assert [one.verdict for one in named] == ["warn" if state.level == "note" else "fail"]


def test_doctor_says_of_a_landing_that_is_late_by_another_cause_nothing() -> None:
    late = SCREENS["landing_late"]()
    without_beat = SCREENS["beat_away"]().bus
    assert late.bus is not None
    assert without_beat is not None
    bus = msgspec.structs.replace(without_beat, queue=late.bus.queue)
    screen = msgspec.structs.replace(late, bus=bus)
    assert verdict_of(screen).state == "beat_away"
    assert "landing" not in {one.name for one in sound_rows(screen)}


@each_state
def test_top_says_the_cause_once_with_what_to_do(name: str) -> None:
    screen = SCREENS[name]()
    if screen.bus is None:
        # Before the first look the screen says that it looks.
        assert "looking ..." in printed(screen, WIDE)[0]
        return
    verdict = verdict_of(screen)
    shown = "\n".join(printed(screen, WIDE))
    named = next(one for one in verdict.findings if one.state == name)
    assert shown.count(named.sentence) == 1
    assert title_of(name) in shown
    assert named.advice in shown


@each_state
def test_an_outage_keeps_lines_and_contracts_on_screen(name: str) -> None:
    """Whatever is wrong: what is active is named as long as a gateway has published."""
    screen = SCREENS[name]()
    shown = "\n".join(printed(screen, WIDE))
    if screen.bus is None or screen.bus.gateway is None:
        return
    missing = [leg.label for leg in screen.bus.gateway.legs if leg.label not in shown]
    assert not missing, shown


@each_state
def test_monitor_publishes_sends_and_answers_by_the_table(name: str, bus: Bus) -> None:
    state, screen = BY_NAME[name], SCREENS[name]()
    watch, published, sent = monitor_of(screen)
    expected = name if state.level != "note" else "well"
    assert {one.state for one in published} == {expected}
    assert bool(watch.ready()) is state.unready
    samples = metrics_of(watch)
    assert samples["slotwise_state", name] == 1.0
    status = {"wrong": 1.0, "unknown": 2.0, "note": 0.0}[state.level]
    assert samples["slotwise_verdict", ""] == status
    assert [one.state for one in sent] == ([name] if state.alert else [])
    handed: list[str] = []
    board = StatusBoard(bus)
    board.put(msgspec.structs.replace(published[-1], at=datetime.now(UTC)))
    VerdictWatch(board, lambda verdict: handed.append(verdict.state)).look()
    assert handed == [expected]


@each_state
def test_alert_rule_has_the_states_that_are_sent(name: str) -> None:
    rules = yaml.safe_load(ALERTS.read_text())["groups"][0]["rules"]
    [rule] = [one for one in rules if one["alert"] == "Verdict"]
    [left_out] = re.findall(r'state!~"([^"]+)"', rule["expr"])
    assert bool(re.fullmatch(left_out, name)) is not BY_NAME[name].alert
