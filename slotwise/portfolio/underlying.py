"""The underlying of an option, in the unit and the currency that the option's greeks ask for. Pure.

Greeks are a change of the option's price for a change of the underlying's, both in the option's
unit. The underlying's own market may be quoted in another unit (pence) and in another currency.

Rules of the unit; the first that applies:

* The option's computation carries the underlying's price that it was made with: what lies between
  the two prices says (`rules.price_units`). Where no unit does, the price is unknown: the greeks
  were made with something else. Between two currencies a hundredfold may be their rate, so it
  counts only where the magnifiers say the same.
* Without such a price the units are the same where both magnifiers are, or where the underlying's
  is not known yet; else unknown.

Rules of the currency:

* Money in the underlying's currency is converted by the account's rates; unknown without a rate.
* Where the details of the underlying are not known yet, a listed option (OPT, FOP) is in its
  underlying's currency. Warrants and structured products often are not: there it is unknown.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from slotwise.contract import Contract
from slotwise.exchange_rates import ONE, Rates
from slotwise.portfolio.price import Price
from slotwise.precision import EXACT
from slotwise.rules.price_units import unit_between

#: Kinds that trade in the currency of their underlying.
LISTED = frozenset(("OPT", "FOP"))


class Quotation(msgspec.Struct, frozen=True):
    """How a contract is quoted: its currency, and what divides its price to give money."""

    currency: str
    magnifier: int | None


class Underlying(msgspec.Struct, frozen=True):
    """An underlying as an option's row needs it.

    `price` is in the option's unit, `rate` the worth of one unit of the underlying's currency in
    the option's; None is unknown.
    """

    price: Decimal | None
    rate: Decimal | None = ONE
    delayed: bool = False


def underlying_for(
    option: Contract,
    priced: Price,
    market: Price,
    quotation: Quotation | None,
    *,
    account: str,
    rates: Rates,
) -> Underlying:
    """Return the underlying of an option at the price of its own market, by the rules above."""
    currency = "" if quotation is None else quotation.currency
    if not currency and option.sec_type in LISTED:
        currency = option.currency
    if currency and currency == option.currency:
        rate: Decimal | None = ONE
    else:
        rate = rates.between(account, currency, option.currency)
    magnifier = None if quotation is None else quotation.magnifier
    unit = None
    if market.value is not None:
        same = currency == option.currency
        unit = _unit(option, priced.underlying_price, market.value, magnifier, same=same)
    if market.value is None or unit is None:
        return Underlying(None, rate, market.delayed)
    price = market.value if unit == ONE else EXACT.multiply(market.value, unit)
    return Underlying(price, rate, market.delayed)


def _unit(
    option: Contract,
    computed: Decimal | None,
    quoted: Decimal,
    magnifier: int | None,
    *,
    same: bool,
) -> Decimal | None:
    """Return the factor of a quoted price; `same` is True where both currencies are one."""
    own = option.price_magnifier
    if computed is None:
        return ONE if magnifier is None or own is None or magnifier == own else None
    found = unit_between(float(computed), float(quoted))
    if found is None:
        return None
    unit = ONE if found == 1.0 else Decimal(repr(found))
    if same or unit == ONE:
        return unit
    by_magnifiers = EXACT.divide(Decimal(own), Decimal(magnifier)) if own and magnifier else None
    return unit if unit == by_magnifiers else None
