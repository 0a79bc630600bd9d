"""MarkWitness: IB's own marks, asked of one account after another, beside quotes and marks here.

TWS keeps one subscription to an account's updates for a client, so accounts take turns: each is
subscribed until its first update is complete, and again after three minutes, which is how often IB
values holdings. Whether that costs lines is contested, so it is off unless the settings ask for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from slotwise.bus.witness_status import Disagreement, WitnessStatus
from slotwise.contract import Contract, PositionKey
from slotwise.errors import BrokerError
from slotwise.position import Position
from slotwise.quote import Quote
from slotwise.rules.marks.marked import Marked
from slotwise.rules.witnesses import AccountMark, Finding, WitnessBook, finding_of
from workers.gateway.broker import Broker
from workers.gateway.marks.profit_witness import ProfitWitness

log = structlog.get_logger(__name__)

#: IB values every holding this often, seconds.
ROUND_S = 180.0
#: After a connection, seconds: positions, lines and first quotes go before.
FIRST_S = 30.0
#: Disagreements in the status at most.
SHOWN = 20


class MarkWitness:
    """Ask, compare, and keep what disagrees."""

    def __init__(
        self,
        broker: Broker,
        *,
        held: Callable[[], Mapping[PositionKey, Position]],
        quote_of: Callable[[int], Quote | None],
        mark_of: Callable[[int], Marked | None],
        is_open: Callable[[Contract], bool],
        profits: ProfitWitness | None = None,
        first_s: float = FIRST_S,
        round_s: float = ROUND_S,
    ) -> None:
        self._broker = broker
        self._held = held
        self._quote_of = quote_of
        self._mark_of = mark_of
        self._is_open = is_open
        self.profits = profits
        self._first_s, self._round_s = first_s, round_s
        self._book = WitnessBook()
        self._compared: dict[str, int] = {}
        self._at: datetime | None = None
        self._trouble = ""

    def work(self, ready: asyncio.Event) -> dict[str, Coroutine[Any, Any, None]]:
        """Return the loops by name: marks and profits are asked for apart."""
        found = {"witness": self.run(ready)}
        return found if self.profits is None else found | {"profits": self.profits.run(ready)}

    async def run(self, ready: asyncio.Event) -> None:
        """Ask the accounts in turn, again and again, while there is a connection."""
        while True:
            await ready.wait()
            await asyncio.sleep(self._first_s)
            while ready.is_set():
                accounts = self._broker.accounts
                for account in accounts:
                    await self.step(account)
                    await asyncio.sleep(self._round_s / len(accounts))
                if not accounts:
                    await asyncio.sleep(self._round_s)

    async def step(self, account: str) -> None:
        """Ask one account for its marks, and compare them."""
        try:
            reported = await self._broker.account_marks(account)
        except BrokerError as error:
            if str(error) != self._trouble:
                log.warning("no marks of ib", reason=str(error))
            self._trouble = str(error)
            return
        self._trouble, self._at = "", datetime.now(UTC)
        held = self._held()
        self._book.keep(held.keys())
        self._compared[account] = self._compare(reported, held)

    def status(self) -> WitnessStatus:
        """Return how IB's marks compare."""
        standing = sorted(self._book.standing.values(), key=lambda one: one.at, reverse=True)
        return WitnessStatus(
            asked=True,
            at=self._at,
            compared=sum(self._compared.values()),
            standing=len(standing),
            found={str(cause): count for cause, count in sorted(self._book.counts.items())},
            shown=tuple(map(self._disagreement_of, standing[:SHOWN])),
            trouble=self._trouble,
            profits=() if self.profits is None else self.profits.status(),
        )

    def _compare(
        self, reported: Sequence[AccountMark], held: Mapping[PositionKey, Position]
    ) -> int:
        compared = 0
        for one in reported:
            position = held.get(one.key)
            if position is None or position.quantity != one.quantity:
                # Traded since: IB's value is of another quantity.
                continue
            contract, con_id = position.contract, one.con_id
            mark = self._mark_of(con_id)
            compared += mark is not None and mark.value is not None
            found = finding_of(
                one, contract, self._quote_of(con_id), mark, is_open=self._is_open(contract)
            )
            if (news := self._book.take(one, found)) is not None:
                self._note(news, contract)
        return compared

    def _note(self, found: Finding, contract: Contract) -> None:
        log.warning(
            "mark of ib disagrees",
            contract=contract.label,
            cause=found.cause,
            ib=round(found.theirs, 6),
            mark=None if found.ours is None else round(found.ours, 6),
            band=None if found.band is None else round(found.band, 6),
        )

    def _disagreement_of(self, found: Finding) -> Disagreement:
        position = self._held().get((found.account, found.con_id))
        return Disagreement(
            con_id=found.con_id,
            label="" if position is None else position.contract.label,
            cause=found.cause,
            theirs=found.theirs,
            ours=found.ours,
            band=found.band,
            at=found.at,
        )
