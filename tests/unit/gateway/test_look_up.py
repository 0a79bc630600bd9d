"""The gateway looks legs up: each for itself, as fast as the message budget lets it."""

from __future__ import annotations

import asyncio

from slotwise.leg import read_leg
from tests.support.values import contract
from tests.unit.gateway.fake_broker import FakeBroker
from tests.unit.gateway.listeners import Remembering
from workers.gateway.look_up import look_up


def test_each_leg_gets_its_candidates_or_its_error() -> None:
    broker = FakeBroker(100)
    broker.up = True
    broker.listen(Remembering())
    broker.fitting = {"SPY": (5,), "SPX OPT": (6, 7)}
    broker.unknown = {99}
    legs = tuple(map(read_leg, ("SPY", "NOPE", "99", "12")))
    found = asyncio.run(look_up(broker, legs)).of
    assert [meaning.leg for meaning in found] == list(legs)
    assert [meaning.candidates for meaning in found] == [(contract(5),), (), (), (contract(12),)]
    assert [meaning.error for meaning in found] == [""] * 4


def test_without_a_connection_every_leg_says_so() -> None:
    broker = FakeBroker(100)
    broker.listen(Remembering())
    found = asyncio.run(look_up(broker, (read_leg("SPY"), read_leg("12")))).of
    assert all(meaning.error and not meaning.candidates for meaning in found)
