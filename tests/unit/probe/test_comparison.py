"""Doctor's rows on the last probe: what has changed since, and nothing where nothing has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from slotwise.bus.status import GatewayStatus, MarketDataStatus
from slotwise.errors import InputError
from workers.probe.comparison import probe_checks
from workers.probe.fact import FORMAT, Fact, ProbeReport, read_report, unknown

NOW = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
REPORT = ProbeReport(
    FORMAT,
    "2026-11-28T15:00:00+00:00",
    60.0,
    (
        Fact("accounts", "", 1),
        Fact("lines_usable", "", 100),
        Fact("data_OPT_SMART", "", "live"),
    ),
    {},
)


def gateway(limit: int = 100, **data: Any) -> GatewayStatus:
    """Make a gateway's status."""
    return GatewayStatus(
        at=NOW,
        session="ready",
        detail="",
        limit=limit,
        lines={},
        waiting=[],
        quotes_in_flight=0,
        positions=0,
        polled_at=None,
        connected_at=None,
        ticks=0,
        handler_errors={},
        data=MarketDataStatus(**data),
    )


def names(status: GatewayStatus | None) -> list[str]:
    """Return the rows' names."""
    return [row.name for row in probe_checks(REPORT, status, NOW)]


def test_nothing_has_changed() -> None:
    assert names(gateway()) == ["probe"]
    assert names(None) == ["probe"]
    assert probe_checks(REPORT, None, NOW)[0].seen.startswith("2 days old")


def test_fewer_lines_than_the_probe_found_are_named() -> None:
    assert names(gateway(60)) == ["probe", "lines since the probe"]


def test_a_permission_that_is_gone_is_named() -> None:
    assert names(gateway(not_permitted=3)) == ["probe", "data since the probe"]


def test_a_probe_without_a_login_is_not_ok_and_compared_with_nothing() -> None:
    facts = (unknown("login", "no TWS answers"), Fact("notices", "notices: 2110 x 1"))
    report = msgspec.structs.replace(REPORT, facts=facts)
    [row] = probe_checks(report, gateway(60, not_permitted=3), NOW)
    assert (row.verdict, row.seen) == ("warn", "2 days old, without a login: no TWS answers")


def test_a_report_reads_back_and_others_are_refused() -> None:
    assert read_report(msgspec.json.encode(REPORT), "probe.json") == REPORT
    with pytest.raises(InputError, match="no report of a probe"):
        read_report(b"{}", "probe.json")
    newer = msgspec.structs.replace(REPORT, format=FORMAT + 1)
    with pytest.raises(InputError, match="newer"):
        read_report(msgspec.json.encode(newer), "probe.json")
