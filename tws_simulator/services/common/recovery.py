"""How data and answers come back after TWS has lost its link to IB.

| way   | what is said                        | what comes back                         |
|-------|-------------------------------------|-----------------------------------------|
| 1101  | 1101                                | no line that was open; farms as before  |
| 1102  | 1102                                | lines and answers; farms as before      |
| farms | 2104 of the usual farms, 2106, 2158 | all, farms as well                      |
| ticks | nothing                             | all, farms as well                      |
| none  | nothing                             | nothing                                 |

1101 and 1102 are IB's documentation; the others are what users report after 2110.
"""

from __future__ import annotations

from dataclasses import dataclass

from tws_simulator.services.common.notices import Notice
from tws_simulator.wire.ids import ErrorCode

LOST, KEPT, FARMS, TICKS, NONE = "1101", "1102", "farms", "ticks", "none"
WAYS = (LOST, KEPT, FARMS, TICKS, NONE)
#: The notice of each way.
SAID = {
    LOST: (Notice(ErrorCode.RESTORED_DATA_LOST),),
    KEPT: (Notice(ErrorCode.RESTORED_DATA_KEPT),),
    FARMS: (
        Notice(ErrorCode.MARKET_FARM_OK, "usfarm"),
        Notice(ErrorCode.MARKET_FARM_OK, "usopt"),
        Notice(ErrorCode.MARKET_FARM_OK, "usfuture"),
        Notice(ErrorCode.HISTORICAL_FARM_OK),
        Notice(ErrorCode.SEC_DEF_FARM_OK),
    ),
}


@dataclass(frozen=True, slots=True)
class WayBack:
    """Hold how and when the link is back.

    With `dead` the lines that were open are still held, and never tick again.
    """

    way: str
    after_s: float
    dead: bool = False
