"""Answers of the gateway to questions: each under its own key, for a short time."""

from __future__ import annotations

import time
from typing import TypeVar

import msgspec

from slotwise.bus.client import Bus, translated
from slotwise.errors import BusError

#: An answer that was not fetched is gone after this, seconds.
KEPT_S = 30
#: One wait for an answer, as a part of how long a connection may be silent.
WAIT_SHARE = 0.8

T = TypeVar("T", bound=msgspec.Struct)


class Answers:
    """Give and fetch answers; `question` is an id that the asker made up."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def give(self, question: str, answer: msgspec.Struct) -> None:
        """Answer a question."""
        key = self._bus.key("answer", question)
        with translated():
            self._bus.redis.rpush(key, msgspec.msgpack.encode(answer))
            self._bus.redis.expire(key, KEPT_S)

    def wait(self, question: str, kind: type[T], timeout_s: float) -> T | None:
        """Wait for an answer for longer than a socket may be silent; None when there is none."""
        until = time.monotonic() + timeout_s
        while (left_s := until - time.monotonic()) > 0:
            answer = self.fetch(question, kind, left_s)
            if answer is not None:
                return answer
        return None

    def fetch(self, question: str, kind: type[T], timeout_s: float) -> T | None:
        """Wait for an answer; None when there is none in time.

        Raises BusError for one that cannot be read, from a gateway of another version.
        """
        # The socket gives up a little later than Redis does.
        wait_s = min(timeout_s, self._bus.socket_timeout_s * WAIT_SHARE)
        with translated():
            found = self._bus.redis.blpop(self._bus.key("answer", question), timeout=wait_s)
        try:
            return None if found is None else msgspec.msgpack.decode(found[1], type=kind)
        except msgspec.MsgspecError as error:
            raise BusError(f"the gateway's answer cannot be read: {error}") from error
