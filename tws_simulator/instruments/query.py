"""Which contracts a request means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.kinds import SMART
from tws_simulator.instruments.universe import Universe

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
#: An exchange that is listed among a future's, with a row of details of its own, and quotes
#: nothing: other clients leave it out (recorded for ES).
UNQUOTED = frozenset(("QBALGO",))
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
    """List where a contract is listed, as its details say."""
    if contract.valid_exchanges:
        return contract.valid_exchanges
    if contract.exchange != SMART:
        return (contract.exchange,)
    return STOCK_EXCHANGES if contract.sec_type == "STK" else OPTION_EXCHANGES


def data_exchanges(contract: Contract) -> tuple[str, ...]:
    """List where a contract has market data."""
    listed = valid_exchanges(contract)
    return contract.data_exchanges or tuple(e for e in listed if e not in UNQUOTED)


def details_exchanges(contract: Contract, asked: str) -> tuple[str, ...]:
    """List the exchanges of a contract's rows of details; `asked` is the one that was named.

    Without a name there is one row for SMART, or one for each exchange that lists it.
    """
    if asked:
        return (asked,)
    if contract.details_exchanges:
        return contract.details_exchanges
    listed = valid_exchanges(contract)
    return (SMART,) if SMART in listed else listed


def find(universe: Universe, query: ContractQuery) -> Sequence[Contract]:
    """Return the contracts that fit a query, the nearest expiry first."""
    if query.con_id:
        contract = universe.get(query.con_id)
        return [contract] if contract is not None and _fits_by_id(contract, query) else []
    symbol = query.symbol or _symbol_of(query)
    found = [c for c in universe.of_symbol(symbol) if _fits(c, query)]
    if not found and not query.symbol and query.local_symbol:
        found = [c for c in universe.contracts() if _fits(c, query)]
    return sorted(found, key=lambda c: (c.sec_type, c.expiry, c.strike, c.right))


def is_quoted(contract: Contract, exchange: str) -> bool:
    """Return True where a contract has market data at an exchange."""
    if _is_among(exchange, data_exchanges(contract)):
        return True
    return not contract.data_exchanges and _is_own(exchange, contract)


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
    if not exchange or _is_own(exchange, contract):
        return True
    return _is_among(exchange, valid_exchanges(contract))


def _is_own(exchange: str, contract: Contract) -> bool:
    """Return True for the exchanges that a contract names, unless a list takes their place."""
    own = (contract.exchange, contract.primary_exchange)
    return exchange in own and exchange not in UNQUOTED and not contract.valid_exchanges


def _is_among(exchange: str, listed: tuple[str, ...]) -> bool:
    return exchange in listed or SAME_EXCHANGE.get(exchange, exchange) in listed
