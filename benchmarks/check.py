"""A new run beside a stored one: what has become worse than noise explains. Pure.

A ratio is worse when its median is, by more than its noise, beyond the worst that was stored. The
noise is the share each ratio names, which is wider where few things are counted. It counts where
it is worse when it is measured once more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from benchmarks.figures import Part, Ratio, Run

#: Names of a part and of its ratio.
RatioKey: TypeAlias = tuple[str, str]


def regressions(stored: Run, new: Run) -> dict[RatioKey, str]:
    """Describe each ratio that has become worse, or is gone from a part that was run again.

    One that may lack is no regression where it does.
    """
    known = {(part.name, ratio.name): ratio for part in stored.parts for ratio in part.ratios}
    found = {(part.name, ratio.name): ratio for part in new.parts for ratio in part.ratios}
    measured = {part.name for part in new.parts}
    lines = {}
    for (part, name), before in known.items():
        after = found.get((part, name))
        if part not in measured:
            continue
        if after is None:
            if not before.may_lack:
                lines[part, name] = f"{part}: {name} is not measured any more"
        elif _is_worse(before, after):
            lines[part, name] = (
                f"{part}: {name} ({after.of}) is {after.value.median:.3g}, was"
                f" {before.value.median:.3g} ({before.value.low:.3g} to {before.value.high:.3g})"
            )
    return lines


def worse_twice(
    stored: Run, new: Run, measure: Callable[[str], Part], say: Callable[[str], None]
) -> list[str]:
    """Return what is worse in a new run, and worse again where its part is measured once more.

    A machine may be slower for a minute, also one side of a part more than the other; what the
    code has made worse is so each time. What is found the first time is said.
    """
    worse = regressions(stored, new)
    for line in worse.values():
        say(f"worse: {line}")
    parts = []
    for name in dict.fromkeys(part for part, _ in worse):
        say(f"{name} is measured once more")
        parts.append(measure(name))
    again = regressions(stored, msgspec.structs.replace(new, parts=tuple(parts)))
    return [line for key, line in again.items() if key in worse]


def _is_worse(before: Ratio, after: Ratio) -> bool:
    # What met its goal and meets it still is no regression, however it moved.
    if before.met and after.met:
        return False
    if after.better == "less":
        return after.value.median > before.value.high + before.noise * abs(before.value.high)
    return after.value.median < before.value.low - before.noise * abs(before.value.low)
