"""States of TWS as recorded: what the product makes of notices, refusals and missing answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from slotwise.account import is_account, masked_in
from slotwise.errors import (
    BrokerTimeoutError,
    BrokerUnreachableError,
    ClientRefusedError,
    NotLoggedInError,
    RequestRefusedError,
)
from tests.integration.recordings.played import path_of, played, read
from tests.unit.gateway.listeners import TIMEOUT_S, soon, until
from tws_simulator.replay.server import ReplayServer
from workers.gateway.broker import Cause, Upstream
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.lines.farms import Farms
from workers.gateway.wire_log import WireLog
from workers.probe.account_requests import single_profits
from workers.probe.session import ProbeSession
from workers.probe.times import ProbeTimes

SPY, AAPL = 756733, 265598
#: Notices on farms in their recording.
FARM_NOTICES = 27


def test_accounts_of_every_form_are_known_and_masked() -> None:
    async def run() -> None:
        async with played("account_ids_of_every_form") as p:
            accounts = p.broker.accounts
            positions = await p.broker.positions()
            assert [one.account for one in positions] == list(accounts)
            assert len(accounts) == 9
            assert all(is_account(account) for account in accounts)
            assert not any(account in masked_in(" ".join(accounts)) for account in accounts)
            # The notice comes while nothing is asked, so it counts for the next answer.
            async with asyncio.timeout(TIMEOUT_S):
                while not positions.remarks:
                    positions = await p.broker.positions()
            assert set(positions.remarks) == {"DUM0000005", "DF0000004"}

    asyncio.run(run())


def test_an_account_whose_positions_are_not_there_is_named_and_the_other_is_whole() -> None:
    async def run() -> None:
        async with played("positions_of_one_account_are_not_there") as p:
            answer = await p.broker.positions()
            assert [one.account for one in answer] == ["DU0000001"] * 2
            assert set(answer.remarks) == {"DU0000002"}
            assert "10275" in answer.remarks["DU0000002"]

    asyncio.run(run())


def test_a_refusal_without_an_id_ends_the_request_for_positions_and_no_other() -> None:
    async def run() -> None:
        async with played("321_without_an_id") as p:
            looking_up = asyncio.create_task(p.broker.details(AAPL))
            with pytest.raises(RequestRefusedError) as error:
                await p.broker.positions()
            assert (error.value.code, "Read-Only" in error.value.text) == (321, True)
            assert (await looking_up).long_name == "APPLE INC"

    asyncio.run(run())


def test_farms_that_flap_cost_no_line_and_those_that_stay_away_are_named() -> None:
    async def run() -> None:
        farms = Farms()
        async with played("farms_flap") as p:
            p.open(SPY)
            for _ in range(FARM_NOTICES):
                upstream, text = await soon(p.heard.upstream)
                assert upstream is not Upstream.LOST
                farms.take(upstream, text, datetime.now(UTC))
            await p.quotes.of(SPY, lambda q: q.bid == Decimal("560.43"))
            assert p.heard.refusals.empty()
        assert set(farms.away) == {"cashfarm", "eufarmnj", "jfarm"}

    asyncio.run(run())


def test_the_port_that_1300_names_is_tried_next() -> None:
    async def run() -> None:
        async with played("1300_names_the_new_port") as p:
            while (await soon(p.heard.upstream))[0] is not Upstream.PORT_MOVED:
                pass
            assert p.broker.moved_to == 4002
            await soon(p.heard.ends)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("no_accounts_before_the_login", NotLoggedInError, "is not logged in yet"),
        ("tws_hangs_up_after_the_version", BrokerUnreachableError, "named no account"),
        ("no_text_any_more", ClientRefusedError, "still accept API versions 157 to 178"),
    ],
)
def test_why_no_connection_is_made_is_reported_in_one_line(
    name: str, error: type[Exception], words: str
) -> None:
    async def run() -> None:
        with pytest.raises(error, match=words) as raised:
            async with played(name):
                pass
        assert "\n" not in str(raised.value)

    asyncio.run(run())


def test_a_text_client_is_served_at_178() -> None:
    async def run() -> None:
        async with played("text_at_178") as p:
            assert len(await p.broker.positions()) == 3
            await p.broker.ping()

    asyncio.run(run())


def test_another_session_is_reported_as_the_cause() -> None:
    async def run() -> None:
        async with played("another_session_has_the_data") as p:
            p.open(SPY, AAPL)
            refused = [await soon(p.heard.refusals) for _ in range(2)]
            assert {con_id for con_id, _ in refused} == {SPY, AAPL}
            assert {(one.code, one.cause) for _, one in refused} == {(10197, Cause.COMPETING)}
            assert all("another session" in one.reason for _, one in refused)
            while (await soon(p.heard.upstream))[0] is not Upstream.COMPETING:
                pass

    asyncio.run(run())


def test_an_answer_with_the_time_does_not_prove_that_a_line_was_accepted() -> None:
    """The probe, which counts lines, waits for refusals for longer than they take."""

    async def run() -> None:
        async with played("time_at_once_refusal_later") as p:
            p.open(SPY)
            await p.broker.ping()
            assert p.heard.refusals.empty()
            con_id, refusal = await soon(p.heard.refusals)
            assert (con_id, refusal.code, refusal.full) == (SPY, 101, True)

    asyncio.run(run())
    assert ProbeTimes().refusal_s > 0.64


def test_executions_that_never_come_are_given_up_and_cost_nothing_else() -> None:
    async def run() -> None:
        async with played("executions_hang", timeouts=Timeouts(executions_s=0.3)) as p:
            with pytest.raises(BrokerTimeoutError, match="executions"):
                await p.broker.executions()
            assert p.broker.requests_under_way() == 0
            assert len(await p.broker.positions()) == 3

    asyncio.run(run())


def test_ibs_marks_come_without_market_data(tmp_path: Path) -> None:
    async def run() -> None:
        log = WireLog(tmp_path / "wire.jsonl")
        async with played("marks_by_account_updates", tap=log.tap) as p:
            marks = {one.con_id: one for one in await p.broker.account_marks("DU0000001")}
            assert len(marks) == 3
            assert marks[SPY].price == Decimal("560.4150085")
            assert marks[SPY].value == Decimal("168124.50")
            assert marks[610000999].value == Decimal("592.50")
            assert await p.broker.account_holdings("DU0000001") == frozenset(marks)
        log.close()

    asyncio.run(run())
    sent = [f for _, f in read(tmp_path / "wire.jsonl").frames() if f.sender == "client"]
    assert 1 not in {frame.kind for frame in sent}


def test_profits_of_holdings_are_followed_and_ended() -> None:
    """They come once a second; the probe that asks for them cancels them."""

    async def run() -> None:
        async with ReplayServer(path_of("profit_of_a_holding_every_second"), speed=4) as replay:
            session = ProbeSession("127.0.0.1", replay.port, 31)
            await session.connect()

            def profits(con_id: str) -> list[float]:
                asked = [f.fields[1] for f in session.frames if f.kind == 94 and con_id in f.fields]
                return [f.t for f in session.frames if f.kind == 95 and f.fields[1] in asked]

            async with single_profits(session, [("DU0000001", SPY), ("DU0000001", AAPL)]):
                await until(lambda: min(len(profits(str(one))) for one in (SPY, AAPL)) == 6)
            cancelled = [f for f in session.frames if f.sender == "client" and f.kind == 95]
            assert len(cancelled) == 2
            times = profits(str(SPY))
            # Five seconds, played in a quarter of the time.
            assert times[-1] - times[0] > 1.0
            await session.close()

    asyncio.run(run())
