"""Commands about what happens to accounts and contracts.

open           symbol, quantity, account (default the first), and whatever else a position of a
               portfolio file has: hold a contract by description
close          con_id, account (default the first): hold it no more
expire         con_id: settle it now at the price of its underlying: in the money, options on stocks
               deliver shares at the strike, others and futures pay cash; then the contract is gone
exercise       con_id, quantity (contracts, default all), account: an option on a stock delivers
               before its last day: exercised by whom holds it, assigned to whom is short of it
multiplier     con_id, multiplier: what one contract delivers from now on, with the same id
split          symbol, ratio (new shares for old, such as 2:1): shares, cost, price and options;
               con_id (optional): the stock is another contract then, as after a reverse split
account_added  account: one more; who is connected is not told, as with TWS, but may ask
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from tws_simulator.book.entry import read_entry
from tws_simulator.book.listed import list_entry
from tws_simulator.book.reader import Reader
from tws_simulator.book.splits import read_ratio
from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError, PortfolioError
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.universe import SETTLED
from tws_simulator.world import World

#: Most units that a contract delivers.
MAX_MULTIPLIER = 1_000_000


def _open(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account = _account(world, arguments)
    try:
        described = {
            name: v for name, v in arguments.all().items() if name not in ("do", "account")
        }
        entry = read_entry(Reader(described, "open", "the command"), account)
        settled = entry.is_known and entry.sec_type in SETTLED
        if settled and world.expiries.settled_at(entry.expiry) <= now:
            raise ControlError(f"{entry.expiry} is over")
        if not entry.quantity:
            raise ControlError("quantity must not be 0")
        rates = world.accounts.rates
        held = list_entry(entry, world.universe, world.market, rates, now)
    except PortfolioError as error:
        raise ControlError(str(error)) from error
    contract = held.contract
    if world.accounts.position(account, contract.con_id) is not None:
        raise ControlError(f"{account} holds contract {contract.con_id} already")
    world.accounts.set_position(account, contract, held.quantity, now, held.avg_cost)
    if world.clients:
        world.expiries.watch()
    return {"con_id": contract.con_id}


def _close(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account, con_id = _account(world, arguments), arguments.integer("con_id")
    held = world.accounts.position(account, con_id)
    if held is None:
        raise ControlError(f"{account} holds no contract {con_id}")
    world.accounts.set_position(account, held.contract, Decimal(0), now)
    return {}


def _expire(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    contract = _contract(world, arguments)
    if not contract.expiry:
        raise ControlError(f"contract {contract.con_id} has no expiry")
    return {"price": float(world.expiries.expire(contract, now))}


def _exercise(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account, con_id = _account(world, arguments), arguments.integer("con_id")
    held = world.accounts.position(account, con_id)
    if held is None:
        raise ControlError(f"{account} holds no contract {con_id}")
    number = arguments.decimal("quantity")
    number = abs(held.quantity) if number is None else number
    if not 0 < number <= abs(held.quantity):
        raise ControlError(f"quantity must be from 1 to {abs(held.quantity):f}")
    return {"shares": float(world.expiries.exercise(account, held, number, now))}


def _multiplier(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    contract = _contract(world, arguments)
    if not contract.expiry:
        raise ControlError(f"contract {contract.con_id} is no option and no future")
    multiplier = arguments.integer("multiplier")
    if not 1 <= multiplier <= MAX_MULTIPLIER:
        raise ControlError(f"multiplier must be from 1 to {MAX_MULTIPLIER}")
    adjusted = replace(contract, multiplier=Decimal(multiplier))
    world.universe.replace(adjusted)
    for account in world.accounts.names:
        held = world.accounts.position(account, contract.con_id)
        if held is not None:
            world.accounts.set_position(account, adjusted, held.quantity, now)
    return {}


def _split(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    ratio = read_ratio(arguments.text("ratio", ""))
    con_id = arguments.integer("con_id", 0)
    world.splits.split(arguments.text("symbol", ""), ratio, now, con_id)
    return {}


def _add_account(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account = arguments.text("account", "")
    if not account.isalnum() or not account.isascii():
        raise ControlError("account must be a name of letters and digits")
    if account in world.accounts.names:
        raise ControlError(f"there is an account {account} already")
    world.accounts.add(account)
    return {"accounts": list(world.accounts.names)}


def _account(world: World, arguments: Arguments) -> str:
    account = arguments.text("account", world.accounts.names[0])
    if account not in world.accounts.names:
        raise ControlError(f"there is no account {account}")
    return account


def _contract(world: World, arguments: Arguments) -> Contract:
    con_id = arguments.integer("con_id")
    contract = world.universe.get(con_id)
    if contract is None:
        raise ControlError(f"there is no contract {con_id}")
    return contract


#: By name.
CORPORATE: Mapping[str, Command] = {
    "open": _open,
    "close": _close,
    "expire": _expire,
    "exercise": _exercise,
    "multiplier": _multiplier,
    "split": _split,
    "account_added": _add_account,
}
