"""A position row that names no holding changes nothing that the other rows give."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slotwise.position import Position
from tests.support.effort import examples
from tests.support.virtual_time import in_virtual_time
from tests.unit.gateway.connected_broker import connected
from tests.unit.gateway.listeners import soon
from tests.unit.gateway.scripted_tws import POSITIONS, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.position_answer import ALL_ACCOUNTS, PositionAnswer

ASKED_BY_ACCOUNT = "74"
#: Texts in the place of a contract id that name no contract.
NO_IDS = ["0", "-5", "", "x", str(2**63)]


async def answer_of(
    tws: ScriptedTws, broker: IbBroker, rows: list[tuple[object, object, str]]
) -> PositionAnswer:
    """Ask for positions, which TWS answers with rows of contract, quantity and account."""

    def answer(_: list[str]) -> None:
        for con_id, quantity, account in rows:
            tws.send(
                61, 3, account, con_id, "S", "STK", "", "0.0", "", "", "NASDAQ", "USD", "S",
                "NMS", quantity, "100.5",
            )  # fmt: skip
        tws.send(62, 1)

    tws.answers[POSITIONS] = answer
    return await broker.positions()


@pytest.mark.parametrize("account", ["", " "])
def test_a_row_without_an_account_is_unreadable(account: str) -> None:
    """It may be of any account, so all are unverified, but of its contract alone."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            found = await answer_of(tws, broker, [(1, 10, "DU1"), (8021, 1, account)])
            assert [one.key for one in found] == [("DU1", 1)]
            assert found.unreadable == {(ALL_ACCOUNTS, 8021)}
            assert found.lacks_named_only == {ALL_ACCOUNTS}
            assert "cannot be read: account" in found.remarks[ALL_ACCOUNTS]
            found = await answer_of(tws, broker, [(1, 10, "DU1")])
            assert (len(found), found.remarks) == (1, {})

    in_virtual_time(run())


@pytest.mark.parametrize("con_id", NO_IDS)
def test_rows_without_a_contract_id_are_unreadable_and_not_one_holding(con_id: str) -> None:
    """Which holdings they are is not known, so any of the account may lack."""

    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            rows = [(con_id, 1, "DU1"), (1, 10, "DU1"), (con_id, 7, "DU1")]
            found = await answer_of(tws, broker, [*rows, (2, 3, "DU2")])
            assert [one.key for one in found] == [("DU1", 1), ("DU2", 2)]
            assert (found.unreadable, found.lacks_named_only) == (frozenset(), frozenset())
            assert list(found.remarks) == ["DU1"]

    in_virtual_time(run())


def test_a_change_that_names_no_holding_is_not_passed_on() -> None:
    async def run() -> None:
        async with connected() as (tws, _broker, listener):
            tws.position(0)
            tws.position(5, account="")
            tws.position(6)
            assert (await soon(listener.positions)).key == ("DU1", 6)

    in_virtual_time(run())


@pytest.mark.parametrize(("con_id", "account"), [("0", "DU1"), ("-5", "DU1"), ("9", "")])
def test_rows_by_account_are_read_by_the_same_rule(con_id: str, account: str) -> None:
    async def run() -> None:
        async with connected(models=True) as (tws, broker, _listener):

            def answer(fields: list[str]) -> None:
                for number, name in ((con_id, account), ("1", "DU1")):
                    tws.send(
                        71, 1, fields[2], name, number, "S", "STK", "", "0.0", "", "", "NASDAQ",
                        "USD", "S", "NMS", 10, "100.5", "Growth",
                    )  # fmt: skip
                tws.send(72, 1, fields[2])

            tws.answers[ASKED_BY_ACCOUNT] = answer
            found = await broker.positions()
            assert [one.key for one in found] == [("DU1/Growth", 1)]
            assert "cannot be read" in found.remarks["DU1"]
            assert found.unreadable == ({("DU1", 9)} if con_id == "9" else frozenset())

    in_virtual_time(run())


READABLE = st.tuples(st.integers(1, 4), st.integers(-2, 2), st.sampled_from(["DU1", "DU2"]))
ODD = st.one_of(
    st.tuples(st.sampled_from(NO_IDS), st.just(3), st.just("DU1")),
    st.tuples(st.integers(1, 4), st.just(3), st.sampled_from(["", " "])),
    st.tuples(st.integers(5, 8), st.sampled_from(["", "nan", "ten"]), st.just("DU1")),
)


@settings(max_examples=examples(20))
@given(rows=st.lists(READABLE, max_size=6), odd=ODD, place=st.integers(0, 6))
def test_one_odd_row_changes_nothing_that_the_others_give(
    rows: list[tuple[object, object, str]], odd: tuple[object, object, str], place: int
) -> None:
    async def run() -> None:
        async with connected() as (tws, broker, _listener):
            without = await answer_of(tws, broker, rows)
            found = await answer_of(tws, broker, [*rows[:place], odd, *rows[place:]])
            assert [_compared(one) for one in found] == [_compared(one) for one in without]
            assert (bool(found.remarks), bool(without.remarks)) == (True, False)

    in_virtual_time(run())


def _compared(one: Position) -> tuple[object, ...]:
    return one.key, one.quantity, one.contract, one.avg_cost
