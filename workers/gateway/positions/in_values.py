"""In values: whether a holding would show in its account's values, so that none of it shows a sale.

IB sums stocks and equity options into the gross position value, without signs, and futures need
margin. What has no price any more adds nothing to it though it is held; nor do currencies, funds,
bonds, options on futures and other kinds, of which IB does not say that they are in the sum.

Pure.
"""

from __future__ import annotations

from decimal import Decimal

from slotwise.contract import Contract
from slotwise.quote import Quote


def is_in_values(contract: Contract, quote: Quote | None) -> bool:
    """Return True where an account that holds a contract has a value or a margin above 0.

    `quote` is the newest of the contract. An option without a bid may be worth nothing,
    whatever was paid for it last.
    """
    if contract.sec_type == "FUT":
        return True
    if quote is None or contract.sec_type not in ("STK", "OPT"):
        return False
    if contract.sec_type == "OPT":
        return _is_positive(quote.bid)
    price, _ = quote.price()
    return _is_positive(price)


def _is_positive(price: Decimal | None) -> bool:
    return price is not None and price > 0
