"""Contract details, option chains and symbols."""

from __future__ import annotations

from collections import defaultdict

from workers.simulator.desks.client import Client
from workers.simulator.desks.resolve import NOT_FOUND, Refused, check_type
from workers.simulator.instruments.contract import Contract
from workers.simulator.instruments.details import BBO_EXCHANGE, MARKET_RULES, details_of
from workers.simulator.instruments.query import OPTION_EXCHANGES, find
from workers.simulator.instruments.universe import Universe
from workers.simulator.market.calendar import Calendar
from workers.simulator.wire.contract_replies import (
    contract_data,
    contract_data_end,
    market_rule,
    option_params,
    option_params_end,
    smart_components,
    symbol_samples,
)
from workers.simulator.wire.ids import ErrorCode
from workers.simulator.wire.requests import (
    ContractDetailsRequest,
    OptionParamsRequest,
    SmartComponentsRequest,
    SymbolsRequest,
)

#: Exchanges behind SMART's best bid and offer, each with its letter in quotes.
SMART_EXCHANGES = (
    ("AMEX", "A"), ("ARCA", "P"), ("BATS", "Z"), ("BEX", "B"), ("BYX", "Y"), ("CHX", "M"),
    ("DRCTEDGE", "K"), ("EDGEA", "J"), ("IEX", "V"), ("LTSE", "L"), ("MEMX", "U"), ("NASDAQ", "Q"),
    ("NYSE", "N"), ("NYSENAT", "C"), ("PEARL", "H"), ("PSX", "X"),
)  # fmt: skip
#: Symbols that TWS gives for a pattern at most.
MAX_SAMPLES = 16


class Contracts:
    """Answer what exists."""

    def __init__(self, universe: Universe, calendar: Calendar) -> None:
        self._universe = universe
        self._calendar = calendar

    def details(self, client: Client, request: ContractDetailsRequest, now: float) -> None:
        """Send the details of every contract that fits; none is an error."""
        check_type(request.contract)
        found = find(self._universe, request.contract)
        if not found:
            raise Refused(ErrorCode.NO_SECURITY, NOT_FOUND)
        hours, zone = self._calendar.hours_text(now), self._calendar.zone
        for contract in found:
            details = details_of(contract, request.contract.exchange, self._universe, hours, zone)
            client.send(contract_data(client.version, request.req_id, details))
        client.send(contract_data_end(request.req_id))

    def option_chains(self, client: Client, request: OptionParamsRequest, now: float) -> None:
        """Send expiries and strikes of an underlying, by exchange and trading class."""
        spot = self._universe.get(request.con_id) or self._universe.spot(request.symbol)
        if spot is None or spot.symbol != request.symbol:
            raise Refused(ErrorCode.VALIDATING, "Invalid contract id")
        chains: dict[tuple[str, int], list[Contract]] = defaultdict(list)
        for contract in self._universe.of_symbol(spot.symbol):
            if contract.right:
                chains[contract.trading_class, contract.multiplier].append(contract)
        for (trading_class, multiplier), options in chains.items():
            expiries = sorted({option.expiry for option in options})
            strikes = sorted({option.strike for option in options})
            client.send(
                *(
                    option_params(
                        request.req_id, exchange, spot.con_id, trading_class, multiplier,
                        expiries, strikes,
                    )
                    for exchange in OPTION_EXCHANGES
                )
            )  # fmt: skip
        client.send(option_params_end(request.req_id))

    def symbols(self, client: Client, request: SymbolsRequest, now: float) -> None:
        """Send stocks and indices whose symbol begins like a pattern."""
        pattern = request.pattern.upper()
        spots = [
            spot
            for symbol in sorted(self._universe.symbols())
            if pattern and symbol.startswith(pattern) and (spot := self._universe.spot(symbol))
        ][:MAX_SAMPLES]
        optionable = frozenset(
            spot.symbol
            for spot in spots
            if (underlying := self._universe.underlying(spot.symbol)) and underlying.strike_step
        )
        client.send(symbol_samples(client.version, request.req_id, spots, optionable))

    def market_rule(self, client: Client, rule_id: int) -> None:
        """Send the increments a rule stands for."""
        increment = next((tick for tick, known in MARKET_RULES.items() if known == rule_id), None)
        if increment is None:
            raise Refused(ErrorCode.VALIDATING, f"Market rule {rule_id} is unknown")
        client.send(market_rule(rule_id, [(0.0, increment)]))

    def smart_components(self, client: Client, request: SmartComponentsRequest) -> None:
        """Send the exchanges behind the one code there is."""
        if request.code != BBO_EXCHANGE:
            raise Refused(ErrorCode.VALIDATING, f"Exchange code {request.code[:20]} is unknown")
        client.send(smart_components(request.req_id, SMART_EXCHANGES))
