"""TWS does not give its positions, in each way there is: nothing is closed, and streams go on.

Counted from the simulator's ledger, from what handlers received, and from the rows of the lake.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.commands import Commands, PollNow
from slotwise.lake.store import Lake
from slotwise.reconciliation.procedure import ReconciliationProcedure
from tasks.context import Context
from tasks.live_sources import LiveSources
from tests.integration.gateway.gateway_floor import CLIENT_ID, Floor, broker_of, held_ids
from tests.integration.gateway.portfolio_floor import (
    LASTS_S,
    MODES,
    Book,
    nothing_was_closed,
    portfolio,
    running_stand,
)
from tests.integration.gateway.running_gateway import Landing, MemoryRegistry, config, running
from tests.support.effort import with_effort
from tests.unit.gateway.listeners import until
from tests.unit.tasks.conftest import shared as shared
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.gateway.ib.timeouts import Timeouts

#: What TWS says plainly is closed within this, and it is well again so soon after it is, seconds.
PLAINLY_S, WELL_S = 10.0, 30.0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("holdings", "accounts"), [(2, 1), (30, 3)])
def test_positions_that_are_not_given_close_nothing(
    bus: Bus, tmp_path: Path, mode: str, holdings: int, accounts: int
) -> None:
    """A real closing is taken at once all the same, and all is known again soon after."""

    async def run() -> None:
        book = Book()
        async with running_stand(bus, tmp_path, holdings, book, accounts=accounts) as f:
            f.do(do="position_answers", mode=mode, missing=0.6)
            await until(lambda: f.gateway.status().unknown)
            await asyncio.sleep(LASTS_S)
            await nothing_was_closed(f, book, holdings)
            assert "unknown since" in f.gateway.status().detail
            if mode != "readonly":
                *_, gone = f.simulator.world.accounts.positions()
                con_id = gone.contract.con_id
                f.do(do="position", account=gone.account, con_id=con_id, quantity=0)
                await until(lambda: con_id in f.landing.closed(), PLAINLY_S)
            f.do(do="position_answers", mode="whole")
            await until(lambda: not f.gateway.status().unknown, WELL_S)

    asyncio.run(run())


@pytest.mark.parametrize("mode", ["empty", "absent", "silent"])
def test_prices_are_known_while_positions_are_not(bus: Bus, tmp_path: Path, mode: str) -> None:
    async def run() -> None:
        async with running_stand(bus, tmp_path, 6, Book(), accounts=2, rotation=True) as f:
            board, held = (
                QuoteBoard(bus),
                {con_id for _, con_id in f.gateway.router.portfolio.by_key},
            )
            await until(lambda: board.con_ids() == held, 30)
            f.do(do="position_answers", mode=mode)
            await until(lambda: f.gateway.status().unknown)
            await asyncio.sleep(LASTS_S)
            began = datetime.now(UTC)
            await until(
                lambda: (
                    {q.con_id for q in board.get([*held]).values() if q.observed_at > began} == held
                ),
                15,
            )

    asyncio.run(run())


@pytest.mark.parametrize("mode", MODES)
def test_a_reconciliation_is_stale_with_its_reason(
    shared: Context, bus: Bus, lake: Lake, tmp_path: Path, mode: str
) -> None:
    """In TWS's words where it has any; and it matches again afterwards or breaks, never stale."""
    lake.create()

    async def run() -> None:
        book = Book()
        async with running_stand(bus, tmp_path, 12, book, accounts=2) as f:
            f.do(do="position_answers", mode=mode, missing=0.6)
            Commands(bus).send(PollNow("test"))
            await until(lambda: f.gateway.status().unknown)
            sources = LiveSources(shared, snapshot_wait_s=8.0)
            outcome = await asyncio.to_thread(lambda: ReconciliationProcedure(sources).run())
            # The lake is empty, so that accounts that are known break.
            assert outcome.report.status in ("stale", "broken")
            assert "unknown since" in str(outcome.report.reason)
            words = {"2151": "2151", "readonly": "321", "10275": "10275", "silent": "not finish"}
            for part, said in words.items():
                if part in mode:
                    assert said in str(outcome.report.reason)

    asyncio.run(run())


@pytest.mark.parametrize("mode", ["empty", "empty2151", "silent", "partial"])
@pytest.mark.parametrize("again", ["start", "drop", "rival"])
def test_a_login_that_takes_a_while_closes_nothing(
    bus: Bus, tmp_path: Path, mode: str, again: str
) -> None:
    """After a new start, on a new connection, and beside another session."""

    async def run() -> None:
        book = Book()
        made = SimulatorConfig(portfolio=portfolio(tmp_path / "portfolio.json", 12, 2))
        async with SimulatorServer(made) as simulator:
            registry = MemoryRegistry()
            registry.activate("desk", held_ids(simulator)[:1])
            settings = config(
                bus, ib_port=simulator.port, ib_client_id=CLIENT_ID, poll_interval_s=1.0
            )
            timeouts = Timeouts(positions_s=0.5, remarked_s=0.3, account_s=1.0, executions_s=1.0)

            def gateway() -> Any:
                return running(settings, broker_of(settings, timeouts), bus, registry, [book])

            async with gateway() as first:
                await until(lambda: len(first.router.portfolio.by_key) == 12, 30)
                f = Floor(simulator, first, registry, bus)
                if again == "rival":
                    f.do(do="competing", on=1, seconds=LASTS_S, positions=mode)
                else:
                    f.do(do="late_accounts", mode=mode, seconds=LASTS_S, updates="given")
                if again == "drop":
                    f.do(do="drop")
                if again != "start":
                    await until(lambda: first.status().unknown, 20)
                    await until(lambda: not first.status().unknown, WELL_S)
                    assert len(first.router.portfolio.by_key) == 12
            if again == "start":
                async with gateway() as second:
                    await until(lambda: second.status().unknown, 20)
                    await until(lambda: not second.status().unknown, WELL_S)
                    assert len(second.router.portfolio.by_key) == 12
            assert Landing(bus).closed() == []
            [active] = registry.wanted()
            assert set(book.quantities.get(active, [])) <= {Decimal(100)}

    asyncio.run(run())


def test_what_closed_while_changes_were_not_pushed_is_closed_by_its_execution(
    bus: Bus, tmp_path: Path
) -> None:
    """Or, where there is none, because answers and the account's own update agree."""

    async def run() -> None:
        book = Book()
        async with running_stand(bus, tmp_path, 30, book) as f:
            f.do(do="position_answers", mode="whole")
            sold, moved = held_ids(f.simulator)[-2:]
            quantity = f.gateway.router.portfolio.of(sold)[0].quantity
            # Executions are listed soon after the start, to compare later ones with.
            await asyncio.sleep(1.0)
            f.do(do="position_answers", mode="empty", pushes=0)
            f.do(do="fill", con_id=sold, quantity=int(-quantity))
            f.do(do="position", con_id=moved, quantity=0)
            await until(lambda: sold in f.landing.closed(), PLAINLY_S)
            f.do(do="position_answers", mode="whole")
            await until(lambda: moved in f.landing.closed(), WELL_S)
            assert len(f.gateway.router.portfolio.by_key) == 28

    asyncio.run(run())


@pytest.mark.parametrize("values", ["given", "zero", "absent"])
def test_account_values_keep_an_account_open_that_answers_leave_out(
    bus: Bus, tmp_path: Path, values: str
) -> None:
    """Its own update does not come; what values say, or that they say nothing, is in the reason."""

    async def run() -> None:
        book = Book()
        async with running_stand(bus, tmp_path, 6, book, accounts=2) as f:
            f.do(do="position_answers", mode="absent", updates="silent", values=values)
            await until(lambda: "account values do not say" in f.gateway.status().detail, 30)
            await nothing_was_closed(f, book, 6)

    asyncio.run(run())


@with_effort
@pytest.mark.timeout(300)
def test_an_account_is_sold_out_by_its_values_in_time(bus: Bus, tmp_path: Path) -> None:
    """The only account, without a push, an execution or its own update.

    A contract without a bid would not show in its values: it stays, and the account is unknown.
    """

    async def run() -> None:
        book = Book()
        async with running_stand(bus, tmp_path, 6, book, rotation=True) as f:
            held = {con_id for _, con_id in f.gateway.router.portfolio.by_key}
            await until(lambda: QuoteBoard(bus).con_ids() == held, 30)
            quotes = QuoteBoard(bus).get([*held])
            shown = {con_id for con_id, quote in quotes.items() if quote.bid}
            assert 1 < len(shown) < len(held)
            f.do(do="hang", request="executions")
            f.do(do="hang", request="account_updates")
            f.do(do="position_answers", mode="empty", pushes=0)
            for position in [*f.simulator.world.accounts.positions()]:
                con_id = position.contract.con_id
                f.do(do="position", con_id=con_id, quantity=0)
            await until(lambda: shown <= set(f.landing.closed()), 90.0)
            await asyncio.sleep(LASTS_S)
            assert set(f.landing.closed()) == shown
            assert f.gateway.status().unknown

    asyncio.run(run())


@with_effort
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("holdings", "accounts"), [(200, 1), (10_000, 4)])
def test_many_holdings_that_are_not_given_close_nothing(
    bus: Bus, tmp_path: Path, mode: str, holdings: int, accounts: int
) -> None:
    async def run() -> None:
        book = Book()
        async with running_stand(bus, tmp_path, holdings, book, accounts=accounts) as f:
            f.do(do="position_answers", mode=mode, missing=0.3)
            await until(lambda: f.gateway.status().unknown, 30)
            await asyncio.sleep(4 * LASTS_S)
            await nothing_was_closed(f, book, holdings)
            f.do(do="position_answers", mode="whole")
            await until(lambda: not f.gateway.status().unknown, 2 * WELL_S)
            found = SnapshotBoard(bus).all()
            assert found is not None
            assert len(found[1]) == holdings

    asyncio.run(run())
