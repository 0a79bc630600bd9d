"""Which single contract a request means, or why it means none."""

from __future__ import annotations

from tws_simulator.errors import RemoteError
from tws_simulator.instruments.contract import Contract
from tws_simulator.instruments.query import ContractQuery, find, is_quoted
from tws_simulator.instruments.universe import Universe
from tws_simulator.services.common.client import Client
from tws_simulator.wire.ids import ErrorCode
from tws_simulator.wire.system_replies import error_text

#: Types of contracts that TWS has; a request may name none of them only by id.
SEC_TYPES = frozenset(
    ("STK", "OPT", "FUT", "CONTFUT", "CASH", "BOND", "CFD", "FOP", "WAR", "IOPT", "FWD", "BAG",
     "IND", "BILL", "FUND", "FIXED", "SLB", "NEWS", "CMDTY", "BSK", "ICU", "ICS", "CRYPTO", "EC")
)  # fmt: skip
NOT_FOUND = "No security definition has been found for the request"


class Refused(RemoteError):
    """TWS would refuse this request with a code and a cause."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text

    def send(self, client: Client, req_id: int, now: float) -> None:
        """Send the error."""
        worded = self.code in (ErrorCode.READING, ErrorCode.VALIDATING, ErrorCode.PROCESSING)
        text = error_text(self.code, self.text) if worded else self.text
        client.error(req_id, self.code, text, now)


def check_type(query: ContractQuery) -> None:
    """Raise Refused where the type is none."""
    if query.sec_type not in SEC_TYPES and not (query.con_id and not query.sec_type):
        raise Refused(ErrorCode.VALIDATING, "Please enter a valid security type")


def resolve(universe: Universe, query: ContractQuery) -> Contract:
    """Return the contract of a market data or history request; raises Refused.

    A contract that the exchange lists and does not quote is not found either.
    """
    check_type(query)
    if not query.exchange:
        raise Refused(ErrorCode.VALIDATING, "Please enter exchange")
    found = [c for c in find(universe, query) if is_quoted(c, query.exchange)]
    if not found:
        raise Refused(ErrorCode.NO_SECURITY, NOT_FOUND)
    if len(found) > 1:
        named = query.symbol or query.local_symbol
        raise Refused(
            ErrorCode.NO_SECURITY, f"The contract description specified for {named} is ambiguous."
        )
    return found[0]
