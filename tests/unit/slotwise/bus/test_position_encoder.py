"""Positions are encoded as msgspec does, though each contract is encoded once."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from slotwise.bus.position_encoder import PositionEncoder
from slotwise.position import Position
from tests.support.values import at, contract, position

HELD = (
    position(1, "2.50", sequence=2**33, observed_at=at(1)),
    position(2, -3, avg_cost=None, account="DU9/Growth"),
    position(3, contract=replace(contract(3), strike=Decimal("1.5"), right="C", expiry="20261218")),
    position(3, account="DU8", avg_cost=Decimal("-0.1")),
)


def test_bytes_are_those_of_msgspec_at_every_poll() -> None:
    encoder = PositionEncoder()
    expected = [msgspec.msgpack.encode(one) for one in HELD]
    for _ in range(2):
        assert list(encoder.encode_all(HELD)) == expected
    assert [msgspec.msgpack.decode(one, type=Position) for one in expected] == list(HELD)


def test_a_contract_that_has_changed_is_encoded_anew() -> None:
    """Its details have come, or TWS names it otherwise."""
    encoder, before = PositionEncoder(), position(1)
    after = replace(before, contract=replace(before.contract, price_magnifier=100))
    for one in (before, after, before):
        assert list(encoder.encode_all([one])) == [msgspec.msgpack.encode(one)]


def test_two_contracts_under_one_id_are_not_mixed_up() -> None:
    encoder = PositionEncoder()
    one, other = position(1), position(1, account="DU8", contract=replace(contract(1), symbol="X"))
    for _ in range(2):
        expected = [msgspec.msgpack.encode(one), msgspec.msgpack.encode(other)]
        assert list(encoder.encode_all([one, other])) == expected
