"""Sizes: how much every container holds that hangs on an object, found by walking, not by name."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping

#: Objects of these packages are walked through; others are counted as one thing.
OURS = ("slotwise", "tws_simulator", "workers", "ib_async", "eventkit")
#: What can grow is counted; it is walked through, and so is what cannot.
GROWING = (dict, list, set, deque)
CONTAINERS = (*GROWING, tuple, frozenset)


def sizes(root: object) -> Counter[str]:
    """Map the path of each container to its length; items of one container share a path."""
    found: Counter[str] = Counter()
    seen: set[int] = set()
    left: list[tuple[str, object]] = [("", root)]
    while left:
        path, thing = left.pop()
        if id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, CONTAINERS):
            if isinstance(thing, GROWING):
                found[path] += len(thing)
            items = thing.values() if isinstance(thing, Mapping) else thing
            left += [(f"{path}[]", item) for item in items]
        elif type(thing).__module__.split(".")[0] in OURS and not isinstance(thing, type):
            left += [(f"{path}.{name}", value) for name, value in _attributes(thing)]
    return found


def _attributes(thing: object) -> Iterator[tuple[str, object]]:
    yield from getattr(thing, "__dict__", {}).items()
    for kind in type(thing).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if not name.startswith("__") and hasattr(thing, name):
                yield name, getattr(thing, name)
