"""Which client holds which market data line, from the wire log alone.

Written from the protocol's rules, and importing nothing of the simulator: it can contradict it.

* A request (1) takes a line when its first answer is 58 or 91; any error under its id refuses it.
* An error 320 means that the request could not be read: it never was one.
* A line is given back by a cancel (2), a snapshot also by its end (57).
* The end of the conversation and error 1101 end all lines of a client.
* Frames that wait, or were rejected for their pace, ask for nothing.
* What a silence withholds was said when it was withheld; its late delivery says nothing new.
* While TWS is without IB a request has no answer, and holds nothing; it may be cancelled, and
  error 1101 or the end of its client lose it.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

Line = dict[str, Any]

#: Messages from the client.
MKT_DATA, CANCEL_MKT_DATA = 1, 2
#: Messages to it.
ERROR, SNAPSHOT_END, MARKET_DATA_TYPE, REROUTE = 4, 57, 58, 91
#: Errors: the request is unreadable, the cancelled id is unknown, all data is lost.
UNREADABLE, UNKNOWN_ID, DATA_LOST = 320, 300, 1101
#: Warnings about a request that goes on.
WARNINGS = frozenset((2188, 10090, 10091, 10167))
#: From this server version on an error has no message version before its id.
VERSION_BARE_ERROR = 194
#: Fields of a request before the contract, of a contract, of a leg, of a delta-neutral contract.
BEFORE, CONTRACT, LEG, DELTA_NEUTRAL = 3, 12, 4, 3


def requests_read(log: Path) -> list[list[str]]:
    """Return the fields of each request, once: one that had to wait is noted again afterwards."""
    lines = map(json.loads, log.read_text().splitlines())
    return [
        line["fields"]
        for line in lines
        if line["kind"] == "frame" and line["dir"] == "in" and line.get("state") != "released"
    ]


@dataclass(frozen=True)
class Event:
    """Hold what happened to a line; `held` counts lines after it."""

    t: float
    client_id: int
    event: str
    req_id: int
    held: int


@dataclass
class _Client:
    client_id: int = -1
    version: int = 0
    #: Requests that have no answer yet, by their id, in their order: whether each is a snapshot.
    asked: dict[int, deque[bool]] = field(default_factory=lambda: defaultdict(deque))
    #: Lines: whether each is a snapshot's.
    lines: dict[int, bool] = field(default_factory=dict)
    cancelled: set[int] = field(default_factory=set)


class Contradiction(AssertionError):
    """The log shows what the protocol does not allow."""


class Recount:
    """Read the lines of a wire log, one start of a simulator, and count."""

    def __init__(self, *, snapshots_free: bool = False) -> None:
        self._snapshots_free = snapshots_free
        self._clients: dict[int, _Client] = {}
        self.events: list[Event] = []

    @property
    def held(self) -> int:
        """Count the lines that are held now."""
        return sum(
            not (is_snapshot and self._snapshots_free)
            for client in self._clients.values()
            for is_snapshot in client.lines.values()
        )

    def lines_of(self, client_id: int) -> set[int]:
        """Return which requests of a client hold a line or wait for a snapshot now."""
        return {
            req_id
            for client in self._clients.values()
            if client.client_id == client_id
            for req_id in client.lines
        }

    def read(self, line: Line) -> None:
        """Take the next line of the log."""
        client = self._clients.setdefault(line["conn"], _Client())
        if line["client_id"] is not None:
            client.client_id = line["client_id"]
        match line["kind"], line.get("dir"):
            case "greeting", "out":
                client.version = int(line["fields"][0])
            case "frame", "in" if line["state"] in ("taken", "released"):
                self._asked(client, line)
            case "frame", "out" if line["state"] != "late":
                self._note_message(client, line)
            case "close", _:
                self._end_all(client, line)
                del self._clients[line["conn"]]

    def _asked(self, client: _Client, line: Line) -> None:
        fields = line["fields"]
        if client.client_id < 0:
            return
        if line["id"] == MKT_DATA and (req_id := _integer(fields, 2)) is not None:
            client.asked[req_id].append(_is_snapshot(fields))
        if line["id"] == CANCEL_MKT_DATA and (req_id := _integer(fields, 2)) is not None:
            if req_id in client.lines:
                del client.lines[req_id]
                self._note("cancel", client, req_id, line)
            elif client.asked[req_id]:
                client.asked[req_id].popleft()
            else:
                client.cancelled.add(req_id)

    def _note_message(self, client: _Client, line: Line) -> None:
        fields = line["fields"]
        # 58 has a message version before the id, 91 has not.
        opened = {MARKET_DATA_TYPE: 2, REROUTE: 1}.get(line["id"])
        if opened is not None and client.asked[int(fields[opened])]:
            req_id = int(fields[opened])
            is_snapshot = client.asked[req_id].popleft()
            if req_id in client.lines:
                raise Contradiction(f"request {req_id} is open twice")
            client.lines[req_id] = is_snapshot
            self._note("snapshot" if is_snapshot else "open", client, req_id, line)
        elif line["id"] == SNAPSHOT_END:
            req_id = int(fields[2])
            if not client.lines.pop(req_id, False):
                raise Contradiction(f"{req_id} is no snapshot that is open")
            self._note("end", client, req_id, line)
        elif line["id"] == ERROR:
            at = 1 if client.version >= VERSION_BARE_ERROR else 2
            self._failed(client, int(fields[at]), int(fields[at + 1]), line)

    def _failed(self, client: _Client, req_id: int, code: int, line: Line) -> None:
        if code == DATA_LOST:
            self._end_all(client, line)
        elif code == UNKNOWN_ID:
            if req_id not in client.cancelled:
                raise Contradiction(f"{req_id} was not cancelled, or it was open")
            client.cancelled.remove(req_id)
        elif client.asked[req_id] and code not in WARNINGS:
            # While one waits for IB, what is refused is the one that came after it.
            client.asked[req_id].pop()
            if code != UNREADABLE:
                self._note("reject", client, req_id, line)

    def _end_all(self, client: _Client, line: Line) -> None:
        client.asked.clear()
        for req_id in list(client.lines):
            del client.lines[req_id]
            self._note("end", client, req_id, line)

    def _note(self, event: str, client: _Client, req_id: int, line: Line) -> None:
        self.events.append(Event(line["t"], client.client_id, event, req_id, self.held))


def recount(lines: Iterable[Line], *, snapshots_free: bool = False) -> list[Event]:
    """Return what happened to lines, in the order of the log."""
    counted = Recount(snapshots_free=snapshots_free)
    for line in lines:
        counted.read(line)
    return counted.events


def read_log(path: Path) -> Iterator[Line]:
    """Read a wire log; a last line that a kill cut short is left out."""
    with path.open("rb") as file:
        for written in file:
            if written.endswith(b"}\n"):
                yield json.loads(written)


#: What is compared: client, event, request, and lines held after it.
Reported = tuple[int, str, int, int]


def reported_by_wire(events: Iterable[Event]) -> list[Reported]:
    """Return the result of the recount, ready to be compared."""
    return _in_any_order_of_ends([(e.client_id, e.event, e.req_id, e.held) for e in events])


def reported_by_ledger(entries: Iterable[Line]) -> list[Reported]:
    """Return the content of the ledger, ready to be compared."""
    return _in_any_order_of_ends(
        [(e["client_id"], e["event"], e["req_id"], e["held"]) for e in entries]
    )


def _in_any_order_of_ends(reported: Sequence[Reported]) -> list[Reported]:
    """Sort ends that follow each other at once, and yield only what is held after them.

    One turn of the simulator ends lines of several clients, and writes to one after the other.
    """
    result: list[Reported] = []
    for is_end, group in groupby(reported, key=lambda one: one[1] == "end"):
        events = list(group)
        after = events[-1][3]
        result += (
            sorted((client, event, req, after) for client, event, req, _ in events)
            if is_end
            else events
        )
    return result


def _integer(fields: Sequence[str], at: int) -> int | None:
    text = fields[at] if at < len(fields) else ""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 10):
        return None
    value = int(text)
    return value if -(2**31) <= value < 2**31 else None


def _is_snapshot(fields: Sequence[str]) -> bool:
    """Read the flag behind the contract, its legs and its delta-neutral contract."""
    at = BEFORE + CONTRACT
    sec_type = fields[BEFORE + 2] if len(fields) > BEFORE + 2 else ""
    if sec_type == "BAG":
        at += 1 + LEG * (_integer(fields, at) or 0)
    at += 1 + (DELTA_NEUTRAL if _integer(fields, at) else 0)
    return bool(_integer(fields, at + 1))
