"""Which contracts a rule is about."""

from __future__ import annotations

from dataclasses import dataclass

from tws_simulator.instruments.contract import Contract


@dataclass(frozen=True, slots=True)
class Selector:
    """Choose contracts: by their ids, or by all of what else is given; without any of it, all."""

    con_ids: frozenset[int] = frozenset()
    symbol: str = ""
    sec_type: str = ""
    exchange: str = ""
    currency: str = ""

    def chooses(self, contract: Contract) -> bool:
        """Return True for a contract that is chosen."""
        return (
            (not self.con_ids or contract.con_id in self.con_ids)
            and self.symbol in ("", contract.symbol)
            and self.sec_type in ("", contract.sec_type)
            and self.exchange in ("", contract.exchange, contract.primary_exchange)
            and self.currency in ("", contract.currency)
        )
