"""Numbers of TWS, which is written in Java: its largest int, and how it writes "no value"."""

from __future__ import annotations

#: TWS reads request ids and flags as Java ints.
INT_MAX = 2**31 - 1
#: TWS's "no value" of a double, and how some clients spell it.
UNSET_DOUBLE = "1.7976931348623157E308"
