"""`slotwise probe` finds out how a simulator behaves, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from slotwise.settings import settings
from slotwise.wire.frame import Frame
from tests.integration.probe_behaviours import QUICK, do, probed
from tests.unit.gateway.listeners import until
from tws_simulator.likeness.likeness import likeness_of
from tws_simulator.server import SimulatorServer
from workers.commands.probe import NOTHING
from workers.commands.root import command_line
from workers.probe.fact import read_report
from workers.probe.run import Probe, ProbeOptions
from workers.probe.times import ProbeTimes

LIMIT = ProbeOptions(limit=True)
#: Every type that an account can hold.
SEC_TYPES = (
    "BILL", "BOND", "CASH", "CFD", "CMDTY", "CRYPTO", "FOP", "FUND", "FUT", "IOPT", "OPT", "STK",
    "WAR",
)  # fmt: skip


def test_a_tws_that_is_well_is_described() -> None:
    """Version, accounts, positions, settle times, magnifiers and data are found."""
    report, _ = asyncio.run(probed())
    assert report.value("server_version") == 178
    assert report.value("accounts") == 1
    assert report.value("positions") == 40
    assert report.value("polls_paced") is False
    assert report.value("data_OPT_SMART") == "live"
    times = report.value("stream_OPT_bid_ask")
    assert isinstance(times, dict)
    assert 0 < times["median_s"] <= times["p95_s"] < 1
    magnifiers = report.value("magnifiers")
    assert isinstance(magnifiers, dict)
    assert 100.0 in magnifiers.values()
    unknown = {fact.name for fact in report.facts if fact.certainty == "not known"}
    assert {"lines_usable", "account_marks"} <= unknown, "not asked for"
    assert report.suggestions == {}


def test_no_account_number_is_in_the_report() -> None:
    async def run() -> None:
        report, server = await probed()
        text = repr(report)
        for position in server.world.accounts.positions():
            assert position.account not in text

    asyncio.run(run())


@pytest.mark.parametrize("lines", [7, 23])
def test_the_limit_is_found_and_suggested(lines: int) -> None:
    """Neither account updates nor profits of holdings cost a line in the simulator."""
    report, server = asyncio.run(probed(options=LIMIT, lines=lines))
    assert report.value("lines_usable") == lines
    assert report.value("lines_with_account_updates") == lines
    assert report.value("lines_with_20_profits") == lines
    assert report.value("lines_with_120_profits") is None, "40 holdings are too few"
    assert report.suggestions["SLOTWISE_LINES"] == str(lines)
    assert max(event.held for event in server.ledger_events) <= lines


def test_a_limit_above_what_is_held_is_not_known() -> None:
    report, _ = asyncio.run(probed(options=LIMIT, lines=100))
    [fact] = [fact for fact in report.facts if fact.name == "lines_usable"]
    assert fact.certainty == "not known"
    assert "too few contracts" in fact.text


def test_missing_permission_is_named_by_kind_and_delayed_data_suggested() -> None:
    report, _ = asyncio.run(
        probed(*({"do": "deny_data", "sec_type": kind, "code": 354} for kind in ("STK", "OPT")))
    )
    assert report.value("data_OPT_SMART") == "none"
    assert report.value("data_FUT_CME") == "live"


def test_no_permission_at_all_suggests_delayed_data() -> None:
    report, _ = asyncio.run(
        probed(*({"do": "deny_data", "sec_type": kind, "code": 354} for kind in SEC_TYPES))
    )
    assert report.suggestions == {"SLOTWISE_DELAYED_DATA": "true"}


def test_delayed_data_is_seen_as_delayed() -> None:
    report, _ = asyncio.run(
        probed(
            {"do": "deny_data", "sec_type": "STK", "code": 10089},
            delayed_data=True,
        )
    )
    assert report.value("data_STK_SMART") == "delayed"


def test_another_session_with_the_data_is_named() -> None:
    report, _ = asyncio.run(probed({"do": "competing", "on": 1}))
    assert report.value("data_OPT_SMART") == "competing"
    assert report.suggestions == {}


def test_a_tws_that_is_not_logged_in_is_named() -> None:
    report, _ = asyncio.run(
        probed({"do": "late_accounts", "seconds": 60, "managed": "empty"}, times=QUICK)
    )
    [login] = [fact for fact in report.facts if fact.name == "login"]
    assert "not logged in" in login.text
    assert report.suggestions == {}


def test_positions_that_are_not_available_are_not_none() -> None:
    report, _ = asyncio.run(probed({"do": "position_answers", "mode": "readonly", "seconds": 60}))
    assert report.value("positions") is None
    assert any("321" in fact.text or "read" in fact.text.lower() for fact in report.facts)


def test_slow_answers_are_measured() -> None:
    report, _ = asyncio.run(
        probed({"do": "slow", "seconds": 0.4, "request": "positions"}, positions=10)
    )
    times = report.value("poll")
    assert isinstance(times, dict)
    assert times["median_s"] >= 0.4


def test_a_connection_that_drops_in_the_middle_leaves_what_was_found() -> None:
    async def drop(server: SimulatorServer, probe: Probe) -> None:
        await until(lambda: server.world.lines.held > 0, 20)
        do(server, do="drop")

    report, _ = asyncio.run(probed(meanwhile=drop))
    assert report.value("positions") == 40
    [rest] = [fact for fact in report.facts if fact.name == "rest"]
    assert "connection" in rest.text


def test_a_probe_that_is_stopped_closes_its_lines() -> None:
    async def stop(server: SimulatorServer, probe: Probe) -> None:
        await until(lambda: server.world.lines.held > 0, 20)
        probe.stop()

    report, server = asyncio.run(probed(meanwhile=stop))
    assert any(fact.text == "not known: it was ended early" for fact in report.facts)
    assert [e.event for e in server.ledger_events].count("cancel") > 0


def test_a_probe_ends_in_its_time() -> None:
    report, _ = asyncio.run(
        probed(options=ProbeOptions(minutes=0.02), times=ProbeTimes(greeting_s=30))
    )
    assert report.seconds < 10
    assert any(fact.text == "not known: the time was up" for fact in report.facts)


def probe_of_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Result:
    """Run the command in a folder, where nothing listens at the port of the settings."""
    monkeypatch.chdir(folder)
    monkeypatch.setenv("SLOTWISE_IB_PORT", "1")
    settings.cache_clear()
    try:
        return CliRunner().invoke(command_line(["probe"]), ["probe", "--json"])
    finally:
        settings.cache_clear()


def test_where_nothing_listens_the_command_says_so_and_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = probe_of_nothing(tmp_path, monkeypatch)
    assert result.exit_code == NOTHING
    report = json.loads(result.stdout)
    assert "no TWS or IB Gateway answers" in json.dumps(report)
    assert (tmp_path / "probe.json").exists()


def test_a_probe_without_a_login_keeps_the_report_of_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which has facts; a report of another probe without a login is replaced."""
    file = tmp_path / "probe.json"
    good, _ = asyncio.run(probed(positions=2))
    file.write_bytes(msgspec.json.encode(good))
    result = probe_of_nothing(tmp_path, monkeypatch)
    assert result.exit_code == NOTHING
    assert "probe.json keeps its report of" in result.stderr
    assert read_report(file.read_bytes(), "") == good
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(good, facts=(), seconds=-1.0)))
    assert "keeps" not in probe_of_nothing(tmp_path, monkeypatch).stderr
    assert read_report(file.read_bytes(), "").seconds >= 0


def test_a_frame_of_the_probe_is_never_an_order() -> None:
    """Of all messages that a whole probe sends, none places, changes or exercises anything."""

    async def run() -> None:
        sent: set[int | None] = set()

        async def watch(server: SimulatorServer, probe: Probe) -> None:
            await until(lambda: probe._asking is not None and probe._asking.done(), 60)
            frames: list[Frame] = probe._session.frames
            sent.update(f.kind for f in frames if f.sender == "client" and not f.handshake)

        await probed(options=ProbeOptions(limit=True, marks=True), lines=10, meanwhile=watch)
        # Orders 3, exercise 21, global cancel 58; regulatory snapshots are a field of request 1.
        assert sent & {3, 4, 21, 58} == set()
        assert {1, 2, 6, 9, 61, 71, 94, 95} <= sent

    asyncio.run(run())


def test_a_simulator_that_is_like_a_probed_one_is_found_to_be_so() -> None:
    """Lines, what account updates and profits cost, times, permissions: they are found again."""
    denied = {"do": "deny_data", "sec_type": "STK", "code": 354}
    first, _ = asyncio.run(
        probed(denied, options=LIMIT, lines=23, account_updates_cost=4, profit_cost=0.25)
    )
    facts = {fact.name: fact.value for fact in first.facts if fact.value is not None}
    assert facts["lines_with_account_updates"] == 19
    assert facts["lines_with_20_profits"] == 18
    times = facts["stream_OPT_bid_ask"] = {"median_s": 0.25, "p95_s": 0.3}
    like = likeness_of(json.loads(json.dumps(facts)))
    again, _ = asyncio.run(probed(options=LIMIT, like=like))
    for name in (
        "server_version", "positions", "lines_usable", "lines_with_account_updates",
        "lines_with_20_profits", "data_OPT_SMART", "data_STK_SMART",
    ):  # fmt: skip
        assert again.value(name) == facts[name], name
    found = again.value("stream_OPT_bid_ask")
    assert isinstance(found, dict)
    assert 0.6 * times["median_s"] < found["median_s"] < 2 * times["p95_s"]
