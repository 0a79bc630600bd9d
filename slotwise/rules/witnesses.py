"""Witnesses: where IB's own mark of a holding, its quote and its mark here cannot all be right.

IB values every holding by itself, every three minutes. IB's value of a holding, divided by the
contract's multiplier and magnifier as known here, is a price in the units of quotes
(`their_price`). It agrees with a mark that is no further from it than a few bands: a band holds the
true middle 95 times of 100, and IB's mark need not be the middle. What disagrees is a finding with
a cause:

| cause | what is seen |
|---|---|
| magnifier | the two prices are a hundred times one another |
| multiplier | IB's price agrees, and IB's value of the holding does not |
| crossed | the quote's bid is above its ask: its middle is no price |
| closed | the market is closed: one of the two is of another session |
| zero_size | a side of the quote is missing, and the price that is left is not IB's |
| wide | bid and ask are absurdly far apart, or IB's price is between them |
| stale | the quote is too old |
| jumped | the quote is young and narrow, and elsewhere |

A market moves while IB values it, so a finding counts once two successive updates of IB agree on it
(`WitnessBook`), of a mark between two quotes with another quote behind it; magnifier and multiplier
count at once, as no market does that. Delayed quotes show these two alone. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Literal, TypeAlias

import msgspec

from slotwise.contract import Contract, PositionKey
from slotwise.quote import Quote, is_fair
from slotwise.rules.marks.marked import Marked
from slotwise.rules.valuation import money

Cause: TypeAlias = Literal[
    "magnifier", "multiplier", "crossed", "closed", "zero_size", "wide", "stale", "jumped"
]
#: How many bands IB's mark may be away from the market that is shown, and from a mark between two
#: quotes: on a wild day some of ten thousand of those are four bands off until their next quote.
BANDS, BANDS_BETWEEN = 3.0, 6.0
#: Smallest difference that counts, as a share of the price: below it no reader is misled.
SMALLEST = 0.002
#: The two prices are a hundred times one another within this share.
HUNDRED_WITHIN = 0.05
#: A quote that is older than this is stale, seconds; younger ones are compared by themselves too.
STALE_S, FRESH_S = 120.0, 15.0
#: Causes that no market brings about.
AT_ONCE: frozenset[Cause] = frozenset(("magnifier", "multiplier"))
#: Sources of marks that are the middle of a market that is shown.
SHOWN = frozenset(("stream", "quote"))
#: A quote that is older than this is not about to be replaced, seconds: cap of 10,000 in turn.
LONG_STALE_S = 1800.0
ONE = Decimal(1)


class AccountMark(msgspec.Struct, frozen=True, kw_only=True):
    """IB's value of a holding, as it came by an account's update; None where IB gives none.

    `price` is as IB shows it, `value` and `unrealized_pnl` are money of the contract's currency.
    """

    account: str
    con_id: int
    quantity: Decimal
    price: Decimal | None
    value: Decimal | None
    unrealized_pnl: Decimal | None
    at: datetime

    @property
    def key(self) -> PositionKey:
        return self.account, self.con_id


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One disagreement: prices as quoted, `theirs` is IB's, `quoted_at` the time of our quote.

    `between` is True where our price is a mark between two quotes, whose next may well agree.
    """

    account: str
    con_id: int
    cause: Cause
    theirs: float
    ours: float | None
    band: float | None
    at: datetime
    quoted_at: datetime | None = None
    between: bool = False


def their_price(reported: AccountMark, contract: Contract) -> float | None:
    """Return IB's mark in the units of quotes; None where something is unknown."""
    unit = money(contract, reported.quantity, ONE)
    if reported.value is None or not unit:
        return None
    return float(reported.value / unit)


def finding_of(
    reported: AccountMark,
    contract: Contract,
    quote: Quote | None,
    mark: Marked | None,
    *,
    is_open: bool = True,
) -> Finding | None:
    """Compare IB's value with the newest quote and mark of its moment; None where they agree.

    What is not known is not compared.
    """
    theirs = their_price(reported, contract)
    if theirs is None:
        return None
    ours = None if mark is None else mark.value
    band = None if mark is None else mark.band
    allowed = None if mark is None else _allowed_difference(mark)
    cause = _cause(reported, theirs, quote, ours, allowed, is_open=is_open)
    if cause is None:
        return None
    return Finding(
        account=reported.account,
        con_id=reported.con_id,
        cause=cause,
        theirs=theirs,
        ours=ours,
        band=band,
        at=reported.at,
        quoted_at=None if quote is None else quote.observed_at,
        between=mark is not None and mark.source not in SHOWN,
    )


def _cause(
    reported: AccountMark,
    theirs: float,
    quote: Quote | None,
    ours: float | None,
    allowed: float | None,
    *,
    is_open: bool,
) -> Cause | None:
    if is_open and quote is not None and not quote.delayed and _is_crossed(quote):
        return "crossed"
    if ours is None or allowed is None:
        return None
    young = quote is not None and (reported.at - quote.observed_at).total_seconds() <= FRESH_S
    shown = quote.price()[0] if quote is not None and young else None
    # IB may value a holding by bid or ask as well as by the middle.
    allowed += _half_width(quote)
    off = abs(theirs - ours) > allowed
    if not off and (shown is None or abs(theirs - float(shown)) <= allowed):
        return None
    if off and _is_hundredfold(theirs, ours):
        return "magnifier"
    if off and reported.price is not None and abs(float(reported.price) - ours) <= allowed:
        return "multiplier"
    if quote is not None and quote.delayed:
        # IB's mark is current, the quote is a quarter of an hour old: they need not agree.
        return None
    if not is_open:
        return "closed"
    return _cause_of_quote(reported, theirs, quote)


def _cause_of_quote(reported: AccountMark, theirs: float, quote: Quote | None) -> Cause:
    if quote is None:
        return "stale"
    if quote.bid is None or quote.ask is None:
        return "zero_size"
    if not is_fair(quote.bid, quote.ask) or float(quote.bid) <= theirs <= float(quote.ask):
        return "wide"
    age_s = (reported.at - quote.observed_at).total_seconds()
    return "stale" if age_s > STALE_S else "jumped"


def _allowed_difference(mark: Marked) -> float | None:
    """Return how far IB's mark may be from ours, as quoted; None where that is not known."""
    if mark.value is None or mark.band is None:
        return None
    bands = BANDS if mark.source in SHOWN else BANDS_BETWEEN
    return bands * mark.band + SMALLEST * abs(mark.value)


def _is_crossed(quote: Quote) -> bool:
    return quote.bid is not None and quote.ask is not None and quote.bid > quote.ask


def _half_width(quote: Quote | None) -> float:
    """Return half of a market's width; 0 where there are no two sides, or they are absurd."""
    if quote is None or quote.bid is None or quote.ask is None:
        return 0.0
    return float(quote.ask - quote.bid) / 2.0 if is_fair(quote.bid, quote.ask) else 0.0


def _is_hundredfold(one: float, other: float) -> bool:
    if one * other <= 0.0:
        return False
    ratio = max(one / other, other / one)
    return abs(ratio / 100.0 - 1.0) <= HUNDRED_WITHIN


def _confirms(before: Finding | None, finding: Finding) -> bool:
    """Return True where a finding repeats that of IB's last update."""
    if before is None or before.at >= finding.at:
        return False
    if not finding.between or finding.quoted_at is None or before.quoted_at != finding.quoted_at:
        return True
    return (finding.at - finding.quoted_at).total_seconds() > LONG_STALE_S


class WitnessBook:
    """The findings that stand, by holding."""

    def __init__(self) -> None:
        self._last: dict[PositionKey, Finding] = {}
        #: Findings that count, by holding.
        self.standing: dict[PositionKey, Finding] = {}
        #: How often a finding of each cause began to count.
        self.counts: Counter[Cause] = Counter()

    def take(self, reported: AccountMark, finding: Finding | None) -> Finding | None:
        """Take one update of IB; return the finding where it begins to count."""
        key, before = reported.key, self._last.get(reported.key)
        known = self.standing.pop(key, None)
        if finding is None:
            self._last.pop(key, None)
            return None
        self._last[key] = finding
        counts = finding.cause in AT_ONCE or _confirms(before, finding)
        if counts or known is not None:
            self.standing[key] = finding
        if not counts or (known is not None and known.cause == finding.cause):
            return None
        self.counts[finding.cause] += 1
        return finding

    def keep(self, held: Collection[PositionKey]) -> None:
        """Remove the findings of what is not held any more."""
        self._last = {key: one for key, one in self._last.items() if key in held}
        self.standing = {key: one for key, one in self.standing.items() if key in held}

    def of(self, con_id: int) -> Iterable[Finding]:
        """Yield the findings of a contract, of whatever account."""
        return (one for one in self.standing.values() if one.con_id == con_id)
