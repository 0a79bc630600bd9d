"""The day on which a contract expires, from TWS's field of its last trade.

The field is a day, or a month, and may carry a time and a zone:
`20261218`, `202612`, `20231124-12:30:00`, `20260320 14:30:00 Europe/Zurich`.

The zone is the one of the login, not of the exchange, and the day is then the day in that zone: an
American weekly option of 23 June is written `20230624 04:00:00 Asia/Shanghai` for a login there
(reported with ib_insync 0.9.85). So the contract's own day is, in this order:

1. the real expiration date, where TWS gives one;
2. the day within an option's 21-character symbol (`NFLX  260227C00090000`);
3. the day on which the written moment falls at the exchange, where day, time and both zones are
   known;
4. the day as it is written.
"""

from __future__ import annotations

import re
from datetime import datetime

from slotwise.zones import zone_of

_FIELD = re.compile(
    r"(?P<day>\d{8}|\d{6})(?:[-\s]+(?P<time>\d{1,2}:\d{2}(?::\d{2})?))?(?:[-\s]+(?P<zone>\S.*?))?\s*"
)
_DAY = re.compile(r"\d{8}")
#: Root, day, right and strike, as the Options Clearing Corporation writes an option.
_OPTION_SYMBOL = re.compile(r".{6}(\d{6})[CP]\d{8}")


def expiry_day(
    written: str, *, local_symbol: str = "", zone_name: str = "", real_expiration: str = ""
) -> str:
    """Return the contract's own day, YYYYMMDD, or YYYYMM where no day is known; else empty.

    `written` is the field of the last trade, `zone_name` the zone of the exchange. What cannot be
    read counts as not given.
    """
    if _DAY.fullmatch(real_expiration):
        return real_expiration
    if symbol := _OPTION_SYMBOL.fullmatch(local_symbol):
        return f"20{symbol[1]}"
    field = _FIELD.fullmatch(written.strip())
    if field is None:
        return ""
    return _day_at(field, zone_name) or field["day"]


def _day_at(field: re.Match[str], zone_name: str) -> str:
    """Return the day at the exchange of a written moment; empty where that is not known."""
    theirs, ours = zone_of(field["zone"] or ""), zone_of(zone_name)
    if theirs is None or ours is None or not field["time"] or len(field["day"]) < len("YYYYMMDD"):
        return ""
    hours, minutes = field["time"].split(":")[:2]
    try:
        moment = datetime.strptime(field["day"], "%Y%m%d").replace(
            hour=int(hours), minute=int(minutes), tzinfo=theirs
        )
        return moment.astimezone(ours).strftime("%Y%m%d")
    except (ValueError, OverflowError):
        return ""
