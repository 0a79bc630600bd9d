"""Symbols: which contract a symbol of the watchlist names.

Rules:
* A symbol is the stock or index in dollars that is known by it, where there is one alone; else TWS
  is asked, once.
* A symbol that TWS knows no contract for (error 200) is asked for again after `RETRY_REFUSED_S`,
  not in each round of the watchlist.
"""

from __future__ import annotations

from collections.abc import Callable

from slotwise.contract_details import ContractDetails
from slotwise.errors import RequestRefusedError
from workers.gateway.broker import Broker
from workers.gateway.contracts.facts import ContractFacts
from workers.gateway.contracts.retries import RETRY_REFUSED_S, Trouble
from workers.gateway.tws_codes import NO_SECURITY


class Symbols:
    """Hold the contract ids of symbols, and the refusals of TWS."""

    def __init__(
        self,
        broker: Broker,
        facts: ContractFacts,
        learn: Callable[[ContractDetails], None],
        clock: Callable[[], float],
    ) -> None:
        self._broker = broker
        self._facts = facts
        self._learn = learn
        self._clock = clock
        self._ids: dict[str, int] = {}
        self._refused: dict[str, Trouble] = {}

    async def con_id(self, symbol: str) -> int:
        """Return the contract id of a symbol; raises BrokerError."""
        con_id = self._ids.get(symbol) or self._facts.only_one_of(symbol)
        if con_id is None:
            con_id = await self._ask(symbol)
        self._ids[symbol] = con_id
        return con_id

    async def _ask(self, symbol: str) -> int:
        refused = self._refused.get(symbol)
        if refused is not None and refused.retry_at > self._clock():
            raise refused.error
        try:
            details = await self._broker.details_of(symbol)
        except RequestRefusedError as error:
            if error.code == NO_SECURITY:
                due_at = self._clock() + RETRY_REFUSED_S
                self._refused[symbol] = Trouble(error, due_at, RETRY_REFUSED_S)
            raise
        self._refused.pop(symbol, None)
        self._learn(details)
        return details.contract.con_id
