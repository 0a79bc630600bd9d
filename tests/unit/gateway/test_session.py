"""The session finds its way back from whatever happens to the connection."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from slotwise.errors import BrokerUnreachableError, ClientRefusedError, NotLoggedInError
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering, soon, until
from workers.gateway.broker import Upstream
from workers.gateway.session.session import TICKS_ON_THEIR_WAY_S, Session
from workers.gateway.session.states import Event, State


class Words:
    """Remember what the session asked for."""

    def __init__(self) -> None:
        self.calls: asyncio.Queue[str] = asyncio.Queue()

    def resume(self) -> None:
        self.calls.put_nowait("resume")

    def pause(self) -> None:
        self.calls.put_nowait("pause")

    def lines_gone(self, reason: str) -> None:
        self.calls.put_nowait("lines gone")


class Wired(Remembering):
    """Pass on to the session what the gateway passes on."""

    session: Session

    def on_disconnected(self, reason: str) -> None:
        self.session.on(Event.DROPPED, reason)

    def on_upstream(self, upstream: Upstream, reason: str) -> None:
        self.session.on_upstream(upstream, reason)


@asynccontextmanager
async def running(
    broker: FakeBroker, heartbeat_s: float = 1000.0, look_s: float = 1000.0
) -> AsyncIterator[tuple[Session, asyncio.Queue[str]]]:
    words, listener = Words(), Wired()
    session = Session(broker, words, first_timeout_s=0, heartbeat_s=heartbeat_s, look_s=look_s)
    listener.session = session
    broker.listen(listener)
    task = asyncio.create_task(session.run())
    try:
        yield session, words.calls
    finally:
        task.cancel()


async def expect(calls: asyncio.Queue[str], *words: str) -> None:
    for word in words:
        assert await soon(calls) == word


def test_a_drop_is_followed_by_a_new_connection() -> None:
    """Lines are forgotten at the drop and asked for again after it."""

    async def run() -> None:
        broker = FakeBroker()
        async with running(broker) as (session, calls):
            await expect(calls, "resume")
            broker.drop()
            assert not session.ready.is_set()
            await expect(calls, "pause", "lines gone", "resume")
            assert (broker.connects, session.state) == (2, State.READY)
            states = [change.state for change in session.history.all()]
            assert states == ["ready", "waiting to reconnect", "ready"]

    in_virtual_time(run())


def test_silence_is_a_drop() -> None:
    """A half-open peer is found by the heartbeat, and hung up on."""

    async def run() -> None:
        broker = FakeBroker()
        async with running(broker, heartbeat_s=0.01) as (_, calls):
            await expect(calls, "resume")
            broker.alive = False
            await expect(calls, "pause", "lines gone")
            broker.alive = True
            await expect(calls, "resume")
            assert broker.connects == 2

    in_virtual_time(run())


def test_upstream_comes_and_goes_on_one_connection() -> None:
    """1100 pauses, 1102 resumes, 1101 asks for every line again."""

    async def run() -> None:
        broker = FakeBroker()
        async with running(broker) as (session, calls):
            await expect(calls, "resume")
            broker.upstream(Upstream.LOST)
            assert session.state is State.BLIND
            broker.upstream(Upstream.BACK)
            broker.upstream(Upstream.BACK_EMPTY)
            await expect(calls, "pause", "resume", "lines gone", "resume")
            assert broker.connects == 1

    in_virtual_time(run())


def test_blindness_ends_when_ib_answers() -> None:
    """Though TWS never says that it is back; while IB does not answer it lasts."""

    async def run() -> None:
        broker = FakeBroker()
        async with running(broker, look_s=0.05) as (session, calls):
            await expect(calls, "resume")
            broker.silent_ib = True
            broker.upstream(Upstream.LOST)
            await until(lambda: "details 9002" in broker.wire)
            await asyncio.sleep(0.1)
            before = session.state
            assert [c.name for c in session.conditions.all()] == ["ib_lost"]
            broker.silent_ib = False
            await expect(calls, "pause", "resume")
            assert (before, session.state) == (State.BLIND, State.READY)
            assert session.conditions.all() == ()

    in_virtual_time(run())


def test_a_tick_ends_the_blindness_but_not_one_that_was_on_its_way() -> None:
    async def run() -> None:
        broker = FakeBroker()
        async with running(broker) as (session, calls):
            await expect(calls, "resume")
            broker.upstream(Upstream.LOST)
            session.ticked()
            assert session.state is State.BLIND
            session.ticked(time.monotonic() + TICKS_ON_THEIR_WAY_S)
            await expect(calls, "pause", "resume")

    in_virtual_time(run())


def test_the_loss_of_ib_in_the_greeting_is_remembered() -> None:
    """The connection is there, and nothing is asked for but whether IB is."""

    async def run() -> None:
        broker = FakeBroker()
        broker.greeting = [Upstream.LOST]
        broker.silent_ib = True
        async with running(broker) as (session, calls):
            await until(lambda: session.state is State.BLIND)
            assert calls.empty()
            broker.upstream(Upstream.FARM)
            await expect(calls, "resume")

    in_virtual_time(run())


@pytest.mark.parametrize(
    ("error", "name"),
    [(NotLoggedInError, "not_logged_in"), (ClientRefusedError, "client_refused")],
)
def test_why_no_connection_is_made_is_a_condition(
    error: type[BrokerUnreachableError], name: str
) -> None:
    """Since the first failure, until there is a connection."""

    async def run() -> None:
        broker = FakeBroker()
        broker.refusal = error("TWS is not logged in yet")
        async with running(broker) as (session, calls):
            await until(lambda: broker.connects >= 2)
            [condition] = session.conditions.all()
            assert (condition.name, condition.text) == (name, "TWS is not logged in yet")
            broker.refusal = None
            await expect(calls, "resume")
            assert session.conditions.all() == ()

    in_virtual_time(run())


def test_a_login_is_waited_for_beyond_the_time_of_the_first_connection() -> None:
    """TWS is there; a person is about to log in."""

    async def run() -> None:
        broker = FakeBroker()
        broker.refusal = NotLoggedInError("not logged in yet")
        words = Words()
        session = Session(broker, words, first_timeout_s=0.5)
        listener = Wired()
        listener.session = session
        broker.listen(listener)
        task = asyncio.create_task(session.run())
        await until(lambda: broker.connects >= 2)
        broker.refusal = None
        await expect(words.calls, "resume")
        task.cancel()

    in_virtual_time(run())


def test_a_port_that_moves_is_named_and_the_connection_made_anew() -> None:
    async def run() -> None:
        broker = FakeBroker()
        async with running(broker) as (session, calls):
            await expect(calls, "resume")
            broker.moved_to = 7500
            broker.upstream(Upstream.PORT_MOVED)
            await expect(calls, "pause", "lines gone", "resume")
            assert broker.connects == 2
            [condition] = session.conditions.all()
            assert condition.name == "port_moved"
            assert "SLOTWISE_IB_PORT=7500" in condition.text

    in_virtual_time(run())


def test_it_tries_for_ever_after_it_was_connected_once() -> None:
    """The time for the first connection does not count later."""

    async def run() -> None:
        broker = FakeBroker()
        words = Words()
        session = Session(broker, words, first_timeout_s=0.5)
        listener = Wired()
        listener.session = session
        broker.listen(listener)
        task = asyncio.create_task(session.run())
        await expect(words.calls, "resume")
        broker.reachable = False
        broker.drop()
        await until(lambda: broker.connects == 2)
        await until(lambda: session.state is State.WAITING)
        assert not task.done()
        broker.reachable = True
        await expect(words.calls, "pause", "lines gone", "resume")
        task.cancel()

    in_virtual_time(run())


def test_the_first_connection_has_its_time() -> None:
    """Without a TWS the reason is raised, as the broker gave it."""

    async def run() -> None:
        broker = FakeBroker()
        broker.reachable = False
        broker.listen(Remembering())
        with pytest.raises(BrokerUnreachableError, match="no TWS there"):
            await Session(broker, Words(), first_timeout_s=0.5).run()

    in_virtual_time(run())
