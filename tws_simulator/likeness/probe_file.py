"""Read a probe's JSON file: facts by name, each with a value where it is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tws_simulator.errors import UsageError

#: Version of the file's form that is read.
FORMAT = 1


def read_facts(path: Path) -> Mapping[str, Any]:
    """Return the values of the facts that the probe found; raises UsageError.

    A fact that the probe could not find out has no value, and is left out.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--like {path}: it cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"--like {path}: it is no JSON: {error}") from error
    facts = content.get("facts") if isinstance(content, dict) else None
    if not isinstance(facts, list):
        raise UsageError(f"--like {path}: it is no file of a probe: it has no facts")
    if content.get("format") != FORMAT:
        raise UsageError(
            f"--like {path}: its format is {content.get('format')!r}, {FORMAT} can be read"
        )
    found: dict[str, Any] = {}
    for fact in facts:
        if not isinstance(fact, dict) or not isinstance(fact.get("name"), str):
            raise UsageError(f"--like {path}: a fact has no name")
        if fact.get("value") is not None:
            found[fact["name"]] = fact["value"]
        elif isinstance(fact.get("text"), str) and fact["name"] in WORDS:
            found[fact["name"]] = fact["text"]
    return found


#: Facts without a value whose words say how TWS was.
WORDS = frozenset(("login", "positions"))
