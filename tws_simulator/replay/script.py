"""The answers of a recorded TWS to each request, and its unrequested messages. Pure.

Rules:
* A request with an id is answered by all later messages with that id, until the connection ends.
* A request without an id (positions, time, accounts, account updates) is answered by the next
  messages of its kinds.
* A notice without an id on positions (321, 2151, 10275) is part of the open request for them.
* Everything else was said unasked, at its time after the session's start.
* A request is looked up by all it asks, without its id; else by message and contract; else by its
  message. Each recorded request answers once, the last of its kind again and again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from tws_simulator.replay.layouts import (
    CON_ID,
    MARKET_DATA,
    POSITIONS,
    REQUEST_ID,
    SNAPSHOT_FROM_END,
    START,
    WITHOUT_ID,
    answer_position,
    is_of_positions,
    number,
    request_id,
)
from tws_simulator.replay.recording import Conversation


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to send: seconds after its request or the start, and where its id stands."""

    after_s: float
    fields: tuple[str, ...]
    id_position: int | None = None

    def to(self, request: str | None) -> tuple[str, ...]:
        """Return the fields with the id of a client's own request."""
        if request is None or self.id_position is None:
            return self.fields
        fields = list(self.fields)
        fields[self.id_position] = request
        return tuple(fields)


@dataclass(slots=True)
class Asked:
    """A recorded request and its answers, in their order."""

    at: float
    fields: tuple[str, ...]
    replies: list[Reply] = field(default_factory=list)


class Script:
    """Hold what one recorded conversation answers; `answers` takes the next answer away."""

    def __init__(self, conversation: Conversation) -> None:
        self.version = conversation.version
        self.time_text = conversation.time_text
        #: Unrequested messages, seconds after the session's start.
        self.unasked: list[Reply] = []
        self._asked: dict[Hashable, list[Asked]] = defaultdict(list)
        self._next: dict[Hashable, int] = defaultdict(int)
        self._used: set[int] = set()
        start = next(
            (m.t for m in conversation.messages if m.from_client and number(m.fields) == START),
            conversation.messages[0].t,
        )
        #: When the connection ended, seconds after the start; None where it did not.
        self.ends_s = (
            None if conversation.closed_at is None else max(conversation.closed_at - start, 0.0)
        )
        self._read(conversation, start)

    def answers(self, fields: tuple[str, ...]) -> list[Reply] | None:
        """Return the answers to a client's request; None where the recording has none."""
        for key in _keys(fields):
            asked = self._asked.get(key)
            if not asked:
                continue
            unused = next((each for each in asked if id(each) not in self._used), asked[-1])
            self._used.add(id(unused))
            return unused.replies
        return None

    def _read(self, conversation: Conversation, start: float) -> None:
        by_id: dict[str, Asked] = {}
        open_without_id: dict[int, Asked] = {}
        for message in conversation.messages:
            kind = number(message.fields)
            if message.from_client:
                asked = Asked(message.t, message.fields)
                own = request_id(message.fields)
                if own is not None:
                    by_id[own] = asked
                elif kind in WITHOUT_ID:
                    open_without_id[kind] = asked
                else:
                    continue
                for key in _keys(message.fields):
                    self._asked[key].append(asked)
                continue
            position = answer_position(message.fields, self.version)
            asked_for = None if position is None else by_id.get(message.fields[position])
            if asked_for is None:
                position = None
                asked_for = _without_id(kind, open_without_id)
                if is_of_positions(message.fields):
                    asked_for = open_without_id.get(POSITIONS)
            if asked_for is None:
                self.unasked.append(Reply(max(message.t - start, 0.0), message.fields))
            else:
                after_s = message.t - asked_for.at
                asked_for.replies.append(Reply(after_s, message.fields, position))


def _without_id(kind: int, waiting: dict[int, Asked]) -> Asked | None:
    """Return the open request without an id that a message answers; its end closes it."""
    for request, (answers, end) in WITHOUT_ID.items():
        if kind in answers and request in waiting:
            return waiting.pop(request) if kind == end else waiting[request]
    return None


def _keys(fields: tuple[str, ...]) -> Iterator[Hashable]:
    """Return what a request is looked up by, the most exact first."""
    kind = number(fields)
    position = REQUEST_ID.get(kind)
    rest = fields if position is None else (*fields[:position], *fields[position + 1 :])
    yield ("all", rest)
    place = CON_ID.get(kind)
    if place is None:
        yield ("kind", kind)
        return
    con_id = fields[place] if place < len(fields) else ""
    if con_id not in ("", "0"):
        once = ""
        if kind == MARKET_DATA and len(fields) > SNAPSHOT_FROM_END:
            once = fields[-SNAPSHOT_FROM_END]
        yield ("contract", kind, con_id, once)
