"""Which data of the exchanges reaches TWS: the link to IB, its farms, and other sessions.

| notice                   | what comes after it                                              |
|--------------------------|------------------------------------------------------------------|
| 1100, 2110               | no tick; requests that need the server wait                      |
| 1101                     | all lines have ended, what waited is lost                        |
| 1102                     | all lines go on, what waited is answered                         |
| 2103 of a farm           | no tick of the farm's contracts                                  |
| 2104 of a farm           | they go on; some may never tick again, though their lines are held |
| 2105, 2157 of a farm     | history, or definitions, are not answered                        |
| 2106, 2158 of a farm     | they are, what waited first                                      |
| 10197                    | no tick of any line, and no new line, until no session competes  |
| nothing: a dead contract | no tick of it                                                    |

2107, 2108 and 2119 change nothing by themselves. All but 1101 and 1102 may be said without being
true, and data may stop or come back without a word.
"""

from __future__ import annotations

from collections.abc import Mapping

from tws_simulator.instruments.contract import Contract
from tws_simulator.services.common.farms import farm_of
from tws_simulator.wire.ids import ErrorCode

#: Whether the link to IB is up after a notice.
LINK_AFTER: Mapping[int, bool] = {
    ErrorCode.CONNECTIVITY_LOST: False,
    ErrorCode.SERVER_BROKEN: False,
    ErrorCode.RESTORED_DATA_LOST: True,
    ErrorCode.RESTORED_DATA_KEPT: True,
}
#: Whether a farm is up after a notice.
FARM_AFTER: Mapping[int, bool] = {
    ErrorCode.MARKET_FARM_BROKEN: False,
    ErrorCode.MARKET_FARM_OK: True,
    ErrorCode.HISTORICAL_FARM_BROKEN: False,
    ErrorCode.HISTORICAL_FARM_OK: True,
    ErrorCode.SEC_DEF_FARM_BROKEN: False,
    ErrorCode.SEC_DEF_FARM_OK: True,
}


class Outages:
    """What is broken."""

    def __init__(self) -> None:
        #: Whether TWS reaches IB.
        self.linked = True
        self._broken: set[str] = set()
        #: Farms that are not connected until something of them is asked for.
        self.dormant: set[str] = set()
        self._dead: set[int] = set()

    def clear(self) -> None:
        """End all outages but dead contracts: TWS was started again."""
        self.linked = True
        self._broken.clear()

    def note(self, code: int, farm: str) -> None:
        """Take note of a notice and what it means."""
        self.linked = LINK_AFTER.get(code, self.linked)
        if code in FARM_AFTER:
            (self._broken.discard if FARM_AFTER[code] else self._broken.add)(farm)

    def serves(self, farm: str) -> bool:
        """Return whether a farm answers."""
        return self.linked and farm not in self._broken and farm not in self.dormant

    def kill(self, con_id: int, *, dead: bool) -> None:
        """Silence a contract, or end its silence."""
        (self._dead.add if dead else self._dead.discard)(con_id)

    def reaches(self, contract: Contract) -> bool:
        """Return whether a contract's data comes."""
        return self.serves(farm_of(contract)) and contract.con_id not in self._dead
