"""The shell around `closings`: what is asked, when, and what reaches board, queue and handlers."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.account import forget_accounts, masked_in
from slotwise.errors import BrokerTimeoutError, RequestRefusedError
from slotwise.reconciliation.evidence import Execution
from tests.support.values import NOON, position
from tests.unit.gateway.holdings_bench import EVIDENCE_S, Bench, on, sold
from tests.unit.gateway.listeners import until
from workers.gateway.positions.holdings import HANGS_S
from workers.gateway.positions.missing import AGREED_S, SESSION_S
from workers.gateway.positions.trades_since import MANY


def test_executions_are_listed_once_a_session_and_when_holdings_came() -> None:
    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1)]
        for _ in range(3):
            await made.poll()
            await until(lambda: "executions" in made.tws.wire)
            await asyncio.sleep(0.01)
        assert made.tws.wire.count("executions") == 1
        made.tws.portfolio.append(position(2))
        made.now += 31.0
        await made.poll()
        await until(lambda: made.tws.wire.count("executions") == 2)

    on(claim)


def test_executions_are_listed_again_after_many_fills_of_one_holding() -> None:
    """What is kept of the fills begins again with the list."""

    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1)]
        await made.poll()
        await until(lambda: "executions" in made.tws.wire)
        for fill in range(100):
            made.holdings.push(position(1, 10 + fill % MANY + 1))
        made.now += 31.0
        await made.poll()
        await until(lambda: made.tws.wire.count("executions") == 2)
        made.now += 31.0
        await made.poll()
        await asyncio.sleep(0.01)
        assert made.tws.wire.count("executions") == 2

    on(claim)


def test_an_execution_closes_what_answers_lack() -> None:
    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1), position(2)]
        await made.poll()
        await until(lambda: "executions" in made.tws.wire)
        made.tws.traded.append(sold(position(1)))
        made.tws.portfolio = []
        await made.poll()
        await until(lambda: made.keeper.closed == [1])
        assert made.held() == {2}
        assert made.holdings.unseen == {("DU1", 2)}

    on(claim)


def test_an_accounts_own_update_agrees_or_contradicts() -> None:
    """One of many that neither lists is gone after two answers; one that it lists is not."""

    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(n) for n in range(1, 11)]
        await made.poll()
        made.now += SESSION_S
        made.tws.portfolio = [position(n) for n in range(1, 10)]
        made.tws.listings["DU1"] = frozenset(range(1, 11))
        await made.poll()
        await until(lambda: "account DU1" in made.tws.wire)
        made.now += 30.0
        await made.poll()
        assert made.held() == set(range(1, 11))
        made.tws.listings["DU1"] = frozenset(range(1, 10))
        for _ in range(2):
            made.now += SESSION_S
            await made.poll()
        made.holdings._look.set()
        await until(lambda: made.keeper.closed == [10], 20)

    on(claim)


def test_without_evidence_time_and_repeated_agreement_decide() -> None:
    """Executions hang, and the account's update does not come."""

    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1), position(2), position(3)]
        await made.poll()
        made.tws.portfolio = [position(3)]
        began = made.now
        while made.held() != {3} and made.now - began < 120.0:
            made.now += 5.0
            await made.poll()
            await asyncio.sleep(EVIDENCE_S * 1.5)
        assert AGREED_S <= made.now - began <= 90.0
        assert sorted(made.keeper.closed) == [1, 2]

    on(claim)


def test_an_update_that_never_comes_does_not_hold_up_executions() -> None:
    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1), position(2)]
        await made.poll()
        await until(lambda: made.tws.wire.count("executions") == 1)
        made.tws.listings_hang = True
        made.tws.portfolio = []
        await made.poll()
        await until(lambda: made.tws.wire.count("executions") == 2)
        made.tws.traded = [sold(position(1))]
        made.holdings._look.set()
        await until(lambda: made.keeper.closed == [1], 20)

    on(claim)


def test_time_alone_closes_nothing_of_an_account_of_which_nothing_is_listed() -> None:
    """TWS may be displaced by another session for hours; the account's own update decides."""

    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1), position(2)]
        await made.poll()
        made.tws.portfolio = []
        for _ in range(72):
            made.now += 100.0
            await made.poll()
        assert made.held() == {1, 2}
        assert "lacks 2 of 2" in made.holdings.unknown["DU1"].reason
        made.tws.listings["DU1"] = frozenset()
        made.now += HANGS_S
        await until(lambda: not made.held(), 20)

    on(claim)


def test_account_values_are_asked_for_where_much_is_missing() -> None:
    """They keep open what answers lack, or agree that it is gone; of one among many not asked."""

    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(n) for n in range(1, 11)]
        await made.poll()
        made.tws.portfolio = made.tws.portfolio[:9]
        await made.poll()
        await until(lambda: made.tws.wire.count("executions") == 2, 20)
        assert "account values" not in made.tws.wire
        made.tws.portfolio, made.tws.holds = [], {"DU1": True}
        await made.poll()
        made.holdings._look.set()
        await until(lambda: "account values" in made.tws.wire, 20)
        for _ in range(10):
            made.now += 20.0
            await made.poll()
        assert len(made.held()) == 10
        assert "account values" in made.holdings.unknown["DU1"].reason
        made.tws.holds = {"DU1": False}
        asked = made.tws.wire.count("account values")
        await until(lambda: made.tws.wire.count("account values") > asked, 20)
        made.now += 20.0
        await until(lambda: not made.held(), 20)

    on(claim)


def test_accounts_of_before_are_masked_whatever_their_form() -> None:
    """Those of the board and those that only the lake has, which this login may not list."""

    async def claim(made: Bench) -> None:
        forget_accounts()
        try:
            made.router.begin([position(1, account="OLD12XY9")], NOON)
            made.router.adopt([position(1, account="ODD12XY8/Growth")])
            assert masked_in("OLD12XY9 and ODD12XY8") == "*****XY9 and *****XY8"
        finally:
            forget_accounts()

    on(claim)


@pytest.mark.parametrize("account", ["", " ", "/Growth"])
def test_a_holding_without_an_account_is_not_taken_from_the_lake(account: str) -> None:
    """Its name stands for all accounts, and no answer would ever list it."""

    async def claim(made: Bench) -> None:
        assert made.router.adopt([position(1), position(2, account=account)]) == 1
        assert set(made.router.portfolio.by_key) == {position(1).key}

    on(claim)


def test_a_poll_that_failed_is_reported_and_closes_nothing() -> None:
    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1)]
        await made.poll()
        for error in (BrokerTimeoutError("no end"), RequestRefusedError(321, "read-only")):
            for _ in range(30):
                made.now += 10.0
                failure = made.holdings.failed(error, NOON)
            assert failure.reason == str(error)
        assert made.held() == {1}
        assert set(made.holdings.unknown) == {""}
        await made.poll()
        assert made.holdings.unknown == {}

    on(claim)


def test_in_doubt_positions_are_asked_for_again_soon() -> None:
    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1)]
        await made.poll()
        assert made.polls_asked == 0
        made.tws.portfolio = []
        await made.poll()
        await until(lambda: made.polls_asked == 1, 4)

    on(claim)


def test_executions_that_an_outage_left_unanswered_are_asked_for_again_after_it() -> None:
    """Silence of the time before IB was back does not put the next request off."""

    async def claim(made: Bench) -> None:
        made.tws.portfolio = [position(1), position(2)]
        await made.poll()
        await until(lambda: "executions" in made.tws.wire)
        asked, over = asyncio.Event(), asyncio.Event()

        async def no_answer() -> tuple[Execution, ...]:
            asked.set()
            await over.wait()
            raise BrokerTimeoutError("no end")

        made.holdings._list_executions = no_answer
        made.tws.portfolio = []
        await made.poll()
        await until(asked.is_set)
        made.holdings.session_began()
        made.holdings._list_executions = made.tws.executions
        made.tws.traded.append(sold(position(1)))
        over.set()
        await until(lambda: made.keeper.closed == [1], 20)

    on(claim)
