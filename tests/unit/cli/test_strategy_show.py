"""How a strategy's contracts stand: what is gone is no matter of lines."""

from __future__ import annotations

import msgspec
import pytest

from slotwise.bus.status import LegState, LegStatus
from slotwise.strategy import Strategy
from tests.support.values import NOON, quote
from tests.unit.cli.scenes import normal_day
from workers.commands.strategy_show import shown

STRATEGY = Strategy(name="condor", con_ids=(1001, 1002, 1003), priority=1, activated_at=NOON)


@pytest.mark.parametrize(
    ("state", "reason", "line"),
    [
        ("unknown", "TWS error 200: no", "unknown contract: correct the strategy's legs"),
        ("expired", "expired on 2026-11-20", "expired on 2026-11-20: close the strategy"),
        ("refused", "TWS error 354: no", "waits, place 1: TWS error 354: no"),
        ("waiting", "no line is free", "waits, place 1: TWS error 354: no"),
    ],
)
def test_a_contract_that_is_gone_does_not_wait_for_a_line(
    state: LegState, reason: str, line: str
) -> None:
    screen = normal_day()
    assert screen.bus is not None
    assert screen.bus.gateway is not None
    leg = LegStatus(con_id=1001, label="SPY 20261120 P 560", state=state, reason=reason)
    status = msgspec.structs.replace(
        screen.bus.gateway,
        lines={1002: ("SPY", "condor")},
        waiting=[1001],
        refused={1001: "TWS error 354: no"},
        legs=(leg,),
    )
    gone, held, neither = shown(STRATEGY, status, {1002: quote(1002)})
    assert (gone.line, gone.contract) == (line, "SPY 20261120 P 560")
    assert (held.line, neither.line) == ("held", "none yet")
    assert shown(STRATEGY, None, {})[0].line == "unknown, no gateway runs"
