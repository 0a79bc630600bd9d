"""A holding is closed for a reason, and what TWS does not list is not thereby closed."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from slotwise.contract import PositionKey
from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from tests.support.values import ACCOUNT, at, option, position, snapshot
from tests.unit.gateway.closings_world import BOUND_S, DECEPTIVE, MODES, world
from workers.gateway.position_answer import ALL_ACCOUNTS
from workers.gateway.positions.closings import Closings
from workers.gateway.positions.missing import AGREED_S


@pytest.mark.parametrize("holdings", [1, 2, 30, 200])
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "whole"])
def test_nothing_held_is_closed_while_positions_are_not_given(mode: str, holdings: int) -> None:
    """For as long as it lasts; where nothing in the answers says so, for 45 seconds.

    Of many holdings ten minutes are enough: the last bound of the rules is 90 s, and from then on
    each answer is treated as the one before.
    """
    made = world(holdings, accounts=1 if holdings == 1 else 2)
    made.answer_as(mode, "silent", "DU0")
    made.wait(45.0 if mode in DECEPTIVE else 600.0 if holdings == 200 else 7200.0)
    assert len(made.held) == holdings
    if mode in DECEPTIVE:
        made.answer_as(mode, "given", "DU0")
        made.wait(900.0)
        assert len(made.held) == holdings
    if mode != "partial":
        assert made.closings.unknown, "it says that they are not known"
    made.answer_as("whole", "given", "")
    made.wait(30.0)
    assert (len(made.held), made.closings.unknown) == (holdings, {})


@pytest.mark.parametrize("mode", ["empty", "empty2151", "readonly", "silent"])
def test_what_closed_meanwhile_is_closed_in_bounds_whenever_tws_is_well_again(mode: str) -> None:
    """Right after a poll, right before one, and at any time between."""
    for moment in range(24):
        made = world(4, accounts=2)
        made.answer_as("empty", "silent", "")
        made.wait(300.0)
        made.answer_as(mode, "silent", "")
        made.trade(("DU0", 0), Decimal(-10), pushed=False, executed=False)
        made.wait(300.0 + moment / 2)
        made.answer_as("whole", "given", "")
        made.wait(BOUND_S)
        assert ("DU0", 0) not in made.held, moment
        assert len(made.held) == 3


def test_one_account_that_is_away_leaves_the_others_alone() -> None:
    made = world(30, accounts=3)
    made.answer_as("err10275", "silent", "DU1")
    made.trade(("DU0", 0), Decimal(-10), pushed=False, executed=False)
    made.wait(BOUND_S)
    assert ("DU0", 0) not in made.held
    assert len(made.held) == 29
    assert made.closings.unknown["DU1"].reason == "TWS notice 10275"
    assert set(made.closings.unknown) == {"DU1"}


def test_a_row_that_cannot_be_read_does_not_keep_its_neighbours_open() -> None:
    """Its own holding stays for as long as TWS sends it so, and the account is unknown."""
    made = world(3)
    made.never_updates = True
    made.spoilt = {("DU0", 0)}
    made.trade(("DU0", 1), Decimal(-10), pushed=False, executed=False)
    made.wait(30.0 + BOUND_S)
    assert made.held.keys() == {("DU0", 0), ("DU0", 2)}
    assert "cannot be read" in made.closings.unknown["DU0"].reason


def test_a_row_without_an_account_keeps_its_contract_open_in_every_account() -> None:
    """For as long as TWS sends it so, all accounts are unknown; their other holdings close."""
    made = world(4, accounts=2)
    made.never_updates = True
    key, other = next(key for key in made.held if key[0] == "DU0"), ("DU1", 1)
    made.spoilt = made.nameless = {key}
    made.trade(other, Decimal(-10), pushed=False, executed=False)
    made.wait(30.0 + BOUND_S)
    assert key in made.held
    assert other not in made.held
    assert "cannot be read" in made.closings.unknown[ALL_ACCOUNTS].reason
    made.spoilt = set()
    made.wait(30.0)
    assert (len(made.held), made.closings.unknown) == (3, {})


def test_a_row_without_an_account_closes_nothing_of_another_login() -> None:
    made = world(2, accounts=2)
    made.accounts = ("DU0",)
    made.spoilt = made.nameless = {("DU0", 0)}
    made.trade(("DU1", 1), Decimal(-10), pushed=False, executed=False)
    made.wait(600.0)
    assert made.held.keys() == {("DU0", 0), ("DU1", 1)}


@pytest.mark.parametrize("holdings", [1, 2, 30])
def test_a_push_and_an_execution_close_at_once(holdings: int) -> None:
    """The execution with the next look for it: also in an answer without any row."""
    made = world(holdings)
    made.trade(("DU0", 0), Decimal(-10), pushed=True, executed=False)
    assert ("DU0", 0) not in made.held
    made = world(holdings)
    made.answer_as("empty", "silent", "")
    made.wait(31.0)
    assert len(made.held) == holdings
    made.trade(("DU0", 0), Decimal(-10), pushed=False, executed=True)
    made.wait(10.0)
    assert len(made.held) == holdings - 1


def test_executions_of_before_close_nothing() -> None:
    """Half was sold and seen; then an answer lacks the rest, which is still held."""
    made = world(2)
    made.trade(("DU0", 0), Decimal(-5), pushed=True, executed=True)
    made.trade(("DU0", 1), Decimal(10), pushed=True, executed=True)
    made.trade(("DU0", 1), Decimal(-10), pushed=True, executed=True)
    made.answer_as("empty", "given", "")
    made.wait(300.0)
    assert len(made.held) == 2


def test_a_row_older_than_a_push_does_not_hide_the_execution_that_closes() -> None:
    """A push stands right behind the end of an answer, and is taken before it."""
    closings = Closings()
    closings.session_began(0.0)
    first, pushed = position(1, 10, sequence=1), position(1, 12, sequence=3)
    closings.answered(snapshot("s1", first), {first.key: first}, 20.0)
    closings.traded([], {first.key: first}, {first.key: first})
    closings.pushed(pushed, 21.0)
    held = {first.key: pushed}
    older = msgspec.structs.replace(snapshot("s2", position(1, 10, sequence=2)), sequence=2)
    closings.answered(older, held, 22.0)
    empty = msgspec.structs.replace(snapshot("s3"), sequence=4)
    closings.answered(empty, held, 30.0)
    executions = [execution(1, 2), execution(2, -12)]
    assert [one.key for one in closings.traded(executions, held, held)] == [first.key]


def execution(number: int, quantity: int) -> Execution:
    return Execution(
        exec_id=f"0000.{number}.01", account=ACCOUNT, con_id=1, quantity=Decimal(quantity),
        price=Decimal(1), at=at(number), client_id=0, order_id=0,
    )  # fmt: skip


@pytest.mark.parametrize("remarks", [{}, {"": "TWS notice 2151"}, {"DU1": "TWS notice 10275"}])
def test_a_row_of_quantity_0_closes_at_once(remarks: dict[str, str]) -> None:
    """TWS says so plainly, whatever it remarks on the answer that has it."""
    closings, held = Closings(), {("DU1", 1): position(1), ("DU1", 2): position(2)}
    row = position(1, 0)
    answer = msgspec.structs.replace(snapshot("s1", row), remarks=remarks)
    [closing] = closings.answered(answer, held, 0.0)
    assert closing.row is row


def test_an_expired_option_is_closed_when_two_answers_lack_it() -> None:
    """And one whose session goes on is not."""
    expired, alive = option(1, expiry="20260601"), option(2, expiry="20260601")
    closings = Closings(is_over=lambda contract: contract == expired)
    closings.session_began(0.0)
    other = position(3)
    held = {p.key: p for p in (position(1, contract=expired), position(2, contract=alive), other)}
    closed = [
        closing.key
        for now in (20.0, 22.0, 27.5, 33.0)
        for closing in closings.answered(snapshot("s", other), held, now)
    ]
    assert closed[0] == ("DU1", 1)
    assert ("DU1", 2) not in closed


@pytest.mark.parametrize("alive", [0, 1])
def test_an_expired_option_stays_where_answers_lack_all_that_lives_on(alive: int) -> None:
    """An answer without a row, as while TWS logs in, is no news of what is over either."""
    contracts = [option(n, expiry="20260601") for n in range(1, 4)]
    closings = Closings(is_over=lambda contract: contract.con_id > alive)
    closings.session_began(0.0)
    held = {p.key: p for p in (position(one.con_id, contract=one) for one in contracts)}
    closings.answered(snapshot("s", *held.values()), held, 15.0)
    closed = [
        closing.key
        for now in (30.0, 32.0, 37.5, 43.0)
        for closing in closings.answered(snapshot("s"), held, now)
    ]
    assert set(closed) == (set() if alive else held.keys())


def test_holdings_of_an_account_that_is_not_of_this_login_stay() -> None:
    """TWS was logged in with another user."""
    closings = Closings()
    closings.session_began(0.0)
    held: dict[PositionKey, Position] = {("DU1", 1): position(1)}
    for n in range(60):
        answer = snapshot("s", position(1, account="DU2"))
        assert closings.answered(answer, held, 20.0 * n, ["DU2"]) == []
    assert "not an account of this login" in closings.unknown["DU1"].reason


def test_an_empty_answer_is_not_believed_at_its_first_word_where_nothing_is_held() -> None:
    made = world(0)
    assert made.closings.unknown[""].reason == "TWS lists no positions"
    made.wait(AGREED_S + 15.0)
    assert made.closings.unknown == {}


@pytest.mark.parametrize("account", [ACCOUNT, ALL_ACCOUNTS])
def test_a_row_of_0_closes_nothing_where_another_row_of_the_holding_cannot_be_read(
    account: str,
) -> None:
    """The last row counts, and it may be the other one."""
    closings, held = Closings(), {position(9).key: position(9)}
    answer = snapshot("s", position(9, 0), position(1))
    doubtful = msgspec.structs.replace(answer, unreadable=frozenset({(account, 9)}))
    assert closings.answered(doubtful, held, 0.0, (ACCOUNT,)) == []
    [closing] = closings.answered(answer, held, 30.0, (ACCOUNT,))
    assert closing.key == position(9).key
