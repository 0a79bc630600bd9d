"""Details are looked up in the background, the most important first, each once, and in measure."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from slotwise.contract_details import ContractDetails, KeptContract
from tests.support.values import contract, known
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import until
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.contracts.fetch import AT_ONCE, CATCH_UP, ContractFetch
from workers.gateway.message_budget import FOR_LOOK_UPS, WINDOW_S, MessageBudget

#: Longest time from the counting of a message to its sending, seconds.
LATE_S = 0.2
NOW = datetime.now(UTC)


class CountingBroker(FakeBroker):
    """A broker that counts its messages, and how many look-ups were under way at once."""

    def __init__(self) -> None:
        super().__init__()
        self.up = True
        self.sent: list[float] = []
        self.most_at_once = 0
        self._at_once = 0

    async def details(self, con_id: int) -> ContractDetails:
        now = time.monotonic()
        self.sent.append(now)
        self.messages.spent(now)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(0.001)
            return await super().details(con_id)
        finally:
            self._at_once -= 1


class Desk:
    """A fetch over a broker that counts."""

    def __init__(self) -> None:
        self.broker = CountingBroker()
        self.done = 0
        self.book = ContractCache(
            self.broker, on_needed=lambda con_id: self.fetch.want_first(con_id)
        )
        self.fetch = ContractFetch(self.book, self.broker.messages, self._on_done)
        self.ready = asyncio.Event()
        self.ready.set()

    def _on_done(self) -> None:
        self.done += 1

    def asked(self) -> list[int]:
        """Name the contracts whose details were asked for, in order."""
        return [int(word.split()[1]) for word in self.broker.wire]


def claim(test: Callable[[Desk], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test beside a running fetch."""

    async def run() -> None:
        desk = Desk()
        running = asyncio.create_task(desk.fetch.run(desk.ready))
        try:
            await test(desk)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def test_() -> None:
        asyncio.run(run())

    test_.__doc__ = test.__doc__
    return test_


@claim
async def test_fetch_asks_each_contract_once_in_order(desk: Desk) -> None:
    """However often they are wanted; what is known, or known to be refused, is not asked for."""
    desk.broker.unknown = {3}
    desk.book.recall([known(contract(5))])
    for _ in range(3):
        desk.fetch.want([9, 3, 5, 9, 7])
        await asyncio.sleep(0)
    await until(lambda: desk.done)
    desk.fetch.want([9, 3, 5, 7])
    await asyncio.sleep(0.01)
    assert desk.asked() == [9, 3, 7]
    assert desk.fetch.waiting == 0
    assert desk.done == 1


@claim
async def test_fetch_asks_nothing_of_ten_thousand_known_contracts(desk: Desk) -> None:
    """A start from a lake that has them, refusals included, sends no message for them."""
    gone = [KeptContract(con_id=n, details=None, at=NOW, refusal="no", code=200) for n in (1, 2)]
    desk.book.recall([*gone, *(known(contract(con_id)) for con_id in range(3, 10_001))])
    desk.fetch.want(range(1, 10_001))
    await asyncio.sleep(0.01)
    assert (desk.fetch.waiting, desk.asked()) == (0, [])


@claim
async def test_fetch_leaves_messages_for_quotes_and_lines(desk: Desk) -> None:
    """No second has more look-ups than their share, whenever it begins."""
    desk.fetch.want(range(1, 2 * FOR_LOOK_UPS + 6))
    await until(lambda: desk.done, 8.0)
    sent = desk.broker.sent
    assert Counter(desk.asked()) == Counter(range(1, 2 * FOR_LOOK_UPS + 6))
    # A message that a busy machine sends late makes the time to the next ones shorter.
    second = WINDOW_S - LATE_S
    assert max(sum(at <= other < at + second for other in sent) for at in sent) <= FOR_LOOK_UPS
    assert desk.broker.most_at_once <= AT_ONCE


@claim
async def test_fetch_spreads_look_ups_over_the_second(desk: Desk) -> None:
    """TWS reads late what came while it was busy, so a burst would meet that of the next second."""
    desk.fetch.want(range(1, FOR_LOOK_UPS + 1))
    await until(lambda: desk.done, 8.0)
    sent = desk.broker.sent
    # The first, and after a late timer those that it may catch up.
    ahead, gap_s = CATCH_UP + 2, WINDOW_S / FOR_LOOK_UPS
    most = {at: sum(at <= other < at + 4 * gap_s for other in sent) for at in sent}
    assert max(most.values()) <= 4 + ahead
    assert sent[-1] - sent[0] >= (FOR_LOOK_UPS - ahead) * gap_s - LATE_S


@claim
async def test_fetch_waits_while_quotes_need_the_messages(desk: Desk) -> None:
    """Where no quote could be asked for, no look-up is."""
    now = time.monotonic()
    budget: MessageBudget = desk.broker.messages
    while budget.quote_at(now) <= now:
        budget.spent(now)
    desk.fetch.want([1])
    await asyncio.sleep(0.05)
    assert desk.asked() == []
    await until(lambda: desk.done, 3.0)
    assert desk.asked() == [1]
    assert desk.broker.sent[0] >= now + WINDOW_S


@claim
async def test_fetch_takes_what_is_needed_now_first(desk: Desk) -> None:
    """A contract whose market data was refused goes before those that nothing waits for."""
    desk.book.recall([known(contract(1))])
    desk.ready.clear()
    desk.fetch.want(range(10, 15))
    assert desk.book.doubt(1)
    desk.ready.set()
    await until(lambda: desk.done)
    assert desk.asked()[0] == 1


@claim
async def test_fetch_goes_on_after_the_connection_was_gone(desk: Desk) -> None:
    """What was under way is asked for again when it is wanted again."""
    desk.broker.up = False
    desk.fetch.want([1, 2])
    await until(lambda: desk.done)
    desk.broker.up = True
    assert (desk.asked(), desk.book.trouble(1)) == ([], "")
    desk.fetch.want([1, 2])
    await until(lambda: desk.done == 2)
    assert desk.asked() == [1, 2]


@claim
async def test_fetch_shares_a_look_up_with_an_activation(desk: Desk) -> None:
    """An active contract does not wait for its turn, and is not asked for twice."""
    desk.fetch.want(range(1, 9))
    found = await desk.book.find(8)
    assert found.con_id == 8
    await until(lambda: desk.done)
    assert sorted(desk.asked()) == list(range(1, 9))


def test_fetch_ends_with_the_gateway() -> None:
    """Look-ups under way end, and nothing waits for them."""

    async def run() -> None:
        desk = Desk()
        running = asyncio.create_task(desk.fetch.run(desk.ready))
        desk.fetch.want(range(1, 5))
        await until(lambda: desk.broker.sent)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        asking = asyncio.create_task(desk.book.find(99))
        await asyncio.sleep(0)
        desk.book.close()
        result = await asyncio.gather(asking, return_exceptions=True)
        assert isinstance(result[0], asyncio.CancelledError)

    asyncio.run(run())
