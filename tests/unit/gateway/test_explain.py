"""Why a contract holds a line, or does not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from slotwise.bus.status import Why
from slotwise.rules.lines import Claim
from slotwise.rules.quote_shares import QuoteTarget
from tests.support.values import contract, known, option, quote
from tests.unit.gateway.rotating_desk import Desk
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.broker import Cause, Refusal
from workers.gateway.lines.explain import TAKEN, explain

ACTIVE = ActiveContracts({1: Claim(1), 2: Claim(5), 3: Claim(5)}, {1: ("a",), 2: ("b",), 3: ("b",)})


def ask(desk: Desk, con_id: int) -> Why:
    """Ask for a contract's state."""
    at = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return explain(con_id, desk.book, ACTIVE, desk.table, desk.rotator, desk.now, at)


def test_each_state_is_shown_with_its_reason() -> None:
    """Streaming, waiting with its place, refused with TWS's words, rotated, resting, nothing."""

    async def run() -> None:
        desk = Desk(lines=1)
        desk.rotator.want({8: QuoteTarget(), 9: QuoteTarget()})
        desk.now = 10.0
        desk.table.plan(ACTIVE.wanted, desk.now)
        desk.table.opened(contract(1), desk.now)
        desk.now = 15.0
        held = ask(desk, 1)
        assert (held.state, held.strategies, held.priority) == ("streaming", ["a"], 1)
        assert held.details[0] == "holds a line for 5 s"
        desk.table.held[1].stale = False
        desk.table.held[1].quote = quote(1)
        assert ask(desk, 1).details[1] == "last tick 5.0 s ago"
        waiting = ask(desk, 3)
        assert waiting.state == "waiting"
        assert waiting.details[0] == "1 contract waits before it; 1 of 1 lines held"
        assert waiting.details[1].startswith("1 line is held by strategies of higher priority")
        desk.table.was_refused(2, Refusal(354, "no"), desk.now)
        refused = ask(desk, 2)
        assert (refused.state, refused.details[0]) == ("refused", "TWS error 354: no")
        desk.rotator.step()
        assert ask(desk, 8).state == "not streamed", "no line is idle, so nothing is promised"
        assert ask(desk, 77).state == "not streamed"
        assert ask(desk, 77).details == ["no holding of it is known, and no active strategy has it"]
        desk.table.closed(1)
        desk.now += 1.0
        desk.rotator.step()
        assert ask(desk, 9).state == "rotated"
        desk.table.access.refused(9, Cause.COMPETING, desk.now)
        assert ask(desk, 9).details[0] == TAKEN
        desk.table.access.forget()
        desk.book.recall([known(contract(8))])
        desk.broker.denied = {8: 354}
        await desk.pass_time(3.0)
        resting = ask(desk, 8)
        assert (resting.state, "354" in resting.details[0]) == ("resting", True)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(run())


def test_a_contract_that_tws_does_not_know_is_expired_or_unknown() -> None:
    """Never a matter of lines."""

    async def run() -> None:
        desk = Desk(lines=1)
        desk.table.plan(ACTIVE.wanted, desk.now)
        desk.book.recall([known(option(2, expiry="20261120"))])
        for con_id in (2, 3):
            desk.table.was_refused(con_id, Refusal(200, "no security definition"), desk.now)
        expired, unknown = ask(desk, 2), ask(desk, 3)
        assert (expired.state, expired.details) == (
            "expired", ["expired on 2026-11-20: close the strategy"],
        )  # fmt: skip
        assert unknown.state == "unknown"
        assert unknown.details[0] == "TWS knows no such contract: correct the strategy's legs"

    asyncio.run(run())
