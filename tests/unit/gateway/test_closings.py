"""A holding is closed for a reason, and what TWS does not list is not thereby closed."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slotwise.contract import PositionKey
from slotwise.position import Position
from slotwise.reconciliation.evidence import Execution
from tests.support.effort import examples
from tests.support.values import ACCOUNT, at, option, position, snapshot
from tests.unit.gateway.closings_world import DECEPTIVE, MODES, UPDATES, VALUES, World
from workers.gateway.positions.closings import Closings
from workers.gateway.positions.missing import AGREED_S

#: What is really closed is closed so soon after TWS is well, seconds; a poll may come this late.
BOUND_S, SLOW_POLL_S = 90.0, 60.0


def world(holdings: int, accounts: int = 1, interval_s: float = 30.0) -> World:
    """Begin with so many holdings, all seen."""
    names = tuple(f"DU{n}" for n in range(accounts))
    made = World(names, interval_s)
    for n in range(holdings):
        made.truth[names[n % accounts], n] = Decimal(10)
    made.wait(0.0)
    assert len(made.held) == holdings
    made.wait(interval_s)
    return made


@pytest.mark.parametrize("holdings", [1, 2, 30, 200])
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "whole"])
def test_nothing_held_is_closed_while_positions_are_not_given(mode: str, holdings: int) -> None:
    """For as long as it lasts; where nothing in the answers says so, for 45 seconds."""
    made = world(holdings, accounts=1 if holdings == 1 else 2)
    made.answer_as(mode, "silent", "DU0")
    # Each holding costs as much again.
    lasts_s = 7200.0 if holdings <= 30 else 1200.0
    made.wait(45.0 if mode in DECEPTIVE else lasts_s)
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


others = st.one_of(
    st.just(("whole", "")),
    st.tuples(
        st.sampled_from(["empty", "silent", "readonly", "empty2151", "2151noend"]), st.just("")
    ),
    st.just(("err10275", "DU1")),
)


@settings(max_examples=examples(60), deadline=None)
@given(
    sold=st.sampled_from([1, 2, 5]),
    interval_s=st.sampled_from([5.0, 30.0]),
    seen_s=st.floats(0.0, 300.0),
    before=st.lists(st.tuples(others, st.floats(0.1, 300.0)), max_size=3),
    meanwhile=st.sampled_from(["whole", "empty", "silent", "readonly"]),
    away_s=st.floats(0.0, 300.0),
)
def test_an_account_that_is_sold_out_is_closed_without_its_own_update(
    sold: int,
    interval_s: float,
    seen_s: float,
    before: list[tuple[tuple[str, str], float]],
    meanwhile: str,
    away_s: float,
) -> None:
    """By answers that list the other account, where executions were answered, within 90 s."""
    made = world(0, accounts=2, interval_s=interval_s)
    made.never_updates = True
    made.truth = {("DU0", n): Decimal(10) for n in range(3)}
    made.truth |= {("DU1", n): Decimal(10) for n in range(sold)}
    for (mode, away), seconds in before:
        made.answer_as(mode, "silent", away)
        made.wait(seconds)
    made.answer_as("whole", "silent", "")
    made.wait(BOUND_S + seen_s)
    made.answer_as(meanwhile, "silent", "")
    for n in range(sold):
        made.trade(("DU1", n), Decimal(-10), pushed=False, executed=False)
    made.wait(away_s)
    made.answer_as("whole", "silent", "")
    made.wait(BOUND_S)
    assert made.held.keys() == made.truth.keys()
    assert made.closings.unknown == {}


@pytest.mark.parametrize("why", ["not listed", "remarked", "executions hang", "all are missing"])
def test_an_account_that_may_be_away_stays_without_its_own_update(why: str) -> None:
    """It was not listed in this session or after a remark, or nothing but one answer says it."""
    made = world(4, accounts=1 if why == "all are missing" else 2)
    made.never_updates, made.executions_hang = True, why == "executions hang"
    if why == "not listed":
        made.reconnect()
    if why == "remarked":
        made.answer_as("err10275", "silent", "DU1")
        made.wait(30.0)
    held = dict(made.held)
    made.truth = {key: n for key, n in made.truth.items() if key[0] != made.accounts[-1]}
    made.answer_as("whole", "silent", "")
    made.wait(3600.0)
    assert made.held.keys() == held.keys()
    assert made.closings.unknown


@pytest.mark.parametrize("accounts", [1, 2])
@pytest.mark.parametrize("left", [0, 1])
def test_an_account_is_sold_out_by_its_values(accounts: int, left: int) -> None:
    """All or most of it, without its own update, without executions, without having been listed."""
    made = world(10 * accounts, accounts)
    made.never_updates, made.executions_hang, made.values = True, True, "given"
    made.reconnect()
    made.hidden = {con_id for _, con_id in [*made.truth][:left]}
    for key in [key for key in made.truth if key[0] == "DU0"][left:]:
        made.trade(key, -made.truth[key], pushed=False, executed=False)
    made.wait(45.0)
    assert len(made.held) == 10 * accounts
    made.wait(BOUND_S - 45.0)
    assert made.held.keys() == made.truth.keys()
    assert made.closings.unknown == {}


def test_what_values_do_not_show_is_not_closed_by_them() -> None:
    """An option that is worth nothing, or a bond, is not in their sum."""
    made = world(4)
    made.never_updates, made.values, made.hidden = True, "given", {1, 2}
    for n in (0, 3):
        made.trade(("DU0", n), Decimal(-10), pushed=False, executed=False)
    made.answer_as("empty", "silent", "")
    made.wait(3600.0)
    assert made.held.keys() == made.truth.keys() == {("DU0", 1), ("DU0", 2)}
    assert "lacks 2 of 2" in made.closings.unknown["DU0"].reason


@pytest.mark.parametrize("values", ["given", "undecided"])
@pytest.mark.parametrize("holdings", [2, 30])
def test_an_account_that_is_not_listed_stays_while_its_values_do_not_agree(
    values: str, holdings: int
) -> None:
    """Though it was listed, others are, and executions explain nothing: for as long as it lasts."""
    made = world(holdings, accounts=2)
    made.never_updates, made.values = True, values
    made.answer_as("absent", "silent", "DU0")
    made.wait(7200.0)
    assert made.held.keys() == made.truth.keys()
    assert "account values do not say" in made.closings.unknown["DU0"].reason


def test_nothing_is_not_believed_to_be_held_while_values_say_something_is() -> None:
    """A gateway that knows of nothing, at a TWS that another session displaces for hours."""
    made = World(("DU0", "DU1"))
    made.truth[("DU1", 1)] = Decimal(10)
    made.answer_as("empty", "silent", "")
    made.values = "given"
    made.wait(7200.0)
    assert made.closings.unknown[""].reason == (
        "TWS lists no positions, and account values do not say that nothing is held"
    )
    made.truth.clear()
    made.wait(BOUND_S)
    assert made.closings.unknown == {}


def test_a_row_that_cannot_be_read_does_not_keep_its_neighbours_open() -> None:
    """Its own holding stays for as long as TWS sends it so, and the account is unknown."""
    made = world(3)
    made.never_updates = True
    made.spoilt = {("DU0", 0)}
    made.trade(("DU0", 1), Decimal(-10), pushed=False, executed=False)
    made.wait(30.0 + BOUND_S)
    assert made.held.keys() == {("DU0", 0), ("DU0", 2)}
    assert "cannot be read" in made.closings.unknown["DU0"].reason


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


keys = st.tuples(st.sampled_from(["DU0", "DU1"]), st.integers(0, 5))
steps = st.one_of(
    st.tuples(st.just("wait"), st.floats(0.1, 100.0)),
    st.tuples(
        st.just("answer"),
        st.sampled_from(MODES),
        st.sampled_from(UPDATES),
        st.sampled_from(["DU0", "DU1"]),
    ),
    st.tuples(st.just("well")),
    st.tuples(st.just("reconnect")),
    st.tuples(st.just("clock"), st.floats(-7200, 7200)),
    st.tuples(st.just("executions"), st.booleans()),
    st.tuples(st.just("updates never"), st.booleans()),
    st.tuples(st.just("values"), st.sampled_from(VALUES), st.sets(st.integers(0, 5))),
    st.tuples(st.just("spoil"), keys),
    st.tuples(
        st.just("trade"), keys, st.sampled_from([-10, -5, 5, 10]), st.just(True), st.booleans()
    ),
    st.tuples(st.just("sell"), keys, st.booleans(), st.booleans()),
)


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
@given(
    steps=st.lists(steps, min_size=20, max_size=40),
    interval_s=st.sampled_from([5.0, 30.0, 60.0, 3600.0]),
    holdings=st.integers(0, 12),
    seed=st.integers(0, 9),
)
def test_what_is_held_is_never_closed_and_what_is_closed_is_in_bounds(
    steps: list[tuple[object, ...]], interval_s: float, holdings: int, seed: int
) -> None:
    made = World(("DU0", "DU1"), interval_s, seed)
    for n in range(holdings):
        made.truth[("DU0", "DU1")[n % 2], n // 2] = Decimal(10)
    made.wait(interval_s)
    for step in steps:
        _take(made, step)
        _check_bounds(made)
    made.answer_as("whole", "given", "")
    made.never_updates, made.spoilt = False, set()
    made.wait(max(BOUND_S, interval_s + SLOW_POLL_S))
    assert {key: p.quantity for key, p in made.held.items()} == made.truth


def _take(made: World, step: tuple[object, ...]) -> None:
    match step:
        case ("wait", float(seconds)):
            made.wait(seconds)
        case ("answer", str(mode), str(updates), str(away)):
            made.answer_as(mode, updates, away)
        case ("well",):
            made.answer_as("whole", "given", "")
            made.wait(60.0)
        case ("reconnect",):
            made.reconnect()
        case ("clock", float(seconds)):
            made.clock_s += seconds
        case ("executions", bool(hang)):
            made.executions_hang = hang
        case ("spoil", (str(account), int(con_id))):
            made.spoilt ^= {(account, con_id)}
        case ("values", str(values), set() as hidden):
            made.values, made.hidden = values, hidden
        case ("updates never", bool(never)):
            made.never_updates = never
            made.well_since = max(made.well_since, made.now)
        case ("trade", (str(account), int(con_id)), int(change), bool(pushed), bool(executed)):
            made.trade((account, con_id), Decimal(change), pushed=pushed, executed=executed)
        case ("sell", (str(account), int(con_id)), bool(pushed), bool(executed)):
            key = (account, con_id)
            if key in made.truth:
                made.trade(key, -made.truth[key], pushed=pushed, executed=executed)


def _check_bounds(made: World) -> None:
    """What is closed and still believed to be held has not been so for too long."""
    if made.mode != "whole" or made.never_updates:
        return
    for key in made.held.keys() - made.truth.keys():
        since = max(made.gone_at[key], made.well_since)
        assert made.now - since <= max(BOUND_S, made.interval_s + SLOW_POLL_S), key
