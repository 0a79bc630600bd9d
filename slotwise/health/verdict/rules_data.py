"""Rules on positions, market data, the legs of strategies, and prices."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf

from slotwise.bus.status import LegState
from slotwise.formatting import counted
from slotwise.health.verdict.facts import Facts, Leg, StrategyLegs
from slotwise.health.verdict.finding import Finding
from slotwise.health.verdict.words import duration_words, name_words, since_words

#: A rotation that has just begun is given this long, seconds, before prices count as missing.
#: One round of a large portfolio takes longer: then the sentence gives the progress.
FIRST_ROUND_S = 5.0
#: An age is late when it is above the promise by this factor: quotes come in bursts.
LATE_FACTOR = 1.5


def find_positions_unknown(facts: Facts) -> Finding | None:
    """Find accounts whose positions are not known."""
    unknown = facts.positions.unknown
    if not unknown:
        return None
    since = min(at for at, _ in unknown.values())
    # The account without a name stands for all: its reason is TWS's own words.
    ordered = sorted(unknown, key=bool)
    reason = next((why for account in ordered if (why := unknown[account][1])), "")
    which = "" if "" in unknown else f" of {name_words(sorted(unknown))}"
    text = f": {reason}" if reason else ""
    return Finding(
        f"positions{which} are not known{since_words(since, facts.now)}{text}; "
        "nothing is closed meanwhile",
        "wait until TWS answers with positions; log in again if it does not",
    )


def find_positions_late(facts: Facts) -> Finding | None:
    """Find that no complete answer of positions has come for too long."""
    positions = facts.positions
    if positions.polled_at is None:
        return Finding("no complete answer of positions has come yet", "is TWS still loading?")
    age_s = (facts.now - positions.polled_at).total_seconds()
    if age_s <= positions.late_after_s:
        return None
    return Finding(
        f"the newest positions are {duration_words(age_s)} old",
        "is TWS still loading? the gateway's log has its answers",
    )


def find_competing(facts: Facts) -> Finding | None:
    """Find that another session of the user has the market data (10197)."""
    if facts.data.competing_since is None:
        return None
    return Finding(
        f"another session has the market data{since_words(facts.data.competing_since, facts.now)}",
        "log out of TWS or the app on the other device; data comes back by itself",
    )


def find_not_permitted(facts: Facts) -> Finding | None:
    """Find contracts that the account has no market data permission for."""
    data = facts.data
    if not data.not_permitted:
        return None
    advice = (
        "subscribe to the data at IB, or close the contracts' strategies"
        if data.delayed
        else "SLOTWISE_DELAYED_DATA=1 takes delayed data; or subscribe to the data at IB"
    )
    return Finding(
        f"no market data permission for {data.not_permitted:,} of "
        f"{counted(max(data.asked, data.not_permitted), 'contract')}",
        advice,
    )


def find_farm_down(facts: Facts) -> Finding | None:
    """Find market data farms that are down."""
    down = facts.data.farms_down
    if not down:
        return None
    since = min(down.values())
    names = name_words(sorted(down))
    return Finding(
        f"IB's market data farm {names} is down{since_words(since, facts.now)}",
        "wait: IB's farms come back by themselves, mostly within minutes",
    )


def find_unknown_legs(facts: Facts) -> Finding | None:
    """Find legs that TWS does not have."""
    found = [(s, leg) for s in facts.strategies for leg in s.legs if leg.state == "unknown"]
    if not found:
        return None
    strategy, leg = found[0]
    more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
    return Finding(
        f"unknown contract {leg.con_id} in strategy {strategy.name}{more}",
        f"correct its legs: slotwise strategies show {strategy.name}",
    )


def find_expired_legs(facts: Facts) -> Finding | None:
    """Find legs that have expired."""
    found = [(s, leg) for s in facts.strategies for leg in s.legs if leg.state == "expired"]
    if not found:
        return None
    strategy, leg = found[0]
    more = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
    when = leg.reason or "expired"
    return Finding(
        f"{leg.label or leg.con_id} in strategy {strategy.name} {when}{more}",
        f"close the strategy: slotwise strategies close {strategy.name}",
    )


def find_legs_without_line(facts: Facts) -> Finding | None:
    """Find active contracts that wait for a line."""
    waiting = _con_ids(facts.strategies, {"waiting"})
    if not waiting:
        return None
    active = _con_ids(facts.strategies, None)
    lines = facts.lines
    short = f"{lines.held:,} of {lines.limit:,} lines are held"
    if lines.kept_for_quotes:
        are = "is" if lines.kept_for_quotes == 1 else "are"
        short += f", {lines.kept_for_quotes} {are} left to quotes in turn"
    if lines.limit < lines.allowed:
        short += f"; TWS grants fewer than the {lines.allowed:,} of the settings"
        advice = "close other users of the lines (TWS watchlists, charts), or activate fewer"
    elif lines.held < lines.limit - lines.kept_for_quotes:
        advice = "wait a few seconds: lines are being opened one after another"
    else:
        advice = "activate fewer contracts, or order more lines at IB"
    return Finding(
        f"{len(waiting):,} of {counted(len(active), 'active contract')} "
        f"{'has' if len(waiting) == 1 else 'have'} no line: {short}",
        advice,
    )


def find_unseen_legs(facts: Facts, *, explained: bool = False) -> Finding | None:
    """Find strategies of which some legs have no data; a reason that is `explained` is left out."""
    worst = _worst(facts.strategies)
    if worst is None:
        return None
    strategy, legs = worst
    since = min((leg.since for leg in legs if leg.since is not None), default=None)
    others = sum(1 for s in facts.strategies if s is not strategy and _without_data(s))
    more = f" (and {counted(others, 'other strategy', 'other strategies')})" if others else ""
    reason = next((leg.reason for leg in legs if leg.reason), "")
    text = f": {reason}" if reason and not explained else ""
    return Finding(
        f"{strategy.name}: {len(legs)} of {counted(len(strategy.legs), 'leg')} without data"
        f"{since_words(since, facts.now)}{more}{text}",
        f"slotwise why {legs[0].con_id} gives the reason",
    )


def find_rotation_stopped(facts: Facts) -> Finding | None:
    """Find that the rotation cannot quote anything because no line is left for it."""
    prices, lines = facts.prices, facts.lines
    if prices.off or not prices.contracts or lines.held < lines.limit:
        return None
    if prices.contracts == prices.closed:
        return None
    lowered = lines.limit < lines.allowed
    fewer = f"; TWS grants fewer than the {lines.allowed:,} of the settings" if lowered else ""
    return Finding(
        f"no line is left to price {counted(prices.contracts, 'other contract')}: "
        f"strategies hold {lines.held:,} of {lines.limit:,}{fewer}",
        "close other users of the lines (TWS watchlists, charts), or activate fewer"
        if lowered
        else "activate fewer contracts, or order more lines at IB",
    )


def find_prices_missing(facts: Facts) -> Finding | None:
    """Find contracts that never had a price."""
    prices = facts.prices
    if not prices.never:
        return None
    if prices.since is not None and (facts.now - prices.since).total_seconds() < FIRST_ROUND_S:
        return Finding(
            f"prices are being read: {prices.contracts - prices.never:,} of "
            f"{counted(prices.contracts, 'contract')} so far",
            "wait a few seconds",
        )
    silent = min(prices.unanswered, prices.never)
    left = prices.never - silent
    parts = []
    if left and prices.rate > 0:
        parts.append(f"{left:,} in turn, about {duration_words(left / prices.rate)}")
    elif left:
        parts.append(f"{left:,} not asked for yet")
    if silent:
        parts.append(f"TWS gives none for {silent:,}")
    advice = (
        "slotwise lines lists them; slotwise why CONTRACT gives the reason of each"
        if silent
        else "wait until the rotation has been round once"
    )
    return Finding(
        f"{prices.never:,} of {counted(prices.contracts, 'contract')} have never had a price: "
        f"{'; '.join(parts)}",
        advice,
    )


def find_prices_silent(facts: Facts) -> Finding | None:
    """Find contracts that had a price and get none any more, beyond those without permission."""
    prices = facts.prices
    silent = prices.silent - facts.data.not_permitted
    if silent <= 0:
        return None
    return Finding(
        f"TWS gives no price any more for {silent:,} of {counted(prices.contracts, 'contract')}",
        "slotwise lines lists them; slotwise why CONTRACT gives the reason of each",
    )


def find_rates_missing(facts: Facts) -> Finding | None:
    """Find held currencies without an exchange rate: totals in the base currency lack them."""
    lacking = facts.currencies_without_rate
    if not lacking:
        return None
    why = f": {facts.rates_trouble}" if facts.rates_trouble else ""
    return Finding(
        f"no exchange rate of {name_words(list(lacking))}{why}; "
        "totals in the base currency lack it",
        "nothing: TWS is asked again each minute; slotwise positions names what is lacking",
    )


def find_contracts_gone(facts: Facts) -> Finding | None:
    """Find held contracts that TWS does not have: expired, delisted, or not to be traded."""
    gone = facts.prices.gone
    if not gone:
        return None
    return Finding(
        f"TWS does not know {counted(gone, 'held contract')}: no price exists",
        "nothing: a row of a delisted or expired contract goes when IB books it out",
    )


def find_prices_late(facts: Facts) -> Finding | None:
    """Find quotes that are older than the rotation promises."""
    prices = facts.prices
    if prices.oldest_s is None or prices.promised_s is None:
        return None
    allowed_s = LATE_FACTOR * prices.promised_s + FIRST_ROUND_S
    # After an outage the rotation needs the promised time for one complete round.
    can_ask_s = inf if prices.since is None else (facts.now - prices.since).total_seconds()
    if min(prices.oldest_s, can_ask_s) <= allowed_s:
        return None
    return Finding(
        f"the oldest price is {duration_words(prices.oldest_s)} old; "
        f"{duration_words(prices.promised_s)} was promised",
        "slotwise lines shows what the rotation does",
    )


def _without_data(strategy: StrategyLegs) -> list[Leg]:
    return [leg for leg in strategy.legs if leg.state in ("unseen", "refused")]


def _worst(strategies: Iterable[StrategyLegs]) -> tuple[StrategyLegs, list[Leg]] | None:
    unseen = [(strategy, _without_data(strategy)) for strategy in strategies]
    return max(
        ((strategy, legs) for strategy, legs in unseen if legs),
        key=lambda found: (len(found[1]), found[0].name),
        default=None,
    )


def _con_ids(strategies: Iterable[StrategyLegs], states: set[LegState] | None) -> set[int]:
    return {
        leg.con_id
        for strategy in strategies
        for leg in strategy.legs
        if states is None or leg.state in states
    }
