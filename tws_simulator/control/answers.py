"""Answers of the control port as lines."""

from __future__ import annotations

import json


def refusal(why: str) -> bytes:
    """Answer why a command was not done."""
    return json.dumps({"ok": False, "error": why}).encode() + b"\n"
