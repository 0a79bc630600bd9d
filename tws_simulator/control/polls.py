"""Commands about the next answers to reqPositions.

poll  kind duplicate (a row comes twice), change (con_id, quantity: the old row, and before the end
      the new one as a push), early_end (the end before the rows), partial (half of the rows is
      missing, or such a part as missing says, from 0 to 1) or shuffle (rows in another order);
      count (default 1) answers go wrong so, seed chooses which row and where
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.services.accounts.poll_faults import KINDS, PollFault
from tws_simulator.world import World

#: Answers that can go wrong one after another.
MAX_FAULTS = 1000


def _poll(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    kind = arguments.text("kind", "")
    if kind not in KINDS:
        raise ControlError(f"kind must be one of {', '.join(KINDS)}")
    con_id = arguments.integer("con_id", 0)
    if con_id and not any(p.contract.con_id == con_id for p in world.accounts.positions()):
        raise ControlError(f"no account holds contract {con_id}")
    quantity = arguments.decimal("quantity")
    if kind == "change" and quantity is None:
        raise ControlError("quantity must be a number")
    missing = arguments.decimal("missing")
    if missing is not None and not 0 <= missing <= 1:
        raise ControlError("missing must be a number from 0 to 1")
    fault = PollFault(
        kind,
        arguments.integer("seed", 1),
        con_id,
        quantity or Decimal(0),
        0.5 if missing is None else float(missing),
    )
    count = arguments.integer("count", 1)
    if len(world.positions.faults) + count > MAX_FAULTS:
        raise ControlError(f"count must leave at most {MAX_FAULTS} answers to go wrong")
    world.positions.faults.extend([fault] * count)
    return {"pending": len(world.positions.faults)}


#: By name.
POLLS: Mapping[str, Command] = {"poll": _poll}
