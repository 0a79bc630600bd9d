"""Frame: all that pages show at a time, as a whole, and as the change from the one before. Pure.

A page that has a frame and gets the change to the next has the next: `whole(after)` is what
`change(before, after)` makes of `whole(before)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

import msgspec

from slotwise.client.holdings import Holdings
from slotwise.portfolio.grouping import portfolio
from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.selection import usual_order
from slotwise.portfolio.shares import divided
from slotwise.portfolio.sums import MEASURES
from slotwise.portfolio.words import notes
from slotwise.printable import printable
from slotwise.shown_accounts import ShownAccounts
from workers.web.ages import epoch_ms
from workers.web.cells import FACTS, LIVE, Facts, Live, facts_of, live_of, row_id
from workers.web.sums import Key, SumLine, all_sums, group_sums
from workers.web.system import System

NOT_KNOWN = System()
#: The trees that a page offers: what holdings are grouped by.
TREES = (("strategy",), ("underlying", "expiry"))


class Headline(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on the whole system, in its words."""

    standing: str
    sentence: str
    advice: str = ""


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """All that pages show, numbered; numbers grow by one."""

    number: int
    at: datetime
    headline: Headline
    #: Why holdings cannot be read now: those shown are the last that were read.
    trouble: str = ""
    #: When positions were last read from TWS.
    positions_at: datetime | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Facts] = {}
    live: Mapping[str, Live] = {}
    #: Sums of everything, and of each group of each tree, by the tree's names.
    total: tuple[SumLine, ...] = ()
    sums: Mapping[str, Mapping[Key, tuple[SumLine, ...]]] = {}
    system: System = System()


class Known(msgspec.Struct, frozen=True):
    """A holding with the cells that were made of it."""

    row: PortfolioRow
    facts: Facts
    live: Live


class FrameBuilder:
    """Builds frames, and makes the cells of a holding anew only where the holding is another."""

    def __init__(
        self, *, whole_accounts: bool = False, mask: Callable[[str], str] = lambda text: text
    ) -> None:
        """Show accounts whole or by their last digits; `mask` hides them in texts."""
        self._whole_accounts = whole_accounts
        self._mask = mask
        self._known: dict[str, Known] = {}

    def build(
        self, number: int, holdings: Holdings, headline: Headline, system: System = NOT_KNOWN
    ) -> Frame:
        """Build the frame of what was read."""
        at = holdings.at
        accounts = ShownAccounts({row.account for row in holdings.rows}, whole=self._whole_accounts)
        before, self._known = self._known, {}
        for row in sorted(divided(holdings.rows), key=usual_order):
            account = accounts.name(row.account)
            name = row_id(row, account)
            if name in self._known:
                # A share of another strategy in the same holding.
                name = f"{name} {row.strategy}"
            known = before.get(name)
            if known is None or known.row != row:
                known = Known(row, facts_of(row, account), live_of(row, at))
            self._known[name] = known
        trees = {",".join(by): portfolio(holdings.rows, holdings.rates, at, by) for by in TREES}
        total = trees[",".join(TREES[0])].total
        return Frame(
            number=number,
            at=at,
            headline=headline,
            system=system,
            positions_at=holdings.positions_at,
            notes=tuple(
                printable(self._mask(note))
                for note in notes(
                    total,
                    at,
                    positions_at=holdings.positions_at,
                    unknown=holdings.unknown,
                    closed_today=holdings.closed_today,
                )
            ),
            facts={name: one.facts for name, one in self._known.items()},
            live={name: one.live for name, one in self._known.items()},
            total=all_sums(total),
            sums={tree: group_sums(found.total) for tree, found in trees.items()},
        )


def whole(frame: Frame) -> dict[str, object]:
    """Return everything of a frame, for a page that has none."""
    return {
        "kind": "whole",
        "columns": {"facts": FACTS, "live": LIVE, "measures": MEASURES},
        **_head(frame),
        "facts": frame.facts,
        "live": frame.live,
        "total": frame.total,
        "sums": frame.sums,
        "system": frame.system,
    }


def change(before: Frame, after: Frame) -> dict[str, object]:
    """Return what a page needs that has the frame before."""
    return {
        "kind": "change",
        "before": before.number,
        **_head(after),
        "facts": _changes_between(before.facts, after.facts),
        "live": _changes_between(before.live, after.live),
        "gone": _missing_from(before.facts, after.facts),
        "total": after.total if after.total != before.total else None,
        "system": after.system if after.system != before.system else None,
        "sums": {
            tree: _changes_between(before.sums.get(tree, {}), found)
            for tree, found in after.sums.items()
        },
        "gone_sums": {
            tree: _missing_from(found, after.sums.get(tree, {}))
            for tree, found in before.sums.items()
        },
    }


def _head(frame: Frame) -> dict[str, object]:
    return {
        "number": frame.number,
        "at": epoch_ms(frame.at),
        "headline": frame.headline,
        "trouble": frame.trouble,
        "positions_at": epoch_ms(frame.positions_at),
        "notes": frame.notes,
    }


def _changes_between(
    before: Mapping[str, object], after: Mapping[str, object]
) -> dict[str, object]:
    return {name: one for name, one in after.items() if before.get(name) != one}


def _missing_from(before: Iterable[str], after: Mapping[str, object]) -> list[str]:
    return [name for name in before if name not in after]
