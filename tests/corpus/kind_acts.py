"""Acts on holdings that are no share, option or index future of the US: all of them at once.

Every type that an account can hold is among them; an index (IND) cannot be held.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from slotwise.position import Position
from tests.chaos.storm.kinds import MORE_KINDS
from tests.corpus.stage import Act, Stage

#: Types that a portfolio holds beside shares, options and index futures: those of the default book,
#: and those that an act opens.
DEFAULT_TYPES = ("FOP", "BOND", "BILL", "CRYPTO", "CASH", "CFD")
OPENED_TYPES = ("FUND", "WAR", "IOPT", "CMDTY", "BAG", "SLB")
OTHER_TYPES = DEFAULT_TYPES + OPENED_TYPES
#: Symbols of other kinds whose types are usual: pence, cents, small multipliers, euros and yen.
OTHER_SYMBOLS = ("RR.", "ZC", "MBT", "ESTX50", "7203")
#: The last decimal of a cost or quantity that the lake stores.
LAST = Decimal("0.00000001")


def open_others(stage: Stage) -> None:
    """Hold one of each type that the default book lacks."""
    for holding in MORE_KINDS:
        if holding["sec_type"] in OPENED_TYPES:
            stage.floor.do(**holding)


def others(stage: Stage) -> list[Position]:
    """List the holdings of other kinds."""
    found = [
        one
        for _, one in sorted(stage.held.items())
        if one.contract.sec_type in OTHER_TYPES or one.contract.symbol in OTHER_SYMBOLS
    ]
    assert {one.contract.sec_type for one in found} >= set(OTHER_TYPES)
    return found


def transfer_kinds(stage: Stage) -> Act:
    """One more of each is transferred in; half of them leave instead."""
    open_others(stage)
    yield
    for one in others(stage):
        quantity = stage.random.choice((Decimal(0), one.quantity + 1))
        stage.floor.do(do="position", con_id=one.contract.con_id, quantity=quantity)
    return ("unknown",)


def last_decimal(stage: Stage) -> Act:
    """The broker has the smallest part more of each than the book."""
    open_others(stage)
    yield
    for one in others(stage):
        quantity = one.quantity + LAST
        stage.floor.do(do="position", con_id=one.contract.con_id, quantity=quantity)
    return ("unknown",)


def lost_kinds(stage: Stage) -> Act:
    """The book lacks all of them."""
    open_others(stage)
    yield
    stage.book_lacks |= {one.contract.con_id for one in others(stage)}
    return ("unknown",)


KIND_ACTS: dict[str, tuple[Callable[[Stage], Act], int]] = {
    "transfer_kinds": (transfer_kinds, 3),
    "last_decimal": (last_decimal, 3),
    "lost_kinds": (lost_kinds, 2),
}
