"""What an error without an id does to the open request for positions; TWS decides in doubt."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.errors import BrokerError
from tests.support.effort import examples
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import connected
from tests.unit.gateway.listeners import Remembering
from tests.unit.gateway.scripted_tws import POSITIONS, ScriptedTws
from workers.gateway.ib.errors import Effect, meaning_of
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.ib.replies import Replies
from workers.gateway.ib.timeouts import Timeouts
from workers.gateway.ib.translate import ContractReader
from workers.gateway.ib.unaddressed import Bearing, bearing_of
from workers.gateway.position_answer import ALL_ACCOUNTS, PositionAnswer

PACING = (0, "Warning: Approaching max rate of 50 messages per second (44)")
#: Codes that speak of something else than positions.
NOTICES = [0, 1100, 1102, 2100, 2104, 2152, 2199, 326, 502, 354, 10089, 10167, 10197]
#: A code that nothing is known of.
UNKNOWN = 10999
HELD = (1, 2, 3)


async def asked(
    tws: ScriptedTws, broker: IbBroker, code: int, before: int, pause_s: float
) -> PositionAnswer:
    """Ask for positions: rows, an error, and after a pause the other rows and the end."""
    loop = asyncio.get_running_loop()

    def rest() -> None:
        for con_id in HELD[before:]:
            tws.position(con_id)
        tws.send(62, 1)

    def answer(_: list[str]) -> None:
        for con_id in HELD[:before]:
            tws.position(con_id)
        tws.error(-1, code, PACING[1])
        loop.call_later(pause_s, rest)

    tws.answers[POSITIONS] = answer
    return await broker.positions()


def whole(tws: ScriptedTws) -> None:
    """Answer whole from now on."""

    def answer(_: list[str]) -> None:
        for con_id in HELD:
            tws.position(con_id)
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer


@settings(max_examples=examples(30))
@given(
    code=st.sampled_from(NOTICES) | st.integers(2100, 2199).filter(lambda code: code != 2151),
    before=st.integers(0, 3),
    pause_s=st.sampled_from([0.0, 1.0, 4.0]),
)
def test_a_notice_leaves_the_request_open(code: int, before: int, pause_s: float) -> None:
    """Whenever it comes, the answer is whole, certain and not remarked on."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            found = await asked(tws, broker, code, before, pause_s)
            assert [p.contract.con_id for p in found] == [*HELD]
            assert (found.certain, found.remarks) == (True, {})

    in_virtual_time(run())


def test_an_unknown_code_before_the_end_is_a_remark_on_the_answer() -> None:
    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            found = await asked(tws, broker, UNKNOWN, 2, 0.5)
            assert len(found) == len(HELD)
            assert found.remarks == {ALL_ACCOUNTS: f"TWS error {UNKNOWN}: {PACING[1]}"}

    in_virtual_time(run())


@settings(max_examples=examples(30))
@given(
    code=st.sampled_from([*NOTICES, UNKNOWN, 100, 321, 322]),
    before=st.integers(1, 3),
    pause_s=st.sampled_from([0.0, 0.5, 1.05, 1.5, 4.0, 30.0]),
    again_s=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_a_late_end_completes_no_other_request_as_certain(
    code: int, before: int, pause_s: float, again_s: float
) -> None:
    """An answer that is certain and not remarked on has all that is held, whatever the code."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            for turn in range(4):
                try:
                    if turn == 0:
                        found = await asked(tws, broker, code, before, pause_s)
                    else:
                        found = await broker.positions()
                except BrokerError:
                    found = PositionAnswer(certain=False)
                if found.certain and not found.remarks:
                    assert {p.contract.con_id for p in found} == {*HELD}
                await asyncio.sleep(again_s)
                whole(tws)
            assert len(found) == len(HELD)

    in_virtual_time(run())


@pytest.mark.parametrize("code", [UNKNOWN, 100])
def test_a_request_that_an_unknown_code_refuses_ends_in_its_words(code: int) -> None:
    """Where nothing more comes; and the next is answered, though its end may be of the first."""

    async def run() -> None:
        async with connected(Timeouts(remarked_s=0.1)) as (tws, broker, _listener):
            tws.answers[POSITIONS] = lambda _: tws.error(-1, code, "no")
            with pytest.raises(BrokerError, match=f"TWS error {code}: no"):
                await asyncio.wait_for(broker.positions(), 1)
            whole(tws)
            found = [await broker.positions() for _ in range(3)]
            assert [(len(one), one.certain) for one in found] == [(3, False), (3, False), (3, True)]

    in_virtual_time(run())


def test_an_error_while_no_positions_are_asked_for_says_nothing_of_them() -> None:
    replies = Replies(Remembering(), ContractReader(), lambda _: None, lambda _, __: None)
    for code in (*NOTICES, UNKNOWN, 321):
        assert not replies.positions.take_unaddressed(code, "x")
    assert bearing_of(UNKNOWN) is Bearing.DOUBT


def test_a_warning_without_a_code_ends_no_request_that_it_names() -> None:
    assert meaning_of(0).effect is Effect.NOTICE
    assert meaning_of(0, quoted=True).effect is Effect.NOTICE
