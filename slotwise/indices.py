"""Indices that a symbol alone means, and where they are quoted; any other symbol is a share."""

from __future__ import annotations

from collections.abc import Mapping

#: Exchange of an index by its symbol; all of them are in US dollars.
INDICES: Mapping[str, str] = {
    "VIX": "CBOE",
    "SPX": "CBOE",
    "XSP": "CBOE",
    "OEX": "CBOE",
    "RUT": "RUSSELL",
    "NDX": "NASDAQ",
    "INDU": "CME",
}
