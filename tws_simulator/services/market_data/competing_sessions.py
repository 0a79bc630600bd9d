"""Another session of the same user that has the market data (10197).

| `back` | lines that were open, or asked for meanwhile, once it has ended |
|--------|------------------------------------------------------------------|
| alone  | go on by themselves                                              |
| asked  | stay silent; only a new request ticks                            |

| `keeps` | a request that comes meanwhile                                          |
|---------|-------------------------------------------------------------------------|
| false   | is refused with 10197                                                   |
| true    | is opened: 58, 81 and 10197, no tick, and then as the lines that were open |

10197 and its text are IB's; the rest users see in both ways.
"""

from __future__ import annotations

from dataclasses import dataclass

ALONE, ASKED = "alone", "asked"
#: How lines come back.
BACK = (ALONE, ASKED)


@dataclass(frozen=True, slots=True)
class Competition:
    """Hold how a competing session shows."""

    back: str = ALONE
    keeps: bool = False
