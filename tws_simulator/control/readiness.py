"""Commands about accounts and positions that TWS cannot or may not give.

position_answers  how requests for positions (61 and 74) are answered from now on. mode: whole (the
                  usual answer), empty (an end and no row), empty2151 (2151, then the end),
                  2151noend (2151 and no end), silent (nothing), readonly (321; without an id for
                  61), err10275 (10275 that names an account; the rows of the others come), absent
                  (the rows of an account are missing, without a word) or partial (missing: this
                  part of the rows is not there, default 0.25); seconds or count: duration, or
                  number of answers (default until whole); account (a list, or names with commas;
                  default the last one for err10275 and absent, all for partial): whose; seed;
                  pushes (default 1): with 0 changes are not pushed meanwhile; updates given
                  (default), not_ready (AccountReady is false, and no portfolio) or silent: how
                  reqAccountUpdates is answered meanwhile; values given (default), zero (amounts are
                  0) or absent (no rows): the same of reqAccountSummary
late_accounts     what each client sees from its own start on, for some seconds (default until off);
                  mode (as above; default empty2151), account, missing, seed, pushes; updates
                  (default silent); values as above; managed given (default), empty (15 names no
                  account until the time is over) or silent (no 15 until then); push 1: rows and an
                  end come by themselves when the time is over; on 0 ends it
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from tws_simulator.control.arguments import Arguments
from tws_simulator.control.command import Answer, Command, Shell
from tws_simulator.errors import ControlError
from tws_simulator.services.accounts.position_answers import (
    MODES,
    MODES_OF_ACCOUNTS,
    PositionAnswer,
)
from tws_simulator.services.accounts.readiness import (
    GIVEN,
    MANAGED,
    SILENT,
    UPDATES,
    VALUES,
    Commanded,
    Login,
)
from tws_simulator.world import World

#: Longest time that answers are wrong, seconds: a day.
MAX_S = 86_400
#: Ends what was commanded.
WHOLE = "whole"


def _position_answers(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    mode = arguments.choice("mode", (WHOLE, *MODES))
    if mode == WHOLE:
        world.readiness.commanded = None
        return {}
    commanded = Commanded(
        read_answer(world, arguments, mode),
        updates=arguments.choice("updates", UPDATES, GIVEN),
        values=arguments.choice("values", VALUES, GIVEN),
    )
    if arguments.has("seconds"):
        commanded.until = now + arguments.seconds("seconds", MAX_S)
    if arguments.has("count"):
        commanded.left = arguments.integer("count")
    world.readiness.commanded = commanded
    return {}


def _late_accounts(world: World, shell: Shell, arguments: Arguments, now: float) -> Answer:
    if not arguments.flag("on", 1):
        world.readiness.login = None
        return {}
    mode = arguments.choice("mode", MODES, "empty2151")
    world.readiness.login = Login(
        now,
        arguments.seconds("seconds", MAX_S, inf),
        read_answer(world, arguments, mode),
        arguments.choice("updates", UPDATES, SILENT),
        arguments.choice("values", VALUES, GIVEN),
        arguments.choice("managed", MANAGED, GIVEN),
        arguments.flag("push"),
    )
    return {}


def read_answer(world: World, arguments: Arguments, mode: str) -> PositionAnswer:
    """Read how positions are answered in a mode; raises ControlError."""
    accounts = arguments.texts("account")
    if not accounts and mode in MODES_OF_ACCOUNTS:
        accounts = world.accounts.names[-1:]
    if any(not (name.isascii() and name.isalnum()) for name in accounts):
        raise ControlError("account must be a name of letters and digits, or several")
    missing = arguments.decimal("missing")
    if missing is not None and not 0 <= missing <= 1:
        raise ControlError("missing must be a number from 0 to 1")
    return PositionAnswer(
        mode,
        accounts,
        0.25 if missing is None else float(missing),
        arguments.integer("seed", 1),
        arguments.flag("pushes", 1),
    )


#: By name.
READINESS: Mapping[str, Command] = {
    "position_answers": _position_answers,
    "late_accounts": _late_accounts,
}
