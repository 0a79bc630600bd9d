"""TWS's unrequested notices: about its link to IB, its farms, and its own port.

Texts are TWS's own, of recordings and of IB's documentation; clients must not match on them, as TWS
speaks its user's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tws_simulator.services.common.client import Client
from tws_simulator.wire.ids import ErrorCode

#: What a notice about a farm names where its command names none.
USUAL_FARMS: Mapping[int, str] = {
    ErrorCode.HISTORICAL_FARM_BROKEN: "ushmds",
    ErrorCode.HISTORICAL_FARM_OK: "ushmds",
    ErrorCode.HISTORICAL_FARM_INACTIVE: "ushmds",
    ErrorCode.SEC_DEF_FARM_BROKEN: "secdefil",
    ErrorCode.SEC_DEF_FARM_OK: "secdefil",
}
USUAL_FARM = "usfarm"
TEXTS: Mapping[int, str] = {
    ErrorCode.CONNECTIVITY_LOST: (
        "Connectivity between IBKR and Trader Workstation has been lost."
    ),
    ErrorCode.RESTORED_DATA_LOST: (
        "Connectivity between IBKR and Trader Workstation has been restored - data lost."
    ),
    ErrorCode.RESTORED_DATA_KEPT: (
        "Connectivity between IBKR and Trader Workstation has been restored - data maintained."
    ),
    ErrorCode.PORT_RESET: (
        "TWS socket port has been reset and this connection is being dropped. "
        "Please reconnect on the new port - {port}"
    ),
    ErrorCode.MARKET_FARM_BROKEN: "Market data farm connection is broken:{farm}",
    ErrorCode.MARKET_FARM_OK: "Market data farm connection is OK:{farm}",
    ErrorCode.HISTORICAL_FARM_BROKEN: "HMDS data farm connection is broken:{farm}",
    ErrorCode.HISTORICAL_FARM_OK: "HMDS data farm connection is OK:{farm}",
    ErrorCode.HISTORICAL_FARM_INACTIVE: (
        "HMDS data farm connection is inactive but should be available upon demand.{farm}"
    ),
    ErrorCode.MARKET_FARM_INACTIVE: (
        "Market data farm connection is inactive but should be available upon demand.{farm}"
    ),
    ErrorCode.SERVER_BROKEN: (
        "Connectivity between Trader Workstation and server is broken. "
        "It will be restored automatically."
    ),
    ErrorCode.MARKET_FARM_CONNECTING: "Market data farm is connecting:{farm}",
    ErrorCode.POSITIONS_NOT_READY: "Positions info is not available yet",
    ErrorCode.SEC_DEF_FARM_BROKEN: "Sec-def data farm connection is broken:{farm}",
    ErrorCode.SEC_DEF_FARM_OK: "Sec-def data farm connection is OK:{farm}",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Hold one notice: its code, the farm or port it names, and another text than TWS's own."""

    code: int
    farm: str = ""
    port: int = 0
    text: str = ""

    @property
    def about(self) -> str:
        """Return the farm it is about; every notice has one, though few name it."""
        return self.farm or USUAL_FARMS.get(self.code, USUAL_FARM)

    @property
    def words(self) -> str:
        """Return its text."""
        return self.text or TEXTS[self.code].format(farm=self.about, port=self.port)


def send_notice(notice: Notice, clients: Iterable[Client], now: float) -> None:
    """Send a notice to clients."""
    for client in clients:
        client.notice(notice.code, notice.words, now)
