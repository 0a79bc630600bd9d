"""PositionEncoder: positions as bytes, each contract encoded once and not at every poll."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

import msgspec

from slotwise.contract import Contract
from slotwise.position import Position


class _Written(msgspec.Struct, frozen=True, gc=False):
    """Hold the fields of a position, in their order, with its contract encoded."""

    account: str
    contract: msgspec.Raw
    quantity: Decimal
    avg_cost: Decimal | None
    observed_at: datetime
    sequence: int | None


class PositionEncoder:
    """Encode the positions of one snapshot after another."""

    def __init__(self) -> None:
        self._encode = msgspec.msgpack.Encoder().encode
        self._contracts: dict[int, tuple[Contract, msgspec.Raw]] = {}

    def encode_all(self, positions: Iterable[Position]) -> Iterator[bytes]:
        """Return the bytes of each position; contracts that none of them has are forgotten."""
        before, self._contracts = self._contracts, {}
        for position in positions:
            contract = position.contract
            known = before.get(contract.con_id)
            if known is None or known[0] is not contract:
                known = contract, msgspec.Raw(self._encode(contract))
            self._contracts[contract.con_id] = known
            yield self._encode(
                _Written(
                    position.account,
                    known[1],
                    position.quantity,
                    position.avg_cost,
                    position.observed_at,
                    position.sequence,
                )
            )
