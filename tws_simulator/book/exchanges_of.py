"""Where a contract of a portfolio file is listed, quoted and asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tws_simulator.book.entry import Entry
from tws_simulator.book.walk_of import DOLLAR
from tws_simulator.errors import PortfolioError
from tws_simulator.instruments.kinds import KINDS, SMART, SecType
from tws_simulator.instruments.query import UNQUOTED
from tws_simulator.instruments.underlying import Underlying

#: Types that SMART gives, and that have an exchange of their own besides.
ROUTED: frozenset[SecType] = frozenset(("STK", "WAR", "IOPT"))
#: The exchange of a share that names none, by its currency; a US share needs none.
BY_CURRENCY: Mapping[str, str] = {
    "GBP": "LSE", "JPY": "TSEJ", "HKD": "SEHK", "EUR": "IBIS", "CHF": "EBS", "CAD": "TSE",
    "AUD": "ASX", "SEK": "SFB", "NOK": "OSE", "DKK": "CPH", "SGD": "SGX", "ZAR": "JSE",
    "ILS": "TASE", "MXN": "MEXI", "INR": "NSE", "CNH": "SEHKNTL", "PLN": "WSE",
}  # fmt: skip


class Exchanges(NamedTuple):
    """Hold the exchange that is asked, the primary one, and the lists of a contract.

    An empty list is derived from the exchange, as for what the catalogue has.
    """

    exchange: str
    primary: str
    valid: tuple[str, ...]
    quoted: tuple[str, ...]
    rows: tuple[str, ...]


def exchanges_of(entry: Entry, underlying: Underlying) -> Exchanges:
    """Return the exchanges of a contract; raises PortfolioError where none can be derived."""
    kind, listed = entry.sec_type, entry.valid_exchanges
    own = "" if entry.exchange == SMART else entry.exchange
    if kind in ROUTED:
        primary = own or next((name for name in listed if name != SMART), "")
        if not primary and entry.currency not in ("", DOLLAR):
            primary = _of_currency(entry)
        if not listed and entry.currency not in ("", DOLLAR):
            listed = (SMART, primary)
        asked = SMART if not listed or SMART in listed else own or listed[0]
        return Exchanges(asked, primary, listed, entry.data_exchanges, entry.details_exchanges)
    if kind == "OPT" and not own and not listed:
        return Exchanges(SMART, "", (), entry.data_exchanges, entry.details_exchanges)
    if not listed:
        usual = underlying.exchange if kind in ("FUT", "FOP", "IND") else ""
        listed = (own or (usual if usual != SMART else "") or KINDS[kind].exchange,)
    quoted = entry.data_exchanges or tuple(name for name in listed if name not in UNQUOTED)
    asked = SMART if SMART in quoted else own if own in quoted else (*quoted, *listed)[0]
    return Exchanges(asked, "", listed, entry.data_exchanges, entry.details_exchanges)


def _of_currency(entry: Entry) -> str:
    exchange = BY_CURRENCY.get(entry.currency)
    if exchange is None:
        raise PortfolioError(
            f"{entry.where}.exchange: a {entry.sec_type} in {entry.currency} needs its exchange"
        )
    return exchange
