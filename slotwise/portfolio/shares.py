"""Rows by the shares of strategies: a holding that several have is a row of each.

Money and greeks follow the quantity, so those of a share are as much of the holding's as its
quantity is; together they are the holding's again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

import msgspec

from slotwise.portfolio.row import PortfolioRow
from slotwise.portfolio.sums import MEASURES
from slotwise.position import Position
from slotwise.precision import EXACT
from slotwise.rules.strategy_shares import NO_STRATEGY, Share, ShareClaim, shares_of


def shares_by_holding(
    held: Iterable[Position],
    owners: Mapping[int, tuple[str, ...]],
    quantities: Mapping[int, Mapping[str, Decimal]],
) -> dict[tuple[str, int], tuple[Share, ...]]:
    """Return the shares of each holding for whose contract a strategy names a quantity."""
    by_contract: dict[int, dict[str, Decimal]] = {}
    for one in held:
        con_id = one.contract.con_id
        if con_id in quantities:
            by_contract.setdefault(con_id, {})[one.account] = one.quantity
    return {
        (account, con_id): shares
        for con_id, of in by_contract.items()
        for account, shares in shares_of(of, _claims(con_id, owners, quantities)).items()
    }


def divided(rows: Iterable[PortfolioRow]) -> Iterator[PortfolioRow]:
    """Yield each row, or where strategies share its holding a row of each share."""
    for row in rows:
        if row.shares:
            yield from (_part(row, share) for share in row.shares)
        else:
            yield row


def _claims(
    con_id: int,
    owners: Mapping[int, tuple[str, ...]],
    quantities: Mapping[int, Mapping[str, Decimal]],
) -> list[ShareClaim]:
    own = quantities[con_id]
    return [ShareClaim(name, own.get(name)) for name in owners.get(con_id, ())]


def _part(row: PortfolioRow, share: Share) -> PortfolioRow:
    measures = {name: _share_of(getattr(row, name), row.quantity, share) for name in MEASURES}
    return msgspec.structs.replace(
        row,
        strategy=share.strategy,
        strategies=() if share.strategy == NO_STRATEGY else (share.strategy,),
        quantity=share.quantity,
        shares=(),
        **measures,
    )


def _share_of(amount: Decimal | None, whole: Decimal, share: Share) -> Decimal | None:
    if amount is None:
        return None
    return EXACT.divide(EXACT.multiply(amount, share.quantity), whole)
