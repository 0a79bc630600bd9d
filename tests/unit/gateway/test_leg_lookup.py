"""The gateway looks legs up: each for itself, as fast as the message budget lets it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from slotwise.leg import Leg, read_leg
from slotwise.rules.leg_resolution import LegCandidates
from tests.support.values import contract, known, option, position
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.leg_lookup import look_up


def connected() -> FakeBroker:
    broker = FakeBroker(100)
    broker.up = True
    broker.listen(Remembering())
    return broker


def find(
    broker: FakeBroker, *texts: str, book: ContractCache | None = None
) -> Sequence[LegCandidates]:
    """Look legs up."""
    legs = tuple(map(read_leg, texts))

    async def run() -> Sequence[LegCandidates]:
        return (await look_up(broker, book or ContractCache(broker), legs)).of

    found = asyncio.run(run())
    assert [leg_candidates.leg for leg_candidates in found] == list(legs)
    return found


def test_each_leg_gets_its_candidates_or_its_error() -> None:
    broker = connected()
    broker.fitting = {"SPY": (5,), "SPX OPT": (6, 7)}
    broker.unknown = {99}
    found = find(broker, "SPY", "NOPE", "99", "12")
    assert [leg_candidates.candidates for leg_candidates in found] == [
        (contract(5),),
        (),
        (),
        (contract(12),),
    ]
    assert [leg_candidates.error for leg_candidates in found] == [""] * 4


def test_without_a_connection_every_leg_says_so() -> None:
    broker = FakeBroker(100)
    broker.listen(Remembering())
    found = find(broker, "SPY", "12")
    assert all(leg_candidates.error and not leg_candidates.candidates for leg_candidates in found)


def test_a_symbol_joined_by_a_point_is_tried_with_a_space() -> None:
    """IB writes BRK B where others write BRK.B, BRK/B or BRK-B."""
    broker = connected()
    broker.fitting = {"BRK B": (5,), "BT.A": (6,)}
    found = find(broker, "BRK.B", "BRK/B", "brk-b", "BT.A", "BRK.C")
    assert [[c.con_id for c in leg_candidates.candidates] for leg_candidates in found] == [
        [5],
        [5],
        [5],
        [6],
        [],
    ]


def test_a_contract_that_is_held_and_known_is_not_asked_for() -> None:
    broker = connected()
    book = ContractCache(broker)
    book.recall([known(contract(5)), known(contract(6))])
    book.facts.complete(position(5))
    find(broker, "5", "6", book=book)
    assert "details 5" not in broker.wire
    assert "details 6" in broker.wire


def test_details_of_a_leg_in_words_are_kept() -> None:
    """The activation that follows asks for none; of what is not clear nothing is kept."""
    broker = connected()
    broker.fitting = {"SPY": (5,), "SPX OPT": (6, 7)}
    book = ContractCache(broker)
    find(broker, "SPY", "SPX 20261218 P 560", book=book)
    assert (book.get(5), book.get(6)) == (contract(5), None)
    assert asyncio.run(book.find(5)) == contract(5)
    assert [word for word in broker.wire if word == "details 5"] == []


def test_of_what_has_expired_the_contract_is_known_and_of_what_is_gone_none() -> None:
    """TWS has neither any more."""
    broker = connected()
    broker.unknown = {5, 6}
    book = ContractCache(broker)
    book.recall([known(option(5, expiry="20200117")), known(option(6, expiry="20991218"))])
    over, gone = find(broker, "5", "6", book=book)
    assert [one.expiry for one in over.candidates] == ["20200117"]
    assert gone.candidates == ()
    assert Leg(con_id=6) == gone.leg
