"""The live screen of a running stack, operated by keys in a terminal of 80 x 24."""

from __future__ import annotations

from tests.support.terminal import slotwise_in_terminal
from tests.walks.running_stack import RunningStack, as_json

#: A screen is there, and an answer has come, within this on a busy machine, seconds.
TIMEOUT_S = 60.0


def test_keys_lead_from_the_portfolio_to_a_contract_and_to_every_tab(stack: RunningStack) -> None:
    rows = as_json(stack.slotwise("portfolio", "--json"))["rows"]
    share = next(row["contract"] for row in rows if row["sector"] == "shares")
    with slotwise_in_terminal(stack.env, "top") as terminal:
        assert terminal.shows(f"of {len(rows)}", TIMEOUT_S), terminal.text()
        terminal.press(b"/")
        assert terminal.shows("words of a row", TIMEOUT_S), terminal.text()
        terminal.press(share.encode())
        assert terminal.shows(f"only '{share}'", TIMEOUT_S), terminal.text()
        # One Enter keeps the filter, the next one asks the gateway.
        terminal.press(b"\r")
        assert terminal.shows("why", TIMEOUT_S), terminal.text()
        terminal.press(b"\r")
        assert terminal.shows(f"{share}: ", TIMEOUT_S), terminal.text()
        terminal.press(b"q")
        tabs = ((b"2", "rotating"), (b"3", "items"), (b"4", "landed at"), (b"5", "connection"))
        for key, word in tabs:
            terminal.press(key)
            assert terminal.shows(word, TIMEOUT_S), (key, terminal.text())
        terminal.press(b"q")
        assert terminal.ended(TIMEOUT_S) == 0
    assert "Traceback" not in terminal.text()
