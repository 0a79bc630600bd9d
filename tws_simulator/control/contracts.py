"""Commands about a contract's quotes, and whether TWS has the contract.

quote          con_id, and of bid, ask, last, open, high, low, close, bid_size, ask_size, last_size,
               volume what there is (as in a portfolio file; null or missing is none): its prices
               stand still from now on; without any of them the market moves it again
delist         con_id: TWS has no definition of it any more: details and market data get 200, its
               lines fall silent, and positions stay as they are
"""

from __future__ import annotations

from collections.abc import Mapping

from tws_simulator.book.quote_reader import read_quote
from tws_simulator.book.reader import Reader
from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError, PortfolioError
from tws_simulator.instruments.contract import Contract
from tws_simulator.world import World


def _quote(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    contract = _contract_of(world, arguments)
    given = {name: v for name, v in arguments.all().items() if name not in ("do", "con_id")}
    try:
        is_index = contract.sec_type == "IND"
        quote = read_quote(Reader(given, "quote", "the command"), is_index=is_index)
    except PortfolioError as error:
        raise ControlError(str(error)) from error
    world.market.fix(contract.con_id, quote if given else None)
    return {}


def _delist(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    contract = _contract_of(world, arguments)
    world.market.end(contract, now)
    world.universe.delist(contract)
    return {}


def _contract_of(world: World, arguments: Arguments) -> Contract:
    con_id = arguments.integer("con_id")
    contract = world.universe.get(con_id)
    if contract is None:
        raise ControlError(f"there is no contract {con_id}")
    return contract


#: By name.
CONTRACTS: Mapping[str, Command] = {"quote": _quote, "delist": _delist}
