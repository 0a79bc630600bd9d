"""The details of a contract in a portfolio file."""

from __future__ import annotations

import re

from tws_simulator.book.reader import Reader
from tws_simulator.instruments.listing import (
    FLAGS,
    NAMES,
    NOT_OF_BONDS,
    NUMBERS,
    OF_BONDS,
    Listing,
    listing_of,
)
from tws_simulator.instruments.sessions import is_hours

#: A number as TWS writes one, and an id.
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?(E-?[0-9]{1,2})?\Z")
_ID = re.compile(r"[0-9]{1,9}\Z")
#: A last trade: a date, with a time and a zone after it or in one piece.
_LAST_TRADE = re.compile(r"(\d{8}((-| )\d{2}:\d{2}(:\d{2})?( [A-Za-z0-9_+/-]{1,40})?)?)?\Z")
IDS = frozenset(("under_con_id",))
HOURS = frozenset(("trading_hours", "liquid_hours"))


def read_listing(details: Reader | None, *, has_par: bool) -> Listing | None:
    """Read the details that a file gives; None where it gives none. Raises PortfolioError."""
    if details is None:
        return None
    allowed = set(NAMES) - (NOT_OF_BONDS if has_par else OF_BONDS)
    details.check_names(allowed, NAMES, "a bond" if has_par else "what is no bond")
    given: dict[str, str | bool] = {}
    for name in details.given:
        given[name] = details.flag(name, default=False) if name in FLAGS else _text(details, name)
    return listing_of(given)


def _text(details: Reader, name: str) -> str:
    text = details.text(name, "")
    if name in IDS and not _ID.match(text):
        raise details.wrong(name, "must be an id, in quotes")
    if name in NUMBERS and not _NUMBER.match(text):
        raise details.wrong(name, "must be a number as TWS writes it, in quotes")
    if name in HOURS and not is_hours(text):
        raise details.wrong(
            name, "must be hours as TWS writes them, or one session such as 0930-1600"
        )
    if name == "last_trade" and not _LAST_TRADE.match(text):
        raise details.wrong(name, "must be a date, with a time and a zone where it has them")
    return text
