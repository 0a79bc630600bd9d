"""Whether accounts hold anything, out of an account summary of their values.

| values                                                                 | the account           |
|------------------------------------------------------------------------|-----------------------|
| the gross position value or the maintenance margin is above 0          | holds something       |
| both are 0, and the net liquidation, which is not 0, is the cash       | holds nothing         |
| not sent, not readable, all of them 0, or in contradiction             | is not decided        |

Values come from another service of IB than positions. While an account loads they are not there, or
0. Amounts of money are dropped where they are read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from workers.gateway.ib.requests import SummaryRow
from workers.gateway.ib.translate import decimal_if_any

NET, CASH, GROSS, MARGIN = (
    "NetLiquidation", "TotalCashValue", "GrossPositionValue", "MaintMarginReq",
)  # fmt: skip
#: What is asked for of accounts.
TAGS = ",".join((NET, CASH, GROSS, MARGIN))
#: Net liquidation has interest and dividends that have accrued; cash does not. This part of the net
#: liquidation at most: more would be holdings.
ACCRUED = Decimal("0.02")


def value_row(account: str, tag: str, value: str, currency: str) -> SummaryRow | None:
    """Return a row of a summary; None for one of no use."""
    return SummaryRow(account, tag, value, currency) if tag in (NET, CASH, GROSS, MARGIN) else None


def holds_from(rows: Iterable[SummaryRow]) -> dict[str, bool | None]:
    """Return whether each account holds something; None where its values do not decide it."""
    values: dict[str, dict[str, Decimal | None]] = defaultdict(dict)
    for row in rows:
        values[row.account][row.tag] = decimal_if_any(row.value)
    return {account: _holds(found) for account, found in values.items()}


def is_above_zero(text: str) -> bool:
    """Return True for an amount that can be read and is above 0."""
    amount = decimal_if_any(text)
    return amount is not None and amount > 0


def _holds(values: dict[str, Decimal | None]) -> bool | None:
    net, cash, gross, margin = (values.get(tag) for tag in (NET, CASH, GROSS, MARGIN))
    if (gross or 0) > 0 or (margin or 0) > 0:
        return True
    if gross != 0 or margin != 0 or net is None or cash is None or net == 0:
        return None
    return False if abs(net - cash) <= ACCRUED * abs(net) else None
