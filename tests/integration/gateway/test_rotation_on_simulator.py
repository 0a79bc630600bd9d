"""Quotes on idle lines over a real socket: the simulator's ledger is the witness."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from slotwise.bus.board import QuoteBoard
from slotwise.bus.client import Bus
from slotwise.rules.quote_shares import CAP_SHARE, PROMISED
from tests.integration.gateway.gateway_floor import WATCHED, Floor, floor, held_ids
from tests.integration.gateway.rotation_account import account
from tests.support.lag import watching_lag
from tests.unit.gateway.listeners import until
from tws_simulator.services.market_data.ledger import LedgerEvent
from workers.gateway.lines.quote_pace import QUOTE_TIMEOUT_S
from workers.gateway.message_budget import KEPT_FREE, MOST

#: A busy machine sends fewer messages than it may; the documents have the measured figure.
SLACK = 0.7
#: How quotes begin: where lines are scarce by short streams.
QUOTES = ("snapshot", "open")


async def everything_is_quoted(f: Floor) -> None:
    """Wait until each contract without a line has had a quote."""
    others = set(held_ids(f.simulator)) - set(f.registry.wanted())
    await until(lambda: others <= {e.con_id for e in f.events(*QUOTES)}, timeout_s=30)


def holds(f: Floor, con_id: int) -> bool:
    """Return whether a contract has a line."""
    return con_id in f.gateway.table.held


def test_every_other_contract_has_a_young_quote(bus: Bus) -> None:
    """20 active of 200: the other 180 and the watchlist in turn, nothing rejected."""

    async def run() -> None:
        async with floor(bus, rotation=True, watch=WATCHED, quote_floor_s=0) as f:
            await everything_is_quoted(f)
            others = set(held_ids(f.simulator)) - set(f.registry.wanted())
            began_at = f.simulator.now()

            def again() -> list[LedgerEvent]:
                return [e for e in f.events("snapshot") if e.t >= began_at]

            async with watching_lag() as lag:
                await until(lambda: others <= {e.con_id for e in again()}, timeout_s=60)
            lasted_s = f.simulator.now() - began_at
            on_time = 1 - min(lag.sum_s / lasted_s, 0.5)
            rate = len(again()) / lasted_s
            assert on_time * SLACK * PROMISED * (MOST - KEPT_FREE) <= rate <= MOST
            assert f.events("reject") == []
            assert {e.con_id for e in f.events("open")} == set(f.registry.wanted())
            assert max(e.held for e in f.simulator.ledger_events) <= 100
            await until(lambda: len(QuoteBoard(bus).get(list(others))) == len(others))

    asyncio.run(run())


def test_quote_ages_keep_the_plan_and_the_rate_comes_up_to_its_bound(
    bus: Bus, tmp_path: Path
) -> None:
    """20 active of 200: by the ledger no quote is older than planned + 20 %, the rate 95 %.

    Where quotes end at once the floor would keep them from it.
    """
    wire_log = tmp_path / "wire.jsonl"

    async def run() -> None:
        async with floor(
            bus, rotation=True, watch=WATCHED, wire_log=wire_log, quote_floor_s=0
        ) as f:
            await everything_is_quoted(f)
            held = set(held_ids(f.simulator)) - set(f.registry.wanted())
            # The bulk of first quotes makes the first round uneven.
            count = len(f.events("snapshot"))
            await until(lambda: len(f.events("snapshot")) >= count + len(held), timeout_s=30)
            since, rotator = f.simulator.now(), f.gateway.rotator
            async with watching_lag() as lag:
                count = len(f.events("snapshot"))
                await until(lambda: len(f.events("snapshot")) >= count + 2 * len(held), 60)
            now = f.simulator.now()
            planned = {con_id: rotator.planned_s(con_id) for con_id in held}
            ledger = list(f.simulator.ledger_events)
        found = account(ledger, wire_log, held, 80, since, now)
        # What the loop was late, no rule of ours can make up for.
        on_time = 1 - min(lag.sum_s / (now - since), 0.5)
        assert found.rate >= 0.95 * found.bound * on_time, found
        assert found.rejected == 0
        # A promise allows each quote what the longest one takes: seconds where an option near its
        # expiry has no bid, which depends on the day. One that took longer was late by the machine.
        longest_s = min(found.longest_s, QUOTE_TIMEOUT_S)
        promised = sum(1 / (p - longest_s) for p in planned.values() if p)
        assert promised >= 0.8 * CAP_SHARE * found.bound * on_time, (promised, found)
        for con_id, oldest_s in found.oldest_s.items():
            bound_s = planned[con_id]
            assert bound_s is not None
            assert oldest_s * on_time <= 1.2 * bound_s + lag.worst_s

    asyncio.run(run())


def test_an_activation_costs_one_cancel_at_most_while_every_line_is_in_use(bus: Bus) -> None:
    """Ten contracts one after another: each takes the line of one quote, none is refused."""

    async def run() -> None:
        async with floor(bus, lines=6, active=2, rotation=True) as f:
            await everything_is_quoted(f)
            chosen = held_ids(f.simulator)[100:104]
            for number, con_id in enumerate(chosen):
                before = len(f.simulator.ledger_events)
                f.activate(f"now {number}", [con_id], priority=1)
                await until(partial(holds, f, con_id))
                ledger = list(f.simulator.ledger_events)
                opened = max(n for n, e in enumerate(ledger) if e.con_id == con_id)
                # A short stream is cancelled when it has said what is wanted.
                snapshots = {e.req_id for e in ledger if e.event == "snapshot"}
                cut = [e for e in ledger[before:opened] if e.event == "cancel"]
                assert len([e for e in cut if e.req_id in snapshots]) <= 1
            assert f.events("reject") == []
            assert max(e.held for e in f.simulator.ledger_events) <= 6

    asyncio.run(run())


def test_a_lower_limit_is_learnt_by_quotes_and_found_again(bus: Bus) -> None:
    """TWS's own windows take lines and give them back: few refusals, and quotes go on."""

    async def run() -> None:
        async with floor(bus, positions=60, lines=8, active=2, rotation=True) as f:
            await everything_is_quoted(f)
            f.do(do="limit", lines=4)
            await until(lambda: f.gateway.table.limit <= 4)
            f.do(do="limit", lines=8)
            count = len(f.events(*QUOTES))
            await until(lambda: f.gateway.table.limit >= 6, timeout_s=30)
            assert len(f.events(*QUOTES)) > count
            assert len(f.events("reject")) <= 8

    asyncio.run(run())


def test_an_active_contract_leaves_the_rotation(bus: Bus) -> None:
    """And is in it again when its strategy has closed."""

    async def run() -> None:
        async with floor(bus, positions=20, active=0, rotation=True) as f:
            await everything_is_quoted(f)
            chosen = held_ids(f.simulator)[0]
            f.activate("now", [chosen])
            await until(lambda: chosen in {e.con_id for e in f.events("open")})
            await until(lambda: chosen not in f.gateway.table.quoting)
            opened = len(f.simulator.ledger_events)
            await asyncio.sleep(2.0)
            since = list(f.simulator.ledger_events)[opened:]
            assert chosen not in {e.con_id for e in since if e.event == "snapshot"}
            f.activate("now", [])
            await until(
                lambda: (
                    chosen
                    in {
                        e.con_id
                        for e in list(f.simulator.ledger_events)[opened:]
                        if e.event == "snapshot"
                    }
                )
            )

    asyncio.run(run())
