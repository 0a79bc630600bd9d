"""What an error of Redis comes from: a few causes, each with one line for a person.

Redis names the cause by the first word of its error text (redis.io, "Errors" of the protocol);
redis-py turns some of those words into classes of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import redis

from slotwise.bus.connection import MismatchError

#: Causes of errors; `away` also stands for a connection that was cut.
Trouble: TypeAlias = Literal[
    "away", "memory", "replica", "disk", "loading", "password", "mismatch", "wrong_key", "other"
]

#: Trouble -> what happens, and what ends it.
SENTENCES: dict[Trouble, str] = {
    "away": "Redis does not answer; trying again until it does",
    "memory": "Redis is out of memory and takes no writes; trying again until it has room",
    "replica": "Redis is a replica and takes no writes; trying again until it is the primary",
    "disk": "Redis cannot save to its disk and takes no writes; trying again until it can",
    "loading": "Redis is loading its data; trying again until it has",
    "password": "Redis refuses the login; trying again: correct REDIS_URL or the password",
    "mismatch": "REDIS_URL does not fit what answers there; trying again: correct it",
    "wrong_key": "a key of Slotwise in Redis has the wrong type; delete it, it is made again",
    "other": "Redis refused a command; trying again",
}

_CLASSES: tuple[tuple[type[redis.RedisError], Trouble], ...] = (
    (redis.exceptions.OutOfMemoryError, "memory"),
    (redis.exceptions.ReadOnlyError, "replica"),
    (redis.exceptions.BusyLoadingError, "loading"),
    (redis.exceptions.AuthenticationError, "password"),
    (redis.exceptions.NoPermissionError, "password"),
    (MismatchError, "mismatch"),
    (redis.exceptions.ConnectionError, "away"),
    (redis.exceptions.TimeoutError, "away"),
)
#: Where redis-py has no class: words of the error's text. A client that waits on a list is
#: unblocked with "instance state changed" when its server becomes a replica.
_WORDS: tuple[tuple[str, Trouble], ...] = (
    # redis-py makes an error of its own from these texts of our connections.
    ("does not answer in TLS", "mismatch"),
    ("is not trusted", "mismatch"),
    ("MISCONF", "disk"),
    ("WRONGTYPE", "wrong_key"),
    ("wrong kind of value", "wrong_key"),
    ("instance state changed", "replica"),
    ("read only replica", "replica"),
    ("used memory > 'maxmemory'", "memory"),
)

#: Errors of Redis that end by themselves when their cause ends: a worker waits and tries again.
PASSING = (redis.exceptions.ResponseError, redis.exceptions.ReadOnlyError)


def trouble_of(error: BaseException) -> Trouble | None:
    """Return what an error comes from, by its causes too; None where no Redis is concerned."""
    found: Trouble | None = None
    for one in _chain(error):
        if not isinstance(one, redis.RedisError):
            continue
        named = _trouble_of_redis(one)
        if named not in (None, "other"):
            return named
        found = found or "other"
    return found


def _trouble_of_redis(error: redis.RedisError) -> Trouble:
    text = str(error)
    by_word = next((trouble for word, trouble in _WORDS if word in text), None)
    if by_word is not None:
        return by_word
    return next((trouble for kind, trouble in _CLASSES if isinstance(error, kind)), "other")


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [more for more in (one.__cause__, one.__context__) if more is not None]
