"""Where a contract's requests go: TWS refuses market data without an exchange."""

from __future__ import annotations

import msgspec

from slotwise.contract import Contract
from slotwise.errors import BrokerError
from workers.gateway.broker import Broker

#: Security types that SMART routes.
SMART_TYPES = frozenset(("STK", "OPT", "FOP"))


def routed(contract: Contract) -> Contract | None:
    """Give a contract the exchange to ask at; None when only TWS's details can tell.

    A position of a stock carries its primary exchange and one of an option none.
    """
    if contract.sec_type not in SMART_TYPES:
        return None
    if contract.exchange == "SMART":
        return contract
    primary = contract.primary_exchange
    if contract.sec_type == "STK":
        primary = primary or contract.exchange
    return msgspec.structs.replace(contract, exchange="SMART", primary_exchange=primary)


class ContractBook:
    """Remember contracts that requests can be made of; ask TWS for the others once."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._known: dict[int, Contract] = {}
        self._by_symbol: dict[str, Contract] = {}

    def named(self, con_id: int) -> Contract:
        """Give a contract, or one of which nothing but its id is known."""
        return self.get(con_id) or Contract(con_id=con_id, symbol="", sec_type="")

    def get(self, con_id: int) -> Contract | None:
        """Return a contract that can be asked for at once."""
        return self._known.get(con_id)

    def learn(self, contract: Contract) -> None:
        """Take a contract from a position, where that is enough to route it."""
        if contract.con_id not in self._known:
            ready = routed(contract)
            if ready is not None:
                self._known[contract.con_id] = ready

    async def find(self, con_id: int) -> Contract:
        """Look a contract up; raises BrokerError."""
        known = self._known.get(con_id)
        return known if known is not None else self._keep(await self._broker.contract(con_id))

    async def find_symbol(self, symbol: str) -> Contract:
        """Look the stock or index of a symbol up; raises BrokerError."""
        known = self._by_symbol.get(symbol)
        if known is None:
            known = self._keep(await self._broker.contract_of(symbol))
            self._by_symbol[symbol] = known
        return known

    def _keep(self, contract: Contract) -> Contract:
        ready = routed(contract) or contract
        if not ready.exchange:
            raise BrokerError(f"TWS names no exchange for contract {contract.con_id}")
        self._known[contract.con_id] = ready
        return ready
