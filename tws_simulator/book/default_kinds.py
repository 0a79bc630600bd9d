"""Holdings that are no US share, option or index future, for the default book: one of each kind.

Quantities and costs are the same in every book; prices start near those of 2026. Hours are those
of the simulated market, in each contract's own zone: details that call closed what trades would
be no TWS's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tws_simulator.instruments.expiries import future_expiry, third_friday

#: Months as CBOT spells them in local symbols.
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
#: Years to the maturity of the bond.
BOND_YEARS = 4


def other_kinds(today: date) -> Iterator[dict[str, Any]]:
    """Describe the holdings as a portfolio file does, with dates that lie ahead of a day."""
    quarter = future_expiry(today)
    yield {
        "symbol": "RR.", "currency": "GBP", "exchange": "LSE", "price_magnifier": 100,
        "quantity": 1000, "price": 1090, "min_tick": Decimal("0.2"),
        "details": {"long_name": "ROLLS-ROYCE HOLDINGS PLC", "time_zone": "GB"},
    }  # fmt: skip
    yield {
        "symbol": "ZC", "sec_type": "FUT", "expiry": quarter, "exchange": "CBOT",
        "local_symbol": f"ZC   {MONTHS[int(quarter[4:6]) - 1]} {quarter[2:4]}",
        "multiplier": 5000, "price_magnifier": 100, "quantity": 2, "price": 445,
        "min_tick": Decimal("0.25"), "valid_exchanges": ["CBOT", "QBALGO"],
        "details": {"long_name": "Corn Futures", "time_zone": "US/Central"},
    }  # fmt: skip
    yield {
        "symbol": "ES", "sec_type": "FOP", "expiry": quarter, "strike": 6500, "right": "P",
        "trading_class": "ES", "exchange": "CME", "quantity": -1,
    }  # fmt: skip
    yield {
        "symbol": "ESTX50", "sec_type": "OPT", "expiry": quarter, "strike": 5600, "right": "C",
        "trading_class": "OESX", "local_symbol": f"C OESX {quarter} 5600 M", "currency": "EUR",
        "exchange": "EUREX", "multiplier": 10, "quantity": 3, "price": 5650,
        "details": {"long_name": "Euro Stoxx 50", "time_zone": "MET"},
    }  # fmt: skip
    yield {
        "symbol": "US-T", "sec_type": "BOND", "expiry": f"{today.year + BOND_YEARS}0930",
        "quantity": 5, "price": Decimal("88.4"),
        "details": {"coupon": "0.25", "cusip": "91282CDA6", "bond_type": "US-GOVT",
                    "long_name": "US TREASURY N/B", "issue_date": "20210930"},
    }  # fmt: skip
    bill = third_friday(today.year + (today.month + 3) // 12, (today.month + 3) % 12 + 1)
    yield {
        "symbol": "US-T", "sec_type": "BILL", "expiry": f"{bill:%Y%m%d}", "quantity": 10,
        "price": Decimal("98.7"), "details": {"coupon": "0", "long_name": "US TREASURY BILL"},
    }  # fmt: skip
    yield {
        "symbol": "BTC", "sec_type": "CRYPTO", "quantity": Decimal("0.12345678"), "price": 92_000,
        "min_tick": Decimal("0.25"), "details": {"long_name": "Bitcoin cryptocurrency"},
    }  # fmt: skip
    yield {
        "symbol": "EUR", "sec_type": "CASH", "quantity": 20_000,
        "avg_cost": Decimal("1.1287749999999999"), "details": {"long_name": "European Monetary"},
    }  # fmt: skip
    yield {
        "symbol": "IBUS500", "sec_type": "CFD", "quantity": 2, "price": 6840,
        "details": {"long_name": "US 500"},
    }  # fmt: skip
    yield {
        "symbol": "MBT", "sec_type": "FUT", "expiry": quarter, "exchange": "CME",
        "multiplier": Decimal("0.1"), "quantity": 1, "price": 92_000, "min_tick": 5,
        "details": {"long_name": "Micro Bitcoin Futures", "time_zone": "US/Central"},
    }  # fmt: skip
    yield {
        "symbol": "7203", "currency": "JPY", "exchange": "TSEJ", "quantity": 100, "price": 3100,
        "min_tick": 1, "details": {"long_name": "TOYOTA MOTOR CORP", "time_zone": "JST"},
    }  # fmt: skip
