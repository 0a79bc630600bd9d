"""ContractFacts: what is known of contracts, from position rows and from their details.

A position row names a contract; its details say in which unit it is quoted and where. Asks nothing:
`contracts.ContractCache` does.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from datetime import datetime

import msgspec

from slotwise.contract import Contract
from slotwise.contract_details import (
    ContractDetails,
    KeptContract,
    completed,
    contradicts,
    request_contract,
)
from slotwise.errors import RequestRefusedError
from slotwise.leg import Leg
from slotwise.position import Position
from slotwise.rules.leg_resolution import fits

#: Types of contracts that the watchlist names by their symbol alone.
SYMBOL_TYPES = frozenset(("STK", "IND"))


class ContractFacts:
    """Hold the details of contracts, and the contracts of positions with them.

    `unobtainable` are the contracts whose details TWS did not give.
    """

    def __init__(
        self,
        unobtainable: Container[int],
        on_contradiction: Callable[[int], None] = lambda con_id: None,
    ) -> None:
        self._unobtainable = unobtainable
        self._on_contradiction = on_contradiction
        #: Contracts whose details are those of an earlier gateway.
        self._recalled: set[int] = set()
        self._details: dict[int, ContractDetails] = {}
        #: Contracts as position rows name them.
        self._held: dict[int, Contract] = {}
        #: Contracts of positions, and what they became with their details.
        self._completed: dict[int, tuple[Contract, Contract]] = {}
        #: Contracts whose quotes TWS gives instead of those of another.
        self._quoted_as: dict[int, int] = {}

    def __contains__(self, con_id: int) -> bool:
        return con_id in self._details

    def details(self, con_id: int) -> ContractDetails | None:
        """Return the details of a contract, as far as they are known."""
        return self._details.get(con_id)

    def held(self, con_id: int) -> Contract | None:
        """Return a contract as a position row names it."""
        return self._held.get(con_id)

    def named(self, con_id: int) -> Contract:
        """Return a contract, or one of which nothing but its id is known."""
        known = self.completed(con_id)
        if known is None and (details := self._details.get(con_id)) is not None:
            known = details.contract
        return known or Contract(con_id=con_id, symbol="", sec_type="")

    def request_contract(self, con_id: int) -> Contract:
        """Return the contract that requests are made of; its details must be known."""
        return request_contract(self._held.get(con_id), self._details[con_id])

    def only_one_of(self, symbol: str) -> int | None:
        """Return the one stock or index in dollars of a symbol that is known; None else."""
        found = [
            con_id
            for con_id, details in self._details.items()
            if details.contract.symbol == symbol
            and details.contract.sec_type in SYMBOL_TYPES
            and details.contract.currency == "USD"
        ]
        return found[0] if len(found) == 1 else None

    def held_like(self, leg: Leg) -> list[Contract]:
        """Return the held contracts that fit a leg's words, wherever they are traded."""
        ids = [one.con_id for one in self._held.values() if one.symbol == leg.symbol]
        return [one for one in map(self.named, ids) if fits(leg, one)]

    # Positions.

    def complete(self, position: Position) -> Position:
        """Return a position with what the details of its contract say besides.

        The same contract gives the same value again while nothing new is known.
        """
        theirs = position.contract
        known = self._completed.get(theirs.con_id)
        if known is None or known[0] is not theirs:
            if position.quantity:
                self._held[theirs.con_id] = theirs
            self._check(theirs)
            ours = completed(theirs, self._details_for_prices(theirs.con_id))
            self._completed[theirs.con_id] = (theirs, ours)
        else:
            ours = known[1]
        return position if ours is theirs else msgspec.structs.replace(position, contract=ours)

    def complete_all(self, positions: Sequence[Position]) -> tuple[Position, ...]:
        """Complete the positions of a whole answer: 10,000 known ones take some 10 ms."""
        known, replace, complete = self._completed.get, msgspec.structs.replace, self.complete
        result = []
        for position in positions:
            theirs = position.contract
            pair = known(theirs.con_id)
            if pair is None or pair[0] is not theirs:
                result.append(complete(position))
            elif pair[1] is theirs:
                result.append(position)
            else:
                result.append(replace(position, contract=pair[1]))
        return tuple(result)

    def completed(self, con_id: int) -> Contract | None:
        """Return the contract of a position, with what its details say besides."""
        held = self._held.get(con_id)
        return None if held is None else completed(held, self._details_for_prices(con_id))

    # News.

    def recall(self, kept: KeptContract) -> None:
        """Take up what was kept of a contract."""
        if kept.details is not None:
            self._details[kept.con_id] = kept.details
            self._recalled.add(kept.con_id)
        if kept.quoted_as:
            self._quoted_as[kept.con_id] = kept.quoted_as

    def learn(self, details: ContractDetails) -> None:
        """Take the details of a contract."""
        self._details[details.contract.con_id] = details
        self._recalled.discard(details.contract.con_id)

    def reroute(self, con_id: int, to_con_id: int) -> bool:
        """Take note that TWS gives quotes of another contract; False where that was known."""
        if to_con_id in (con_id, self._quoted_as.get(con_id)):
            return False
        self._quoted_as[con_id] = to_con_id
        return True

    def reroutes(self) -> Iterable[int]:
        """Return the contracts whose quotes TWS gives instead of others'."""
        return tuple(dict.fromkeys(self._quoted_as.values()))

    def forget_completed(self, con_id: int) -> list[int]:
        """Complete contracts again after news of one; return all that it concerns."""
        concerned = [con_id, *(c for c, target in self._quoted_as.items() if target == con_id)]
        for one in concerned:
            self._completed.pop(one, None)
        return concerned

    def kept(
        self, con_id: int, at: datetime, refusal: RequestRefusedError | None = None
    ) -> KeptContract:
        """Return what is to be kept of a contract after a look-up."""
        return KeptContract(
            con_id=con_id,
            details=self._details.get(con_id),
            at=at,
            quoted_as=self._quoted_as.get(con_id, 0),
            refusal="" if refusal is None else refusal.text,
            code=0 if refusal is None else refusal.code,
        )

    def _check(self, theirs: Contract) -> None:
        """Drop details of an earlier gateway that are not those of this contract."""
        con_id = theirs.con_id
        if con_id not in self._recalled:
            return
        if contradicts(theirs, self._details[con_id]):
            self._recalled.discard(con_id)
            del self._details[con_id]
            self._on_contradiction(con_id)

    def _details_for_prices(self, con_id: int) -> ContractDetails | None:
        """Return details with the magnifier of the contract whose quotes TWS gives.

        It is unknown while that contract's details are being looked up, and the contract's own
        where they cannot be had.
        """
        details, target = self._details.get(con_id), self._quoted_as.get(con_id)
        if details is None or target is None:
            return details
        theirs = self._details.get(target)
        if theirs is None and target in self._unobtainable:
            return details
        magnifier = None if theirs is None else theirs.contract.price_magnifier
        contract = msgspec.structs.replace(details.contract, price_magnifier=magnifier)
        return msgspec.structs.replace(details, contract=contract)
