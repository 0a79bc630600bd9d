"""Who gets the rows of a screen: each section its fewest, then more in turns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def shared(
    sizes: Mapping[str, Sequence[int]], rounds: Sequence[Sequence[str]], room: int | None
) -> dict[str, int]:
    """Give each section one of its sizes; with `room` None the greatest.

    A round says in which order sections take their next size, over and over until none of them
    can; who is named twice grows twice as fast. Where not even the fewest rows fit, the last are
    not drawn.
    """
    if room is None:
        return {name: of[-1] for name, of in sizes.items()}
    steps = dict.fromkeys(sizes, 0)
    left = room - sum(of[0] for of in sizes.values())
    for turns in rounds:
        grows = True
        while grows:
            grows = False
            for name in turns:
                of, step = sizes.get(name, ()), steps.get(name, 0)
                if step + 1 < len(of) and of[step + 1] - of[step] <= left:
                    left -= of[step + 1] - of[step]
                    steps[name] = step + 1
                    grows = True
    return {name: sizes[name][step] for name, step in steps.items()}
