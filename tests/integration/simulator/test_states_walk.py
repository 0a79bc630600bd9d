"""A walk through all states over real sockets: it lives, answers and ends with the truth."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from tests.integration.simulator.hostility import Peer, request
from tests.integration.simulator.ib_client import eventually, run, simulator
from tests.integration.simulator.talks import time_answered, until
from tests.integration.simulator.test_faults_over_sockets import accepts, command
from tests.support.effort import examples
from tests.support.holdings_recount import read_holdings
from tests.support.hostile import STOCK
from tws_simulator.server import SimulatorServer

SPY, SECOND = 756733, "DUK7777"
#: Steps of one walk.
STEPS = 40
STATES: tuple[dict[str, object], ...] = (
    {"do": "position_answers", "mode": "empty2151", "count": 1},
    {"do": "position_answers", "mode": "err10275", "account": SECOND, "count": 2},
    {"do": "position_answers", "mode": "partial", "seconds": 1},
    {"do": "late_accounts", "seconds": 1, "managed": "empty", "push": 1},
    {"do": "late_accounts", "on": 0},
    {"do": "competing", "on": 1, "seconds": 1, "new": "kept", "back": "asked"},
    {"do": "outage", "code": 2110, "seconds": 0.2, "back": "farms"},
    {"do": "outage", "seconds": 0.2, "back": "1101"},
    {"do": "outage", "code": 0, "seconds": 0.2, "back": "ticks"},
    {"do": "notices", "list": [2103, [2104, "hfarm"], 2119, 2105, 2106, 2157, 2158, 1100, 1102]},
    {"do": "greeting", "list": [1100, 2110, 2103, 2105, 2157], "count": 1},
    {"do": "flap", "period": 0.1, "down": 0.05, "seconds": 1, "real": 1},
    {"do": "partial", "con_id": SPY, "code": 10091, "ticks": 0},
    {"do": "deny_data", "con_id": SPY, "code": 354, "delay": 0.1},
    {"do": "grant_data"},
    {"do": "farms", "farms": "usfarm", "seconds": 0.1},
    {"do": "hang", "request": "executions", "count": 1},
    {"do": "handshake", "kind": "above", "count": 1},
    {"do": "handshake", "kind": "error", "count": 1},
    {"do": "move_port"},
    {"do": "move_port", "when": "greeting"},
    {"do": "drop"},
    {"do": "restart", "seconds": 0.1},
)
#: Makes all well again.
WELL: tuple[dict[str, object], ...] = (
    {"do": "position_answers", "mode": "whole"}, {"do": "late_accounts", "on": 0},
    {"do": "competing", "on": 0}, {"do": "flap", "on": 0}, {"do": "farms", "on": 0},
    {"do": "outage", "code": 0, "seconds": 0.01, "back": "ticks"}, {"do": "grant_data"},
    {"do": "handshake", "on": 0}, {"do": "hang", "on": 0}, {"do": "greeting", "on": 0},
)  # fmt: skip


async def is_answered(peer: Peer | None) -> bool:
    """Return whether a connection lives; one that does answers the time."""
    if peer is None:
        return False
    try:
        await time_answered(peer)
    except (AssertionError, OSError):
        return False
    return True


async def serving(server: SimulatorServer) -> Peer:
    """Connect until the simulator serves; it may be away, or turn away, for a moment."""
    async with asyncio.timeout(15):
        while True:
            try:
                peer = await Peer.connect(server.port, 5)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            if await is_answered(peer):
                return peer
            await peer.close()


@pytest.mark.parametrize("seed", range(examples(3)))
def test_server_survives_any_walk_and_ends_with_the_truth(seed: int, tmp_path: Path) -> None:
    """After each step a client is served, at once or as soon as the port is open again."""
    path = tmp_path / "holdings.jsonl"
    random = Random(seed)

    async def test() -> None:
        async with simulator(control_port=0, positions=6, holdings=path) as server:
            await command(server, do="account_added", account=SECOND)
            await command(server, do="open", account=SECOND, symbol="QQQ", quantity=5)
            peer = await serving(server)
            for step in range(STEPS):
                given = random.choice(STATES)
                assert (await command(server, **given))["ok"], given
                held = list(server.world.accounts.positions())
                if held and random.random() < 0.3:
                    chosen = random.choice(held)
                    await command(
                        server, do="position", account=chosen.account,
                        con_id=chosen.contract.con_id, quantity=random.randrange(4),
                    )  # fmt: skip
                if not await is_answered(peer):
                    await peer.close()
                    peer = await serving(server)
                peer.send(request(61, 1), request(1, 11, step + 1, *STOCK, 0, "", 0, 0, ""))
                if random.random() < 0.5:
                    peer.send(request(2, 2, step + 1))
            await peer.close()
            for given in WELL:
                assert (await command(server, **given))["ok"]
            await eventually(lambda: accepts(server.port))
            peer = await serving(server)
            peer.send(request(61, 1))
            rows = [f for f in await until(peer, "62") if f[0] == "61"]
            assert {(f[2], int(f[3])): Decimal(f[14]) for f in rows} == read_holdings(path).held()
            peer.send(request(1, 11, 1, *STOCK, 0, "", 0, 0, ""))
            await until(peer, "1")
            await peer.close()
            await eventually(lambda: server.world.lines.held == 0)

    run(test())
