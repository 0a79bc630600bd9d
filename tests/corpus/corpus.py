"""The corpus: every cause alone, several at once, clean portfolios, and answers that are cut."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.corpus.acts import ACTS
from tests.corpus.case import Case
from tests.corpus.kind_acts import KIND_ACTS

#: Portfolios of the cases, positions.
SIZES = (12, 40, 40, 120, 300)
#: Cases with several acts, clean ones, and ones whose snapshots are cut.
MIXED, CLEAN, CUT = 60, 24, 24
#: Clean portfolios of other sizes.
CLEAN_SIZES = (1000, 3000, 10_000)
#: The default book holds one future; it is part of all portfolios of this size.
WITH_FUTURE = 120
#: The default book holds one of each other kind from this size on.
WITH_KINDS = 200


def corpus() -> Iterator[Case]:
    """Give every case, the same each time."""
    random = Random("corpus")
    number = 0

    def case(acts: tuple[str, ...], size: int | None = None, cut: bool = False) -> Case:
        nonlocal number
        number += 1
        positions = size or random.choice(SIZES)
        if "future_expired" in acts:
            positions = max(positions, WITH_FUTURE)
        # Each act wants contracts of its own.
        return Case(number, max(positions, 40 * len(acts)), acts, cut)

    for name, (_, times) in ACTS.items():
        for _ in range(times):
            yield case((name,))
    for _ in range(MIXED):
        yield case(tuple(random.sample(sorted(ACTS), random.randint(2, 5))))
    for _ in range(CLEAN):
        yield case(())
    for size in CLEAN_SIZES:
        yield case((), size)
    for n in range(CUT):
        yield case(() if n % 2 else (random.choice(sorted(ACTS)),), cut=True)
    for name, (_, times) in KIND_ACTS.items():
        for _ in range(times):
            yield case((name,), WITH_KINDS)
