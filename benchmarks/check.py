"""A new run beside a stored one: what has become worse than noise explains. Pure.

A ratio is worse when its median is, by more than its noise, beyond the worst that was stored. The
noise is the share each ratio names, which is wider where few things are counted.
"""

from __future__ import annotations

from benchmarks.figures import Ratio, Run


def regressions(stored: Run, new: Run) -> list[str]:
    """List each ratio that has become worse, or is gone from a part that was run again.

    One that may lack is no regression where it does.
    """
    known = {(part.name, ratio.name): ratio for part in stored.parts for ratio in part.ratios}
    found = {(part.name, ratio.name): ratio for part in new.parts for ratio in part.ratios}
    again = {part.name for part in new.parts}
    lines = []
    for (part, name), before in known.items():
        after = found.get((part, name))
        if part not in again:
            continue
        if after is None:
            if before.may_lack:
                continue
            lines.append(f"{part}: {name} is not measured any more")
        elif _is_worse(before, after):
            lines.append(
                f"{part}: {name} ({after.of}) is {after.value.median:.3g}, was"
                f" {before.value.median:.3g} ({before.value.low:.3g} to {before.value.high:.3g})"
            )
    return lines


def _is_worse(before: Ratio, after: Ratio) -> bool:
    # What met its goal and meets it still is no regression, however it moved.
    if before.met and after.met:
        return False
    if after.better == "less":
        return after.value.median > before.value.high + before.noise * abs(before.value.high)
    return after.value.median < before.value.low - before.noise * abs(before.value.low)
