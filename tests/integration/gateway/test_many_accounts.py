"""Advisors: more accounts than one request returns, and models kept apart."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from slotwise.account import account_name, is_in, login_account
from slotwise.errors import BrokerError
from tests.support.wire_recount import requests_read
from tests.unit.gateway.listeners import Remembering, soon, until
from tws_simulator.config import SimulatorConfig
from tws_simulator.control.dispatch import dispatch
from tws_simulator.server import SimulatorServer
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.timeouts import Timeouts

ACCOUNTS = 60
#: Requests: positions of all, of one account, the end of the latter.
ALL, ONE, CANCEL_ONE = "61", "74", "75"


class Floor:
    """A simulator with many accounts, a broker, and what can be seen of both."""

    def __init__(self, server: SimulatorServer, broker: IbBroker, heard: Remembering, log: Path):
        self.server, self.broker, self.heard, self._log = server, broker, heard, log

    def do(self, **command: Any) -> Any:
        server = self.server
        answer = json.loads(
            dispatch(json.dumps(command).encode(), server.world, server, server.now())
        )
        assert answer["ok"], answer
        return answer

    def asked(self) -> Counter[str]:
        """Count the requests that the simulator has read."""
        return Counter(fields[0] for fields in requests_read(self._log))


def portfolio(path: Path, accounts: int) -> Path:
    """Give each account a few hundred shares, and the first one an option."""
    rows: list[dict[str, Any]] = [
        {"account": f"DU{n:04}", "positions": [{"symbol": "SPY", "quantity": 100 * n + 100}]}
        for n in range(accounts)
    ]
    rows[0]["positions"] += [{"symbol": "AAPL", "quantity": 50}]
    path.write_text(json.dumps({"accounts": rows}))
    return path


@asynccontextmanager
async def floor(
    folder: Path, accounts: int = ACCOUNTS, models: bool = False, timeout_s: float = 10.0
) -> AsyncIterator[Floor]:
    log = folder / "wire.jsonl"
    config = SimulatorConfig(portfolio=portfolio(folder / "portfolio.json", accounts), wire_log=log)
    async with SimulatorServer(config) as server:
        timeouts = Timeouts(positions_s=timeout_s)
        broker = IbBroker("127.0.0.1", server.port, 17, timeouts, models=models)
        heard = Remembering()
        broker.listen(heard)
        await broker.connect(5)
        try:
            yield Floor(server, broker, heard, log)
        finally:
            await broker.disconnect()


def on(folder: Path, claim: Callable[[Floor], Awaitable[None]], **options: Any) -> None:
    async def run() -> None:
        async with floor(folder, **options) as opened:
            await claim(opened)

    asyncio.run(run())


def test_positions_of_sixty_accounts_are_asked_by_account(tmp_path: Path) -> None:
    """TWS refuses the one request for all, so it is never made; subscriptions do not pile up."""

    async def claim(f: Floor) -> None:
        for _ in range(2):
            positions = await f.broker.positions()
            assert len(positions) == ACCOUNTS + 1
            assert {p.account for p in positions} == {f"DU{n:04}" for n in range(ACCOUNTS)}
        await until(lambda: f.asked()[CANCEL_ONE] == ACCOUNTS)
        assert (f.asked()[ALL], f.asked()[ONE]) == (0, 2 * ACCOUNTS)
        assert f.broker.requests_under_way() == ACCOUNTS

    on(tmp_path, claim)


def test_a_few_accounts_are_asked_at_once(tmp_path: Path) -> None:
    async def claim(f: Floor) -> None:
        assert len(await f.broker.positions()) == 4
        assert (f.asked()[ALL], f.asked()[ONE]) == (1, 0)

    on(tmp_path, claim, accounts=3)


def test_a_change_is_pushed_between_two_polls(tmp_path: Path) -> None:
    """Also while the next poll is under way."""

    async def claim(f: Floor) -> None:
        [stock, *_] = await f.broker.positions()
        f.do(do="position", account="DU0042", con_id=stock.contract.con_id, quantity=7)
        pushed = await soon(f.heard.positions)
        assert (pushed.account, pushed.quantity) == ("DU0042", Decimal(7))
        f.do(do="position", account="DU0042", con_id=stock.contract.con_id, quantity=0)
        assert (await soon(f.heard.positions)).quantity == 0
        assert "DU0042" not in {p.account for p in await f.broker.positions()}

    on(tmp_path, claim)


def test_an_account_that_does_not_end_leaves_the_others_alone(tmp_path: Path) -> None:
    """It would seem empty, so it is remarked on; its request before stays subscribed."""

    async def claim(f: Floor) -> None:
        await f.broker.positions()
        f.do(do="withhold_position_end", multi=1)
        answer = await f.broker.positions()
        [(away, words)] = answer.remarks.items()
        assert "did not finish" in words
        assert away not in {p.account for p in answer}
        assert len({p.account for p in answer}) == ACCOUNTS - 1
        f.do(do="position", account="DU0042", con_id=756733, quantity=7)
        assert (await soon(f.heard.positions)).quantity == 7
        assert len(await f.broker.positions()) == ACCOUNTS + 1

    on(tmp_path, claim, timeout_s=0.3)


def test_a_connection_that_goes_makes_no_snapshot(tmp_path: Path) -> None:
    async def claim(f: Floor) -> None:
        f.do(do="withhold_position_end", multi=1, count=100)
        polling = asyncio.create_task(f.broker.positions())
        await until(lambda: f.asked()[ONE] == ACCOUNTS)
        f.do(do="drop")
        with pytest.raises(BrokerError):
            await polling

    on(tmp_path, claim)


def test_models_of_an_account_are_kept_apart(tmp_path: Path) -> None:
    """What is in no model goes under the account's own name."""

    async def claim(f: Floor) -> None:
        f.do(do="model", account="DU0001", con_id=756733, model="Growth", quantity=150)
        held = {(p.account, p.contract.symbol): p.quantity for p in await f.broker.positions()}
        assert held == {
            ("DU0000", "SPY"): 100, ("DU0000", "AAPL"): 50,
            ("DU0001", "SPY"): 50, ("DU0001/Growth", "SPY"): 150,
        }  # fmt: skip
        f.do(do="model", account="DU0001", con_id=756733, model="Growth", quantity=0)
        reported = [await soon(f.heard.positions) for _ in range(2)]
        assert {p.account: p.quantity for p in reported} == {
            "DU0001": Decimal(200), "DU0001/Growth": Decimal(0)
        }  # fmt: skip

    on(tmp_path, claim, accounts=2, models=True)


def test_an_account_is_named_with_its_model() -> None:
    assert account_name("DU1", "") == "DU1"
    assert account_name("DU1", "Growth") == "DU1/Growth"
    assert login_account("DU1/Growth") == login_account("DU1") == "DU1"
    assert is_in("DU1/Growth", "DU1")
    assert is_in("DU1/Growth", "DU1/Growth")
    assert not is_in("DU1", "DU1/Growth")
    assert not is_in("DU12", "DU1")
