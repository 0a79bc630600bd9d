"""When details are asked for again that were refused, did not come, or are in doubt."""

from __future__ import annotations

from dataclasses import dataclass

from slotwise.contract import Contract
from slotwise.errors import BrokerError

#: Ask for details that TWS refused again after this, seconds: what expired or was delisted stays
#: so, and a contract that is new to TWS is there the next day.
RETRY_REFUSED_S = 24 * 3600.0
#: Ask again where no answer came, or another error: after this first, seconds, then twice as long
#: each time, up to the pause of a refusal.
RETRY_FAILED_S = 60.0
#: Details doubted by market data are asked for again no sooner than this, seconds, then twice as
#: long each time: twice the pause after which refused market data is asked for again.
RETRY_DOUBTED_S = 600.0


@dataclass(slots=True)
class Trouble:
    """Why the details of a contract are not there, and when they are asked for again."""

    error: BrokerError
    retry_at: float
    #: Pause of the newest failure, seconds.
    pause_s: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """Where market data of a known contract was refused, and when that counts again."""

    contract: Contract
    due_at: float
    #: Pause until then, seconds.
    pause_s: float
