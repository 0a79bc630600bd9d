"""Codes of TWS's notices that the gateway's rules name (see `ib/errors.py` for all of them)."""

from __future__ import annotations

#: TWS has no such contract.
NO_SECURITY = 200
#: The account has no further market data line.
LINES_FULL = 101
#: More messages at once than TWS takes.
TOO_MANY_MESSAGES = 100
#: Another session of the user has the market data.
COMPETING_SESSION = 10197
