"""Whatever the control port gets, it answers, and the simulator goes on."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.effort import examples
from tests.unit.simulator.in_memory import InMemoryClient, InMemoryTws
from tests.unit.simulator.test_simulator_commands import Shell
from tws_simulator.control.dispatch import dispatch, names
from tws_simulator.wire.malformed import GARBAGE

#: Everything any command reads.
ARGUMENTS = (
    "account", "avg_cost", "back", "client_id", "code", "con_id", "count", "currency", "dead",
    "delay", "delayed", "down", "drop", "effect", "period", "exchange", "expiry", "farm", "farms",
    "first", "id", "kind", "language", "lines", "list", "local_symbol", "managed", "missing",
    "mode", "multiplier", "new", "notice", "on", "port", "positions", "price", "push", "pushes",
    "quantity", "ratio", "real", "request", "right", "sec_type", "seconds", "seed", "streams",
    "strike", "symbol", "text", "then", "ticks", "trading_class", "updates", "when", "where",
    "ask", "bid", "close", "data", "details", "known", "last", "min_tick", "no_quote", "par",
    "price_magnifier", "quote", "reroute", "row_exchange", "valid_exchanges", "volume",
)  # fmt: skip
values = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 5), st.integers(), st.floats(allow_nan=False),
    st.sampled_from(
        ["", "SPY", "SPX", "ES", "NEW", "DU1234567", "DU2", "OPT", "FUT", "STK", "IND", "20261218",
         "20260101", "99991231", "00010101", "C", "P", "2:1", "3:2", "1:7", "positions", "mkt_data",
         "greeting", "start", "cut", "deliver", "duplicate", "change", "early_end", "shuffle",
         "empty", "empty2151", "readonly", "silent", "absent", "partial", "not_ready", "farms",
         "ticks", "none", "asked", "kept", "de", "hang", "above", "error", 10091,
         10089, "usopt", "secdefil",
         [2110, 2104], [[2103, "usfarm"]], "BOND", "CASH", "CFD", "FOP", "SLB", "GBP", "LSE",
         ["SMART"], {"bid": 1}, {"coupon": "0.25"}, {"con_id": 756733, "exchange": "SMART"},
         {"code": 10091, "then": "live"}, True, -100, "NaN",
         *GARBAGE, 756733, 1100, 1101, 354, 100, 0.5, 1e300, [], {}]
    ),
)  # fmt: skip
commands = st.builds(
    lambda name, arguments: {"do": name, **arguments},
    st.sampled_from(names()),
    st.dictionaries(st.sampled_from(ARGUMENTS), values, max_size=8),
)


@settings(max_examples=examples(100))
@given(st.lists(st.one_of(commands, st.none()), max_size=12))
def test_every_line_gets_an_answer_and_clients_are_served(
    reported: list[dict[str, object] | None],
) -> None:
    """A client that connects when the faults are over is served as before; time passes between."""
    tws = InMemoryTws(positions=4, messages_per_s=0)
    client = tws.client(1)
    client.send(61, 1)
    client.market_data(1, tws.spot("SPY"))
    for command in reported:
        if command is None:
            tws.wait(1)
        else:
            answer = json.loads(dispatch(json.dumps(command).encode(), tws.world, Shell(), tws.now))
            assert answer["ok"] or answer["error"]
        client.send(61, 1)
        client.send(6, 2, 1, "DU1234567")
    for over in ("half_open", "silence"):
        assert json.loads(
            dispatch(json.dumps({"do": over, "on": 0}).encode(), tws.world, Shell(), tws.now)
        )["ok"]
    dispatch(b'{"do": "slow", "seconds": 0}', tws.world, Shell(), tws.now)
    for over in ("flap", "handshake", "hang"):
        dispatch(json.dumps({"do": over, "on": 0}).encode(), tws.world, Shell(), tws.now)
    tws.wait(1)
    late = InMemoryClient(tws)
    late.greet()
    late.send(71, 2, 7, "")
    late.read()
    assert [f[0] for f in late.ask(49, 1)] == ["49"]
    client.leave()
    late.leave()
    assert tws.world.scheduler.next_due is None
