"""Recordings of the conversation with TWS: lines, what is replaced in them, a check. Pure."""

from slotwise.wire.frame import Direction, Frame, Header
from slotwise.wire.privacy import Finding, findings
from slotwise.wire.recording import Recording, read_recording, write_line
from slotwise.wire.replacer import Replacer

__all__ = [
    "Direction",
    "Finding",
    "Frame",
    "Header",
    "Recording",
    "Replacer",
    "findings",
    "read_recording",
    "write_line",
]
