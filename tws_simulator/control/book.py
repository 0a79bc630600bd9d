"""Commands that change what accounts hold, or how it is sent.

position               account (default the first), con_id, quantity, avg_cost (optional):
                       hold so much from now on, 0 closes; pushed to subscribed clients. Also
                       of a contract that TWS has no definition of (borrowed shares, delisted ones)
model                  account (default the first), con_id, model, quantity: so much of what the
                       account holds is in a model portfolio from now on
withhold_position_end  count (default 1), multi (default 0): the next answers to reqPositions, or
                       with multi 1 to reqPositionsMulti, get no end
"""

from __future__ import annotations

from collections.abc import Mapping

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.world import World


def _position(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account = arguments.text("account", world.accounts.names[0])
    con_id = arguments.integer("con_id")
    quantity = arguments.decimal("quantity")
    contract = world.universe.get(con_id) or world.universe.unknown(con_id)
    if account not in world.accounts.names:
        raise ControlError(f"there is no account {account}")
    if contract is None:
        raise ControlError(f"there is no contract {con_id}")
    if quantity is None:
        raise ControlError("quantity must be a number")
    cost = arguments.decimal("avg_cost")
    world.accounts.set_position(
        account, contract, quantity, now, None if cost is None else float(cost)
    )
    return {}


def _withhold(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    service = world.positions_multi if arguments.integer("multi", 0) else world.positions
    service.ends_to_withhold = arguments.integer("count", 1)
    return {}


def _model(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    account = arguments.text("account", world.accounts.names[0])
    con_id, model = arguments.integer("con_id"), arguments.text("model", "")
    quantity = arguments.decimal("quantity")
    if account not in world.accounts.names:
        raise ControlError(f"there is no account {account}")
    held = world.accounts.position(account, con_id)
    if held is None:
        raise ControlError(f"{account} holds no contract {con_id}")
    if not model.isalnum() or not model.isascii():
        raise ControlError("model must be a name of letters and digits")
    if quantity is None:
        raise ControlError("quantity must be a number")
    world.models.put(held, model, quantity, now)
    return {}


#: By name.
BOOK: Mapping[str, Command] = {
    "position": _position,
    "model": _model,
    "withhold_position_end": _withhold,
}
