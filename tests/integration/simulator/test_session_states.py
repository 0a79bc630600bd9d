"""States of TWS as clients meet them: real sockets, a client that sends frames, and ib_async."""

from __future__ import annotations

from pathlib import Path

import pytest
from ib_async import IB

from tests.integration.simulator.hostility import Peer, request
from tests.integration.simulator.ib_client import connected, run, simulator
from tests.integration.simulator.simulator_process import running
from tests.integration.simulator.talks import (
    ANSWER_S,
    codes,
    meanwhile,
    talking,
    time_answered,
    until,
)
from tests.integration.simulator.test_faults_over_sockets import command
from tests.support.holdings_recount import read_holdings
from tests.support.hostile import STOCK
from tws_simulator.config import SimulatorConfig
from tws_simulator.errors import UsageError
from tws_simulator.server import SimulatorServer

ACCOUNT = "DU1234567"
SPY = 756733


@pytest.mark.parametrize(
    ("mode", "kinds", "code"),
    [("empty", ["62"], []), ("empty2151", ["4", "62"], [2151]), ("2151noend", ["4"], [2151]),
     ("silent", [], []), ("readonly", ["4"], [321]), ("err10275", ["4", "62"], [10275]),
     ("absent", ["62"], [])],
)  # fmt: skip
def test_positions_that_are_not_given(mode: str, kinds: list[str], code: list[int]) -> None:
    """The time request is answered, and the next answer has all positions."""

    async def test() -> None:
        async with simulator(control_port=0, positions=9) as server, talking(server) as peer:
            await command(server, do="position_answers", mode=mode, count=1)
            peer.send(request(61, 1))
            frames = await time_answered(peer)
            assert ([f[0] for f in frames], codes(frames)) == (kinds, code)
            peer.send(request(61, 1))
            assert [f[0] for f in await until(peer, "62")] == ["61"] * 9 + ["62"]

    run(test())


def test_accounts_come_late_and_ib_async_waits_for_their_list() -> None:
    """15 without an account first: ib_async is not ready until the list comes by itself."""

    async def test() -> None:
        async with simulator(control_port=0, positions=9) as server:
            await command(server, do="late_accounts", seconds=1, managed="empty", mode="empty")
            ib = IB()
            began = server.now()
            await ib.connectAsync("127.0.0.1", server.port, 3, timeout=ANSWER_S)
            try:
                assert server.now() - began >= 1
                assert ib.managedAccounts() == [ACCOUNT]
                assert len(await ib.reqPositionsAsync()) == 9
            finally:
                ib.disconnect()

    run(test())


def test_an_empty_answer_empties_what_ib_async_returns() -> None:
    """The mistake that a client can make: an answer without rows is read as nothing held."""

    async def test() -> None:
        async with simulator(control_port=0) as server, connected(server) as (ib, errors):
            await command(server, do="position_answers", mode="empty2151", count=1)
            assert await ib.reqPositionsAsync() == []
            assert 2151 in [code for _, code, _ in errors.seen]
            assert len(await ib.reqPositionsAsync()) == 40

    run(test())


@pytest.mark.parametrize("back", ["1102", "farms", "ticks"])
def test_2110_in_the_greeting_and_ticks_that_come_back(back: str) -> None:
    """Nothing ticks until then, and the time request is answered."""

    async def test() -> None:
        async with simulator(control_port=0) as server:
            await command(server, do="greeting", list=[2110], effect=1, seconds=1, back=back)
            peer = await Peer.connect(server.port, 5)
            assert codes(await time_answered(peer)) == [2110]
            peer.send(request(1, 11, 1, *STOCK, 0, "", 0, 0, ""))
            assert await meanwhile(peer) == []
            frames = await until(peer, "1")
            expected = {"1102": [1102], "farms": [2104, 2104, 2104, 2106, 2158], "ticks": []}
            assert codes(frames) == expected[back]
            await peer.close()

    run(test())


def test_farms_flap_and_the_stream_goes_on() -> None:
    """Breaks and mends of every kind, and ticks between them."""

    async def test() -> None:
        async with simulator(control_port=0) as server, talking(server) as peer:
            peer.send(request(1, 11, 1, *STOCK, 0, "", 0, 0, ""))
            await until(peer, "1")
            await command(server, do="flap", period=0.1, down=0.05, seconds=2)
            frames = await meanwhile(peer, 2.5)
            assert set(codes(frames)) == {2103, 2119, 2104, 2105, 2106, 2157, 2158}
            assert sum(f[0] in ("1", "2") for f in frames) > 5

    run(test())


def test_a_remark_before_ticks_and_a_refusal_after_the_time() -> None:
    """10091 and ticks; 354 only after the answer to the time request."""

    async def test() -> None:
        async with simulator(control_port=0) as server, talking(server) as peer:
            await command(server, do="partial", con_id=SPY, code=10091)
            peer.send(request(1, 11, 1, *STOCK, 0, "", 0, 0, ""))
            assert codes(await until(peer, "1")) == [10091]
            await command(server, do="deny_data", con_id=SPY, code=354, delay=0.5)
            peer.send(request(1, 11, 2, *STOCK, 0, "", 0, 0, ""))
            assert codes(await time_answered(peer)) == []
            assert codes(await until(peer, "4")) == [354]

    run(test())


def test_a_competing_session_and_lines_that_must_be_asked_for_again() -> None:
    """10197, silence, and afterwards only the new request ticks."""

    async def test() -> None:
        async with simulator(control_port=0) as server, talking(server) as peer:
            peer.send(request(1, 11, 1, *STOCK, 0, "", 0, 0, ""))
            await until(peer, "1")
            await command(server, do="competing", on=1, back="asked", positions="empty2151")
            assert codes(await until(peer, "4")) == [10197]
            peer.send(request(61, 1))
            assert codes(await time_answered(peer)) == [2151]
            await command(server, do="competing", on=0)
            peer.send(request(1, 11, 2, *STOCK, 0, "", 0, 0, ""))
            frames = await meanwhile(peer, 1.5)
            assert {f[2] for f in frames if f[0] in ("1", "2")} == {"2"}

    run(test())


def test_executions_hang_and_nothing_else_does() -> None:
    """ib_async's start runs into its time-out, and is complete but for them."""

    async def test() -> None:
        async with simulator(control_port=0) as server, talking(server) as peer:
            await command(server, do="hang", request="executions", seconds=60)
            peer.send(request(7, 3, 9, "", "", "", "", "", "", ""))
            assert await time_answered(peer) == []
            ib = IB()
            await ib.connectAsync("127.0.0.1", server.port, 3, timeout=0.5)
            assert len(ib.positions()) == 40
            ib.disconnect()
            await command(server, do="hang", request="executions", on=0)
            peer.send(request(7, 3, 9, "", "", "", "", "", "", ""))
            assert (await until(peer, "55"))[-1] == ["55", "1", "9"]

    run(test())


def test_the_record_of_holdings_says_what_was_held_and_when(tmp_path: Path) -> None:
    """Every position at the start, every change and closing, whatever clients were sent."""
    path = tmp_path / "holdings.jsonl"

    async def test() -> None:
        async with (
            simulator(control_port=0, positions=9, holdings=path) as server,
            talking(server) as peer,
        ):
            held = [p.contract.con_id for p in server.world.accounts.positions()]
            await command(server, do="position_answers", mode="empty", pushes=0)
            peer.send(request(61, 1))
            await command(server, do="close", con_id=held[0])
            await command(server, do="position", con_id=held[1], quantity=7)
            assert codes(await time_answered(peer)) == []
            truth = {
                (p.account, p.contract.con_id): p.quantity
                for p in server.world.accounts.positions()
            }
            record = read_holdings(path)
            assert record.held() == truth
            assert len(record.held(0)) == 0
            (closing,) = record.closings()
            assert (closing.account, closing.con_id) == (ACCOUNT, held[0])
            assert record.quantity((ACCOUNT, held[0]), closing.t - 0.001) != 0
            assert [h.con_id for h in server.holdings if h.why == "change"] == held[:2]

    run(test())


def test_commands_of_the_command_line_are_given_before_a_client_connects() -> None:
    """As the control port would; one that makes no sense ends the start with one line."""
    late = '{"do": "late_accounts", "seconds": 60, "mode": "silent"}'
    with running(
        "--positions", "3", "--do", late, "--do", '{"do": "greeting", "list": [2110]}'
    ) as (
        _,
        port,
    ):

        async def test() -> None:
            peer = await Peer.connect(port, 5)
            assert codes(await time_answered(peer)) == [2110]
            peer.send(request(61, 1))
            assert await time_answered(peer) == []
            await peer.close()

        run(test())


def test_a_first_command_that_makes_no_sense_ends_the_start() -> None:
    """With what is wrong about it."""

    async def test() -> None:
        with pytest.raises(UsageError, match=r"--do .*mode must be one of"):
            async with SimulatorServer(
                SimulatorConfig(commands=('{"do": "position_answers", "mode": "x"}',))
            ):
                pass

    run(test())
