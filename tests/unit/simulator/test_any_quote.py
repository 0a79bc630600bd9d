"""Whatever quotes are set one after another, a line's picture is the last one in the end."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.holdings import HOLDINGS, holding
from tests.unit.simulator.in_memory import by_id, market_data_fields
from tests.unit.simulator.test_simulator_commands import give

#: Types whose prices a command can set: an index has no sides, and SLB no quote.
KINDS = sorted(set(HOLDINGS) - {"IND", "SLB"})
#: Names of prices and sizes by tick type.
PRICES = {"1": "bid", "2": "ask", "4": "last", "6": "high", "7": "low", "9": "close", "14": "open"}
SIZES = {"0": "bid", "3": "ask"}

prices = st.one_of(st.none(), st.sampled_from((-100, -1, 0, 1)), st.integers(-(10**6), 10**6))
sizes = st.integers(1, 10**6)


@st.composite
def quotes(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a quote whose bid is not above its ask; what is missing is not there."""
    quote = {name: draw(prices) for name in PRICES.values() if draw(st.booleans())}
    bid, ask = quote.get("bid"), quote.get("ask")
    if bid is not None and ask is not None:
        quote["bid"], quote["ask"] = min(bid, ask), max(bid, ask)
    for side in ("bid", "ask"):
        if quote.get(side) is not None and draw(st.booleans()):
            quote[f"{side}_size"] = draw(sizes)
    return quote


steps = st.one_of(
    quotes().map(lambda quote: {"do": "quote"} | quote),
    st.sampled_from(({"do": "halt"}, {"do": "resume"}, {"do": "dead"}, {"do": "dead", "on": 0})),
    st.floats(0.0, 2.0),
)


@settings(max_examples=examples(80), deadline=None)
@given(st.sampled_from(KINDS), st.lists(steps, max_size=12))
def test_the_last_quote_is_seen_in_the_end(kind: str, done: list[dict[str, Any] | float]) -> None:
    """A side that is quoted has its price and a size, one that is not has size 0."""
    tws = holding([HOLDINGS[kind].entry])
    [held] = tws.world.accounts.positions()
    contract, client = held.contract, tws.client()
    client.send(*market_data_fields(1, by_id(contract.con_id, HOLDINGS[kind].asked)))
    for step in done:
        if isinstance(step, float):
            tws.wait(step)
        else:
            assert give(tws, con_id=contract.con_id, **step)["ok"]
    for step in ({"do": "resume"}, {"do": "dead", "on": 0}):
        give(tws, con_id=contract.con_id, **step)
    tws.wait(12.0)
    seen: dict[str, tuple[float, Decimal]] = {}
    for fields in client.read(1, 2):
        if fields[0] == "1" and fields[3] in PRICES:
            seen[PRICES[fields[3]]] = (float(fields[4]), Decimal(fields[5] or 0))
        elif fields[3] in SIZES:
            side = SIZES[fields[3]]
            seen[side] = (seen[side][0], Decimal(fields[4]))
    quote = tws.world.market.quote(contract, tws.now)
    assert seen["bid"] == (quote.bid, quote.bid_size)
    assert seen["ask"] == (quote.ask, quote.ask_size)
    for name in ("last", "high", "low", "close", "open"):
        if name not in quote.absent:
            assert seen[name][0] == getattr(quote, name)
    last = next((s for s in reversed(done) if isinstance(s, dict) and s["do"] == "quote"), None)
    given_now = HOLDINGS[kind].entry["quote"] if last is None else last
    if last is None or len(last) > 1:
        for side, size in (("bid", quote.bid_size), ("ask", quote.ask_size)):
            assert (given_now.get(side) is not None) is (size > 0)
            assert seen[side][0] == (
                contract.no_quote if given_now.get(side) is None else float(given_now[side])
            )
