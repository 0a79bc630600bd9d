"""Read a recording: JSON lines of a conversation with TWS, or a wire log of this simulator."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tws_simulator.errors import UsageError

#: Newest format of recordings that is understood.
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a recording: seconds since its begin, whether the client sent it, fields."""

    t: float
    from_client: bool
    fields: tuple[str, ...]


@dataclass(slots=True)
class Conversation:
    """What passed one connection."""

    #: Version that TWS named in the handshake, and the text behind it; 0 where it named none.
    version: int = 0
    time_text: str = ""
    messages: list[Message] = field(default_factory=list)
    #: When the connection ended, seconds; None where the recording ended before.
    closed_at: float | None = None


def read_recording(path: Path) -> list[Conversation]:
    """Read the conversations of a recording, in their order; raises UsageError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--replay: {path} cannot be read: {error}") from error
    found: dict[object, Conversation] = {}
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            if not isinstance(value, dict):
                raise TypeError("no object")
            _take(value, found)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            if number == len(lines):
                # The last line of a process that was killed has no end.
                break
            raise UsageError(f"--replay: {path}, line {number}: {error!r}") from error
    conversations = [each for each in found.values() if each.version and each.messages]
    if not conversations:
        raise UsageError(f"--replay: {path} holds no conversation with a TWS")
    return conversations


def _take(line: dict[str, object], found: dict[object, Conversation]) -> None:
    """Add one line, of a recording or of a wire log."""
    if line.get("line") == "recording":
        version = line["version"]
        if not isinstance(version, int) or version > FORMAT:
            raise ValueError(f"format {version} is newer than this simulator")
        return
    if line.get("state") in ("waits", "rejected", "withheld"):
        return
    number = line.get("connection", line.get("conn"))
    if number is None:
        return
    conversation = found.setdefault(number, Conversation())
    t = _seconds(line["t"])
    kind = line.get("line", line.get("kind"))
    if kind in ("closed", "close"):
        conversation.closed_at = t
    if kind not in ("frame", "greeting"):
        return
    raw = line["fields"]
    if not isinstance(raw, list):
        raise TypeError("fields are no list")
    fields = tuple(str(each) for each in raw)
    from_client = line.get("sender") == "client" or line.get("dir") == "in"
    if kind == "greeting" or line.get("handshake"):
        if not from_client and fields and fields[0].isdigit():
            conversation.version = int(fields[0])
            conversation.time_text = fields[1] if len(fields) > 1 else ""
        return
    conversation.messages.append(Message(t, from_client, fields))


def _seconds(value: object) -> float:
    if not isinstance(value, int | float):
        raise TypeError("t is no number")
    return float(value)
