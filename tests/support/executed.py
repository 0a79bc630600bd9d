"""Executions for tests."""

from __future__ import annotations

from decimal import Decimal

from slotwise.reconciliation.evidence import Execution
from tests.support.values import ACCOUNT, at


def execution(
    con_id: int,
    quantity: int | Decimal,
    price: str,
    seconds: float,
    exec_id: str = "",
    account: str = ACCOUNT,
    commission: str | None = "1",
) -> Execution:
    """Make an execution so many seconds after noon."""
    return Execution(
        exec_id=exec_id or f"0000.{con_id}.{seconds:g}.01",
        account=account,
        con_id=con_id,
        quantity=Decimal(quantity),
        price=Decimal(price),
        at=at(seconds),
        client_id=0,
        order_id=0,
        symbol=f"S{con_id}",
        currency="USD",
        commission=None if commission is None else Decimal(commission),
        commission_currency="" if commission is None else "USD",
    )
