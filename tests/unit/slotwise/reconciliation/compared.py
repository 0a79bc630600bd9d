"""Values of a comparison: executions, evidence, positions, and the causes that are found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from slotwise.position import Position
from slotwise.reconciliation.evidence import Evidence, Execution
from slotwise.reconciliation.reconciler import PositionReconciler
from slotwise.reconciliation.report import Report
from tests.support.values import ACCOUNT, at, contract, head, option, position

ASKED = at(100)


def execution(con_id: int, quantity: str | int, seconds: float = 50, **changes: Any) -> Execution:
    made = Execution(
        exec_id=f"e{con_id}.{seconds:g}",
        account=ACCOUNT,
        con_id=con_id,
        quantity=Decimal(quantity),
        price=Decimal("1.5"),
        at=at(seconds),
        client_id=3,
        order_id=9,
    )
    return replace(made, **changes)


def evidence(*executions: Execution, **changes: Any) -> Evidence:
    made = Evidence(asked_at=ASKED, accounts=(ACCOUNT,), executions=executions)
    return replace(made, **changes)


def reconcile(
    book: list[Position], broker: list[Position], *executions: Execution, **changes: Any
) -> Report:
    values: dict[str, Any] = {
        "snapshot": head("s1", when=ASKED),
        "requested_at": ASKED,
        "completed_at": ASKED,
        "evidence": evidence(*executions),
    } | changes
    return PositionReconciler().reconcile(book, broker, **values)


def causes(*args: Any, **changes: Any) -> dict[int, str]:
    return {one.con_id: one.cause for one in reconcile(*args, **changes).breaks}


def opt(con_id: int, quantity: int, strike: int, right: str, expiry: str = "20260529") -> Position:
    """Hold an option; its last day was the Friday before."""
    named = option(con_id, symbol="AAPL", strike=Decimal(strike), right=right, expiry=expiry)
    return position(con_id, quantity, contract=named)


def shares(quantity: int) -> Position:
    return position(100, quantity, contract=contract(100, symbol="AAPL"))
