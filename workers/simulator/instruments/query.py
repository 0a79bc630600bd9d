"""Which contracts a request means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workers.simulator.instruments.contract import SMART, Contract
from workers.simulator.instruments.universe import Universe

#: Where US stocks and their options can be sent, as TWS lists them.
STOCK_EXCHANGES = (
    "SMART", "AMEX", "NYSE", "CBOE", "PHLX", "CHX", "ARCA", "ISLAND", "DRCTEDGE", "BEX", "BATS",
    "EDGEA", "BYX", "IEX", "EDGX", "FOXRIVER", "PEARL", "NYSENAT", "LTSE", "MEMX",
)  # fmt: skip
OPTION_EXCHANGES = (
    "SMART", "AMEX", "CBOE", "PHLX", "PSE", "ISE", "BOX", "BATS", "NASDAQOM", "CBOE2", "NASDAQBX",
    "MIAX", "GEMINI", "EDGX", "MERCURY", "PEARL", "EMERALD", "MEMX",
)  # fmt: skip
#: How clients spell a right.
RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}
#: Names of the same exchange.
SAME_EXCHANGE = {"NASDAQ": "ISLAND", "GLOBEX": "CME"}


@dataclass(frozen=True, slots=True)
class ContractQuery:
    """Hold the twelve fields by which clients name a contract; empty and 0 mean "any"."""

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""
    exchange: str = ""
    primary_exchange: str = ""
    currency: str = ""
    local_symbol: str = ""
    trading_class: str = ""


def valid_exchanges(contract: Contract) -> tuple[str, ...]:
    """List where a contract can be asked for."""
    if contract.exchange != SMART:
        return (contract.exchange,)
    return STOCK_EXCHANGES if contract.sec_type == "STK" else OPTION_EXCHANGES


def find(universe: Universe, query: ContractQuery) -> Sequence[Contract]:
    """Return the contracts that fit a query, the nearest expiry first."""
    if query.con_id:
        contract = universe.get(query.con_id)
        return [contract] if contract is not None and _fits_by_id(contract, query) else []
    symbol = query.symbol or _symbol_of(query)
    found = [c for c in universe.of_symbol(symbol) if _fits(c, query)]
    return sorted(found, key=lambda c: (c.sec_type, c.expiry, c.strike, c.right))


def _symbol_of(query: ContractQuery) -> str:
    """Guess the symbol of a request that names the local symbol alone."""
    head = query.local_symbol[:6].strip()
    if query.sec_type == "FUT":
        return head[:-2]
    return "SPX" if head == "SPXW" else head


def _fits_by_id(contract: Contract, query: ContractQuery) -> bool:
    """Compare what TWS compares when an id is given: the type, and where it trades."""
    return query.sec_type in ("", contract.sec_type) and _trades_at(contract, query.exchange)


def _fits(contract: Contract, query: ContractQuery) -> bool:
    right = RIGHTS.get(query.right.upper(), "")
    return (
        query.sec_type in ("", contract.sec_type)
        and contract.expiry.startswith(query.expiry[:8])
        and (not query.strike or query.strike == contract.strike)
        and right in ("", contract.right)
        and query.multiplier in ("", contract.multiplier_text)
        and query.currency in ("", contract.currency)
        and query.trading_class in ("", contract.trading_class)
        and _same_local_symbol(query.local_symbol, contract.local_symbol)
        and _same_primary(query.primary_exchange, contract)
        and _trades_at(contract, query.exchange)
    )


def _same_local_symbol(asked: str, has: str) -> bool:
    return not asked or asked.replace(" ", "") == has.replace(" ", "")


def _same_primary(asked: str, contract: Contract) -> bool:
    return (
        asked in ("", contract.primary_exchange, contract.exchange)
        or SAME_EXCHANGE.get(contract.primary_exchange) == asked
    )


def _trades_at(contract: Contract, exchange: str) -> bool:
    if exchange in ("", contract.exchange, contract.primary_exchange):
        return True
    return SAME_EXCHANGE.get(exchange, exchange) in valid_exchanges(contract)
