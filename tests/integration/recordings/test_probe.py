"""What a probe finds where TWS behaves as recorded, and what it says it cannot know."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from tests.integration.probe_behaviours import CLIENT_ID, QUICK, settings_for
from tests.integration.recordings.played import path_of
from tws_simulator.replay.server import ReplayServer
from workers.probe.fact import Fact, ProbeReport
from workers.probe.run import Probe, ProbeOptions


async def probed(name: str, *, speed: float = 1.0, delayed: bool = False) -> ProbeReport:
    """Probe a replay."""
    async with ReplayServer(path_of(name), speed=speed) as replay:
        probe = Probe(
            settings_for(replay.port, delayed_data=delayed),
            ProbeOptions(),
            lambda _: None,
            client_id=CLIENT_ID,
            times=replace(QUICK, stream_s=1.3, snapshot_s=2.5),
        )
        return await probe.run()


def fact(report: ProbeReport, name: str) -> Fact:
    """Return a fact."""
    return next(each for each in report.facts if each.name == name)


def test_a_slow_snapshot_is_measured_beside_a_quick_stream() -> None:
    """Played ten times as fast: the snapshot of the option ends after 1.1 s, without an ask."""
    report = asyncio.run(probed("option_snapshot_ends_after_11_s", speed=10))
    end, stream = report.value("snapshot_OPT_end"), report.value("stream_OPT_model")
    assert isinstance(end, dict)
    assert isinstance(stream, dict)
    assert 1.0 < end["median_s"] < 2.5
    assert stream["median_s"] < end["median_s"] / 2
    assert fact(report, "snapshot_OPT_bid_ask").certainty == "not known"
    assert "within 2.5 s" in fact(report, "snapshot_OPT_bid_ask").text


def test_quotes_of_a_cfd_count_though_they_come_under_its_share() -> None:
    report = asyncio.run(probed("cfd_is_sent_on_to_its_share"))
    times = report.value("stream_CFD_bid_ask")
    assert isinstance(times, dict)
    assert times["median_s"] > 0.2
    assert report.value("data_CFD_SMART") == "live"


@pytest.mark.parametrize(
    ("name", "delayed", "data", "suggested"),
    [
        ("10089_and_nothing_after", False, "none", {"SLOTWISE_DELAYED_DATA": "true"}),
        ("10089_and_then_delayed_ticks", True, "delayed", {}),
        ("delayed_snapshot_without_10167", True, "delayed", {}),
        ("closed_market_has_last_and_close", False, "live", {}),
    ],
)
def test_the_kind_of_data_is_seen_by_what_comes(
    name: str, delayed: bool, data: str, suggested: dict[str, str]
) -> None:
    report = asyncio.run(probed(name, delayed=delayed))
    assert report.value("data_STK_SMART") == data
    assert report.suggestions == suggested


def test_magnifiers_and_places_are_found() -> None:
    report = asyncio.run(probed("cost_in_money_prices_in_cents"))
    assert report.value("magnifiers") == {"XW FUT": 100.0, "GAW STK": 100.0, "ZC FOP": 100.0}
    assert report.value("routing") == 2


def test_positions_that_came_are_counted_beside_those_that_are_not_there() -> None:
    """The account is named by its last digits."""
    report = asyncio.run(probed("positions_of_one_account_are_not_there"))
    assert report.value("positions") == 2
    text = fact(report, "positions").text
    assert "10275" in text
    assert "DU0000002" not in text


def test_a_row_of_quantity_0_is_no_position() -> None:
    report = asyncio.run(probed("rows_of_quantity_0_in_an_answer"))
    assert report.value("positions") == 1


def test_another_session_is_named_though_prices_came_before() -> None:
    report = asyncio.run(probed("another_session_has_the_data"))
    assert report.value("data_STK_SMART") == "competing"
    assert report.suggestions == {}


@pytest.mark.parametrize(
    ("name", "unknown", "words"),
    [
        ("no_rows_while_tws_logs_in", "positions", "polls gave 3, 0, 0 positions"),
        ("no_rows_and_2151", "positions", "2151"),
        ("321_without_an_id", "positions", "Read-Only"),
        ("no_text_any_more", "login", "still accept API versions"),
        ("no_accounts_before_the_login", "login", "not logged in"),
        ("tws_hangs_up_after_the_version", "login", "named no account"),
    ],
)
def test_what_cannot_be_known_is_reported_with_its_reason(
    name: str, unknown: str, words: str
) -> None:
    report = asyncio.run(probed(name))
    assert fact(report, unknown).certainty == "not known"
    assert words in fact(report, unknown).text
