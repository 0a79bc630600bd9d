"""What a contract's details say, where it is not derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Hold the details that a portfolio file gives, as TWS writes them; None is derived.

    `trading_hours` and `liquid_hours` are either TWS's text (20261218:0930-20261218:1600;...) or
    one session for every weekday (0930-1600). `sizes` are the smallest size, the step of sizes and
    the suggested step.
    """

    long_name: str | None = None
    market_name: str | None = None
    time_zone: str | None = None
    trading_hours: str | None = None
    liquid_hours: str | None = None
    last_trade: str | None = None
    real_expiry: str | None = None
    contract_month: str | None = None
    under_con_id: str | None = None
    under_symbol: str | None = None
    under_sec_type: str | None = None
    stock_type: str | None = None
    industry: str | None = None
    category: str | None = None
    subcategory: str | None = None
    agg_group: str | None = None
    isin: str | None = None
    cusip: str | None = None
    coupon: str | None = None
    issue_date: str | None = None
    ratings: str | None = None
    bond_type: str | None = None
    coupon_type: str | None = None
    convertible: bool | None = None
    callable: bool | None = None
    putable: bool | None = None
    description: str | None = None
    notes: str | None = None
    min_tick: str | None = None
    min_size: str | None = None
    size_step: str | None = None
    suggested_step: str | None = None


#: Names of all fields.
NAMES = tuple(field.name for field in fields(Listing))
#: Fields that are read as true or false; all others as text.
FLAGS = frozenset(("convertible", "callable", "putable"))
#: Fields of message 18 alone, and of message 10 alone.
OF_BONDS = frozenset(
    ("cusip", "coupon", "issue_date", "ratings", "bond_type", "coupon_type", "convertible",
     "callable", "putable", "description", "notes")
)  # fmt: skip
NOT_OF_BONDS = frozenset(
    ("real_expiry", "contract_month", "under_con_id", "under_symbol", "under_sec_type",
     "stock_type", "industry", "category", "subcategory")
)  # fmt: skip
#: Fields that must be numbers, because clients read them as such.
NUMBERS = frozenset(
    ("under_con_id", "agg_group", "coupon", "min_tick", "min_size", "size_step", "suggested_step")
)

NOTHING = Listing()


def listing_of(given: Mapping[str, str | bool]) -> Listing:
    """Return the listing of the fields that are given."""
    return Listing(**given)  # type: ignore[arg-type]  # names and types were checked by the reader
