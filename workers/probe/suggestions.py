"""Settings that follow from what a probe found, and how a .env file changes by them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from slotwise.settings import Settings
from workers.probe.fact import Fact


def suggestions(facts: Sequence[Fact], settings: Settings) -> dict[str, str]:
    """Return settings to change, by their names in .env."""
    by_name = {fact.name: fact for fact in facts}
    found: dict[str, str] = {}
    lines = by_name.get("lines_usable")
    if lines is not None and isinstance(lines.value, int) and lines.value != settings.lines:
        found["SLOTWISE_LINES"] = str(lines.value)
    data = {fact.value for fact in facts if fact.name.startswith("data_")}
    if "none" in data and "live" not in data and not settings.delayed_data:
        found["SLOTWISE_DELAYED_DATA"] = "true"
    if "live" in data and "delayed" not in data and settings.delayed_data and "none" not in data:
        found["SLOTWISE_DELAYED_DATA"] = "false"
    return found


def changed(text: str, values: Mapping[str, str]) -> str:
    """Return the text of a .env file with these settings; others and comments stay."""
    lines = text.splitlines()
    left = dict(values)
    for number, line in enumerate(lines):
        name = re.match(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", line)
        if name and name[1].upper() in left:
            lines[number] = f"{name[1]}={left.pop(name[1].upper())}"
    lines += [f"{name}={value}" for name, value in left.items()]
    return "\n".join(lines) + "\n" if lines else ""
