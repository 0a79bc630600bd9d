"""The contract book asks for each contract once, and nothing at the market before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from slotwise.contract_details import ContractDetails, KeptContract
from slotwise.errors import BrokerError, BrokerTimeoutError, RequestRefusedError
from tests.support.values import NOON, contract, details, known, option, position
from tests.unit.gateway.fake_broker import FakeBroker
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.contracts.retries import RETRY_DOUBTED_S, RETRY_FAILED_S, RETRY_REFUSED_S

PENCE = details(contract(1, exchange="", price_magnifier=100), valid_exchanges=("SMART", "LSE"))
AT_CME = details(
    contract(2, sec_type="FOP", exchange="", price_magnifier=1), valid_exchanges=("CME",)
)


class Desk:
    """A contract book over a fake broker, with a clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0
        self.kept: list[KeptContract] = []
        self.news: list[tuple[int, bool]] = []
        self.needed: list[int] = []
        self.broker = FakeBroker()
        self.broker.up = True
        self.broker.details_by_id = {1: PENCE, 2: AT_CME}
        self.book = ContractCache(
            self.broker,
            self.kept.append,
            lambda con_id, moved: self.news.append((con_id, moved)),
            self.needed.append,
            lambda: self.now,
            lambda: NOON + timedelta(seconds=self.now),
        )

    def hold(self, **fields: Any) -> None:
        """Take a position of a contract as TWS names it: without a magnifier."""
        self.book.facts.complete(position(contract=contract(**{"price_magnifier": None} | fields)))


class SilentBroker(FakeBroker):
    """A broker that answers no look-up in time."""

    async def details(self, con_id: int) -> ContractDetails:
        self.wire.append(f"details {con_id}")
        raise BrokerTimeoutError("TWS did not answer a request for details")


def claim(test: Callable[[Desk], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test on a desk."""

    def run() -> None:
        asyncio.run(test(Desk()))

    run.__doc__ = test.__doc__
    return run


@claim
async def test_book_asks_for_details_once(desk: Desk) -> None:
    """However many ask at once, and later."""
    assert desk.book.get(2) is None
    found = await asyncio.gather(desk.book.find(2), desk.book.find(2))
    assert {one.exchange for one in found} == {"CME"}
    assert desk.book.get(2) == await desk.book.find(2)
    assert desk.broker.wire == ["details 2"]
    assert [(one.con_id, one.refusal) for one in desk.kept] == [(2, "")]


@claim
async def test_book_completes_positions_with_the_magnifier(desk: Desk) -> None:
    """Before the details are known it is None, after that each poll gives the same contract."""
    row = position(contract=contract(1, exchange="LSE", currency="GBP", price_magnifier=None))
    assert desk.book.facts.complete(row) is row
    await desk.book.find(1)
    first, second = desk.book.facts.complete(row), desk.book.facts.complete(row)
    assert (first.contract.price_magnifier, first.contract.exchange) == (100, "LSE")
    assert second.contract is first.contract
    assert desk.news == [(1, False)]


@claim
async def test_book_routes_by_the_position_too(desk: Desk) -> None:
    """A stock of SMART keeps the exchange of its position as the primary one."""
    desk.hold(con_id=1, exchange="LSE")
    ready = await desk.book.find(1)
    assert (ready.exchange, ready.primary_exchange) == ("SMART", "LSE")


@claim
async def test_book_remembers_a_refusal(desk: Desk) -> None:
    """What TWS does not know is asked for again a day later, not at each try."""
    desk.broker.unknown = {9}
    for _ in range(3):
        with pytest.raises(RequestRefusedError, match="no security definition"):
            await desk.book.find(9)
    assert desk.broker.wire == ["details 9"]
    assert [(one.con_id, one.code) for one in desk.kept] == [(9, 200)]
    assert not desk.book.needs_details(9)
    desk.now += RETRY_REFUSED_S
    assert desk.book.needs_details(9)


def test_book_guesses_where_no_answer_comes() -> None:
    """A held stock or option goes to SMART, its magnifier unknown; it is asked for again."""

    async def run() -> None:
        now = 0.0
        broker = SilentBroker()
        book = ContractCache(broker, clock=lambda: now)
        row = position(contract=option(3, price_magnifier=None))
        book.facts.complete(row)
        guess = await book.find(3)
        assert (guess.exchange, guess.price_magnifier) == ("SMART", None)
        assert book.facts.complete(row) is row
        assert not book.needs_details(3)
        now += RETRY_FAILED_S
        assert book.needs_details(3)
        book.facts.complete(position(4, contract=contract(4, sec_type="FUT", exchange="")))
        with pytest.raises(BrokerTimeoutError):
            await book.find(4)

    asyncio.run(run())


@claim
async def test_book_asks_once_more_when_market_data_is_refused(desk: Desk) -> None:
    """The contract moved to another exchange; that is reported once."""
    await desk.book.find(2)
    desk.broker.details_by_id[2] = details(contract(2, sec_type="FOP"), valid_exchanges=("CBOT",))
    assert desk.book.doubt(2)
    assert (desk.book.get(2), desk.needed) == (None, [2])
    assert desk.book.needs_details(2)
    assert (await desk.book.find(2)).exchange == "CBOT"
    assert desk.news[-1] == (2, True)
    assert not desk.book.doubt(2), "not again so soon"
    desk.now += RETRY_DOUBTED_S
    assert desk.book.doubt(2)
    await desk.book.find(2)
    desk.now += RETRY_DOUBTED_S
    assert not desk.book.doubt(2), "the pause grows"
    assert desk.broker.wire.count("details 2") == 3


@claim
async def test_book_keeps_the_magnifier_of_what_expired(desk: Desk) -> None:
    """TWS has it no more; its unit of price does not change."""
    desk.hold(con_id=1, exchange="LSE")
    await desk.book.find(1)
    desk.broker.unknown = {1}
    desk.book.doubt(1)
    with pytest.raises(RequestRefusedError):
        await desk.book.find(1)
    row = position(contract=contract(1, exchange="LSE", price_magnifier=None))
    assert desk.book.facts.complete(row).contract.price_magnifier == 100
    again = Desk()
    again.book.recall(desk.kept[-1:])
    assert again.book.facts.complete(row).contract.price_magnifier == 100
    assert (again.book.get(1), again.book.needs_details(1)) == (None, False)


@claim
async def test_book_recalls_what_was_kept(desk: Desk) -> None:
    """A start with known contracts asks for none of them."""
    desk.broker.unknown = {9}
    await desk.book.find(2)
    with pytest.raises(RequestRefusedError):
        await desk.book.find(9)
    again = Desk()
    again.book.recall([*desk.kept, known(contract(7, symbol="VIX", sec_type="IND"))])
    assert again.book.get(2) == desk.book.get(2)
    assert (await again.book.find_symbol("VIX")).con_id == 7
    with pytest.raises(RequestRefusedError):
        await again.book.find(9)
    assert again.broker.wire == []


@claim
async def test_book_remembers_a_symbol_that_tws_does_not_know(desk: Desk) -> None:
    """The watchlist tries in each round; TWS is asked again a day later."""
    desk.broker.symbols = {"GONE": 9, "SPY": 1}
    desk.broker.unknown = {9}
    for _ in range(3):
        with pytest.raises(RequestRefusedError, match="no security definition"):
            await desk.book.find_symbol("GONE")
        assert (await desk.book.find_symbol("SPY")).con_id == 1
    assert desk.broker.wire == ["details 9", "details 1"]
    desk.now += RETRY_REFUSED_S
    desk.broker.unknown = set()
    assert (await desk.book.find_symbol("GONE")).con_id == 9


@pytest.mark.parametrize(
    "changes",
    [
        {"sec_type": "CFD"},
        {"currency": "USD"},
        {"symbol": "NEW"},
        {"multiplier": Decimal(150)},
        {"strike": Decimal(5)},
    ],
    ids=str,
)
def test_book_forgets_kept_details_of_another_contract(changes: dict[str, Any]) -> None:
    """A position row says otherwise: they are looked up once more, and unknown until then."""

    async def run() -> None:
        desk = Desk()
        kept = {
            "symbol": "OLD",
            "currency": "GBP",
            "multiplier": Decimal(100),
            "strike": Decimal(4),
        }
        desk.book.recall([known(contract(1, price_magnifier=100, **kept))])
        row = position(contract=contract(1, **(kept | {"price_magnifier": None} | changes)))
        assert desk.book.facts.complete(row).contract.price_magnifier is None
        assert (desk.book.get(1), desk.needed, desk.book.needs_details(1)) == (None, [1], True)
        await desk.book.find(1)
        assert desk.book.facts.complete(row).contract.price_magnifier == 100
        assert desk.broker.wire == ["details 1"]
        assert desk.needed == [1]

    asyncio.run(run())


@claim
async def test_book_refuses_a_contract_without_an_exchange(desk: Desk) -> None:
    """It could not be asked for, and asking again would bring the same."""
    nowhere = contract(6, sec_type="FUT", exchange="")
    desk.broker.details_by_id[6] = details(nowhere, valid_exchanges=())
    for _ in range(2):
        with pytest.raises(BrokerError, match="no exchange"):
            await desk.book.find(6)
    assert desk.broker.wire == ["details 6"]


@claim
async def test_book_takes_the_magnifier_of_the_quotes(desk: Desk) -> None:
    """A CFD whose quotes are those of a London share is quoted in pence as the share is."""
    desk.broker.details_by_id[3] = details(contract(3, sec_type="CFD", price_magnifier=1))
    desk.hold(con_id=3, sec_type="CFD", exchange="SMART")
    await desk.book.find(3)
    row = position(contract=contract(3, sec_type="CFD", price_magnifier=None))
    assert desk.book.facts.complete(row).contract.price_magnifier == 1
    desk.book.rerouted(3, 1)
    assert (desk.needed, desk.book.facts.reroutes()) == ([1], (1,))
    assert desk.book.facts.complete(row).contract.price_magnifier is None, "not known yet"
    await desk.book.refresh(1)
    assert desk.book.facts.complete(row).contract.price_magnifier == 100
    assert desk.news[-2:] == [(1, False), (3, False)]
    again = Desk()
    again.book.recall({one.con_id: one for one in desk.kept}.values())
    assert again.book.facts.complete(row).contract.price_magnifier == 100


@claim
async def test_book_keeps_the_own_magnifier_where_the_other_is_unknown(desk: Desk) -> None:
    """TWS may know no details of an index that a CFD is quoted by."""
    desk.broker.unknown = {9}
    row = position(contract=contract(1, price_magnifier=None))
    desk.book.facts.complete(row)
    await desk.book.find(1)
    desk.book.rerouted(1, 9)
    assert await desk.book.refresh(9) is not None
    assert desk.book.facts.complete(row).contract.price_magnifier == 100
