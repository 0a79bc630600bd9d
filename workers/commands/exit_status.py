"""How a command ends that raised an error: its exit status, and what to do; the one place of both.

Rules:
* What cannot be known is status 2: no Redis answers, no system or lake is there, no row says it.
* What is known to be wrong is status 1: a word or an address that makes no sense, a Redis that
  takes no writes, a lake that cannot be read.
"""

from __future__ import annotations

from slotwise.errors import (
    BrokerTimeoutError,
    BusAwayError,
    BusError,
    LakeAbsentError,
    NoSystemError,
    NotKnownError,
    SlotwiseError,
)
from slotwise.health.verdict.finding import EXIT_STATUS

#: Status of a command that could not do its work, and of one whose answer is unknown.
FAILED, CANNOT_KNOW = EXIT_STATUS["wrong"], EXIT_STATUS["unknown"]
#: Errors of what is not there, or does not answer.
_UNANSWERED = (BrokerTimeoutError, BusAwayError, LakeAbsentError, NoSystemError, NotKnownError)
#: Troubles of a Redis that is there and lets nothing be read.
_SHUT = frozenset({"loading", "password"})
#: What a user can do where no Redis answers.
_NO_REDIS = (
    " Does a system run here? `slotwise up` starts one, and REDIS_URL names the Redis of another."
)


def advice_on(error: SlotwiseError) -> str:
    """Return what to do about an error, to stand behind its text; empty where the text has it."""
    return _NO_REDIS if isinstance(error, BusAwayError) else ""


def exit_status_of(error: SlotwiseError) -> int:
    """Return the exit status of a command that ends with this error."""
    if isinstance(error, _UNANSWERED):
        return CANNOT_KNOW
    if not isinstance(error, BusError):
        return FAILED
    # Imported here: a command that asks no Redis does not need its client.
    from slotwise.bus.trouble import trouble_of

    return CANNOT_KNOW if trouble_of(error) in _SHUT else FAILED
