"""A contract that a user names by its id, its symbol, or in words as `SPY 20261218 P 560`.

Among what is held or recorded the words mean the contract that fits them; a bare symbol means the
share, or the index where no share has it. Several that fit are an error which names their ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from slotwise.bus.board import SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.contract import Contract
from slotwise.errors import BrokerTimeoutError, InputError, NoSystemError, NotKnownError
from slotwise.lake.existing_tables import present
from slotwise.lake.query_parts import quoted
from slotwise.lake.schemas import CONTRACTS, POSITION_UPDATES
from slotwise.lake.sql import ask
from slotwise.lake.store import Lake
from slotwise.leg import Leg, read_leg
from slotwise.rules.leg_resolution import LegCandidates, fits, resolve
from slotwise.settings import settings
from workers.commands.common import open_lake

#: Kinds that a bare symbol means, the first before the second.
BARE = ("STK", "IND")


def recorded_contract(text: str) -> int:
    """Return the id of a contract that has rows in the lake.

    Raises InputError where the words make no sense or fit several contracts, NotKnownError where
    no row has one that fits, and LakeError.
    """
    leg = read_leg(text)
    if leg.con_id:
        return leg.con_id
    found = fitting(leg, _read_recorded(open_lake(), leg.symbol))
    if not found:
        raise NotKnownError(f"no row names a contract {leg.label!r}: check its spelling")
    return resolve(LegCandidates(leg, found)).con_id


def live_contract(text: str, bus: Bus) -> int:
    """Return the id of a contract that is held, else of the one that TWS knows under the words.

    Raises InputError, BusError, and NoSystemError where no gateway answers.
    """
    leg = read_leg(text)
    if leg.con_id:
        return leg.con_id
    board = SnapshotBoard(bus).all()
    found = fitting(leg, [one.contract for one in board[1]] if board is not None else ())
    if found:
        return resolve(LegCandidates(leg, found)).con_id
    # Imported here: it reads the settings, and what is wrong with them is a line of the command.
    from slotwise.client.strategies import find_contracts

    try:
        [contract] = find_contracts(settings(), (leg,))
    except InputError as error:
        if isinstance(error.__cause__, BrokerTimeoutError):
            raise NoSystemError(str(error)) from error
        raise
    return contract.con_id


def fitting(leg: Leg, contracts: Iterable[Contract]) -> tuple[Contract, ...]:
    """Return the contracts that fit a leg, each once."""
    known = {one.con_id: one for one in contracts if one.symbol == leg.symbol}
    if leg.sec_type:
        return tuple(one for one in known.values() if fits(leg, one))
    for kind in BARE:
        found = tuple(
            one
            for one in known.values()
            if one.sec_type == kind and leg.currency in ("", one.currency)
        )
        if found:
            return found
    return ()


def _read_recorded(lake: Lake, symbol: str) -> list[Contract]:
    """Read the contracts of a symbol that have rows, held ones and those that were looked up."""
    rows = []
    there = {POSITION_UPDATES.name, CONTRACTS.name} & present(lake)
    # A question to a lake that is not there says so: it is no matter of spelling then.
    for table in sorted(there) or [POSITION_UPDATES.name]:
        rows += ask(
            lake,
            'SELECT DISTINCT con_id, sec_type, expiry, strike, "right", currency'
            f" FROM {table} WHERE symbol = {quoted(symbol)} AND con_id IS NOT NULL",
            table,
        )
    return [
        Contract(
            con_id=row["con_id"],
            symbol=symbol,
            sec_type=row["sec_type"] or "",
            expiry=row["expiry"] or "",
            strike=None if row["strike"] is None else Decimal(row["strike"]),
            right=row["right"] or "",
            currency=row["currency"] or "",
        )
        for row in rows
    ]
