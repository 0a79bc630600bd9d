"""A portfolio of every kind through a real lake: matched, broken by its last decimal, mended."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec
import pytest

from slotwise.lake.book import book
from slotwise.lake.store import Lake
from slotwise.numbering import Numbering
from slotwise.position import Position
from slotwise.reconciliation.healing import mended
from slotwise.reconciliation.reconciler import PositionReconciler
from slotwise.reconciliation.report import Report
from slotwise.rules.valuation import position_row
from tests.support.landed import put
from tests.support.values import NOON, at, contract, head, position

#: Kind, multiplier, magnifier, quantity and cost, with the odd decimals that TWS sends.
KINDS = (
    ("STK", "1", 1, "57.6836", "12.3456789012345"),
    ("STK", "1", 100, "10", "41.5"),
    ("STK", "1", 1, "1.4000000000000001", None),
    ("OPT", "100", 1, "-3", "200.0000000000003"),
    ("FUT", "5000", 100, "1", "22512.5"),
    ("FUT", "0.1", 1, "1", "6000"),
    ("FOP", "50", 1, "-1", "500"),
    ("IND", "1", 1, "1", "5000"),
    ("CFD", "1", 1, "2", "6000"),
    ("CASH", "1", 1, "20000", "1.1287749999999999"),
    ("CRYPTO", "1", 1, "0.1234567891", "60000.12"),
    ("BOND", "1", 1, "5", "984.35"),
    ("BILL", "1", 1, "10", "990"),
    ("WAR", "0.01", 1, "500", "0.0000123456"),
    ("IOPT", "0.00004", 1, "1000000", "0.0000123456"),
    ("FUND", "1", 1, "12.345", "480.11"),
    ("CMDTY", "1", 1, "3", "4000"),
    ("BAG", "100", 1, "2", "-150"),
    ("SLB", "1", None, "-100", "0.0"),
)
LAST = Decimal("0.00000001")


def portfolio(seconds: float = 0.0) -> list[Position]:
    """Hold one of each kind, as one answer of TWS."""
    sequence = Numbering(int(seconds) + 1).next()
    return [
        position(
            number,
            Decimal(quantity),
            contract=contract(
                number, sec_type=kind, multiplier=Decimal(multiplier), price_magnifier=magnifier
            ),
            avg_cost=None if cost is None else Decimal(cost),
            observed_at=at(seconds),
            sequence=sequence,
        )
        for number, (kind, multiplier, magnifier, quantity, cost) in enumerate(KINDS, 1)
    ]


def land(lake: Lake, positions: Iterable[Position]) -> None:
    put(lake, "position_updates", [position_row(one, None, source="batch") for one in positions])


def reconcile(lake: Lake, broker: list[Position]) -> Report:
    return PositionReconciler().reconcile(
        book(lake), broker, snapshot=head("s2"), requested_at=NOON, completed_at=at(1)
    )


def test_what_landed_of_every_kind_matches_what_the_broker_says(lake: Lake) -> None:
    land(lake, portfolio())
    report = reconcile(lake, portfolio(60))
    assert (report.status, report.matched) == ("matched", len(KINDS))


@pytest.mark.parametrize("changed", ["quantity", "avg_cost"])
def test_a_change_of_the_last_stored_decimal_is_a_break_that_healing_mends(
    lake: Lake, changed: str
) -> None:
    land(lake, portfolio())
    broker = [
        one
        if getattr(one, changed) is None
        else msgspec.structs.replace(one, **{changed: getattr(one, changed) + LAST})
        for one in portfolio(60)
    ]
    report = reconcile(lake, broker)
    assert {one.kind for one in report.breaks} == {changed}
    known = [one for one in broker if getattr(one, changed) is not None]
    assert len(report.breaks) == len(known)
    land(lake, mended(report, book(lake), broker))
    assert reconcile(lake, broker).status == "matched"
