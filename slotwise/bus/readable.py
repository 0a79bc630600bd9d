"""Values in Redis that cannot be read: a hand or another version left them; each is named once.

What depends on one value does without it, and its neighbours are read.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import msgspec
import structlog

log = structlog.get_logger(__name__)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

#: Values named at most in one process.
NAMED_AT_MOST = 1000

_named: set[str] = set()


class Decoder(Protocol[T_co]):
    """Decodes bytes; msgspec's decoders do."""

    def decode(self, data: bytes, /) -> T_co: ...


def readable(decoder: Decoder[T], data: bytes | None, name: str) -> T | None:
    """Return the value of a key, or of a field; None where there is none that can be read."""
    if data is None:
        return None
    try:
        return decoder.decode(data)
    except msgspec.MsgspecError as error:
        if name not in _named and len(_named) < NAMED_AT_MOST:
            _named.add(name)
            log.warning("value in Redis left out: it cannot be read", key=name, reason=str(error))
        return None
