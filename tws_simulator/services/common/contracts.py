"""Contract details, option chains and symbols."""

from __future__ import annotations

from collections import defaultdict

from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.details import (
    BBO_EXCHANGE,
    MARKET_RULES,
    Hours,
    details_of,
)
from tws_simulator.instruments.query import details_exchanges, find, valid_exchanges
from tws_simulator.instruments.universe import Universe
from tws_simulator.market.calendar import Calendar
from tws_simulator.services.common.client import Client
from tws_simulator.services.common.resolve import NOT_FOUND, Refused, check_type
from tws_simulator.wire.contract_replies import (
    contract_data,
    contract_data_end,
    market_rule,
    option_params,
    option_params_end,
    smart_components,
    symbol_samples,
)
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.requests import (
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

    def __init__(self, universe: Universe, calendar: Calendar, login_zone: str = "") -> None:
        self._universe = universe
        self._calendar = calendar
        #: The zone in which TWS writes times, where it is not that of the calendar.
        self._login_zone = login_zone

    def details(self, client: Client, request: ContractDetailsRequest, now: float) -> None:
        """Send the details of every contract that fits; none is an error."""
        check_type(request.contract)
        found = find(self._universe, request.contract)
        if not found:
            raise Refused(ErrorCode.NO_SECURITY, NOT_FOUND)
        sessions = self._calendar.hours_text(now)
        hours = Hours(self._calendar.zone, sessions, self._login_zone, now)
        for contract in found:
            for exchange in details_exchanges(contract, request.contract.exchange):
                details = details_of(contract, exchange, self._universe, hours)
                client.send(contract_data(client.version, request.req_id, details))
        client.send(contract_data_end(request.req_id))

    def option_chains(self, client: Client, request: OptionParamsRequest, now: float) -> None:
        """Send expiries and strikes of an underlying, by exchange and trading class."""
        spot = self._universe.get(request.con_id) or self._universe.spot(request.symbol)
        if spot is None or spot.symbol != request.symbol:
            raise Refused(ErrorCode.VALIDATING, "Invalid contract id")
        chains: dict[tuple[str, str], list[Contract]] = defaultdict(list)
        for contract in self._universe.of_symbol(spot.symbol):
            if contract.right and contract.currency == spot.currency:
                chains[contract.trading_class, contract.multiplier_text].append(contract)
        for (trading_class, multiplier), options in chains.items():
            expiries = sorted({option.expiry for option in options})
            strikes = sorted({option.strike for option in options})
            client.send(
                *(
                    option_params(
                        request.req_id, exchange, spot.con_id, trading_class, multiplier,
                        expiries, strikes,
                    )
                    for exchange in valid_exchanges(options[0])
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
