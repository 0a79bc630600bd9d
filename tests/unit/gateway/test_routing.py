"""Every holding goes to exactly one place."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from slotwise.position import Position
from slotwise.rules.lines import Claim
from slotwise.rules.position_queue import POLLED, URGENT
from tests.support.values import at, contract, position, snapshot
from workers.gateway.active_contracts import ActiveContracts
from workers.gateway.positions.routing import Portfolio, pushed_item, route

holdings = st.dictionaries(
    st.tuples(st.sampled_from(["DU1", "DU2"]), st.integers(1, 8)), st.integers(-3, 3)
)
active_ids = st.sets(st.integers(1, 8))


def held(found: dict[tuple[str, int], int]) -> list[Position]:
    return [
        position(con_id, quantity, account=account) for (account, con_id), quantity in found.items()
    ]


def active(con_ids: set[int]) -> ActiveContracts:
    return ActiveContracts(dict.fromkeys(con_ids, Claim(5)), dict.fromkeys(con_ids, ("s",)))


@given(before=holdings, now=holdings, con_ids=active_ids)
def test_each_holding_is_streamed_or_queued_once(
    before: dict[tuple[str, int], int], now: dict[tuple[str, int], int], con_ids: set[int]
) -> None:
    """Held ones are streamed when active, else queued; closed ones are streamed when active."""
    routing = route(snapshot("s1", *held(now)), Portfolio(held(before)), active(con_ids))
    named = [p.key for p in routing.streamed]
    named += [(i.account, i.con_id) for i in routing.queued]
    closed = {key for key, quantity in before.items() if quantity}
    closed -= {key for key, quantity in now.items() if quantity}
    expected = {key for key, quantity in now.items() if quantity}
    expected |= {key for key in closed if key[1] in con_ids}
    assert sorted(named) == sorted(expected)
    assert {p.key for p in routing.closed} == closed
    assert all(key[1] in con_ids for key in (p.key for p in routing.streamed))
    assert not any(i.con_id in con_ids for i in routing.queued)


@given(before=holdings, now=holdings)
def test_what_is_absent_is_closed(
    before: dict[tuple[str, int], int], now: dict[tuple[str, int], int]
) -> None:
    """A holding that a complete snapshot lacks has quantity 0 from its end on."""
    taken = snapshot("s1", *held(now), when=at(30))
    routing = route(taken, Portfolio(held(before)), ActiveContracts())
    gone = {k for k, q in before.items() if q} - {k for k, q in now.items() if q}
    assert {p.key for p in routing.closed} == gone
    assert all(p.quantity == 0 for p in routing.closed)
    absent = [p for p in routing.closed if p.key not in now]
    assert all(p.observed_at == at(30) for p in absent)


@given(now=holdings)
def test_the_same_snapshot_gives_the_same_items(now: dict[tuple[str, int], int]) -> None:
    """An item sent twice is one request; the next snapshot's items are new ones."""
    first = route(snapshot("s1", *held(now)), Portfolio(), ActiveContracts()).queued
    again = route(snapshot("s1", *held(now)), Portfolio(), ActiveContracts()).queued
    later = route(snapshot("s2", *held(now)), Portfolio(), ActiveContracts()).queued
    assert first == again
    assert not {i.item_id for i in first} & {i.item_id for i in later}
    assert len({i.item_id for i in first}) == len(first)
    assert all(i.priority == POLLED for i in first)


def test_a_push_goes_first() -> None:
    """What TWS pushed is queued before what was only polled."""
    assert pushed_item(position(1)).priority == URGENT


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2), st.sampled_from(["DU1", "DU2"]))))
def test_a_portfolio_follows_every_change(changes: list[tuple[int, int, str]]) -> None:
    """By holding and by contract it says the same, and closed holdings are in neither."""
    portfolio = Portfolio()
    model: dict[tuple[str, int], Decimal] = {}
    for con_id, quantity, account in changes:
        portfolio.amend(position(con_id, quantity, account=account))
        model[account, con_id] = Decimal(quantity)
    held_now = {key for key, quantity in model.items() if quantity}
    assert set(portfolio.by_key) == held_now
    assert {p.key for con_id in (1, 2, 3) for p in portfolio.of(con_id)} == held_now


def test_a_contract_keeps_its_fields_when_it_closes() -> None:
    """The closing row still says what was held."""
    before = position(4, contract=contract(4, symbol="XYZ"))
    [closed] = route(snapshot("s1"), Portfolio([before]), ActiveContracts()).closed
    assert (closed.contract.symbol, closed.avg_cost) == ("XYZ", before.avg_cost)
