"""What TWS says right before it hangs up is why it did."""

from __future__ import annotations

import asyncio

import pytest

from slotwise.errors import ClientRefusedError
from tests.unit.gateway.connected_broker import connected
from tests.unit.gateway.listeners import Remembering, soon
from tests.unit.gateway.scripted_tws import START_API, ScriptedTws
from workers.gateway.ib.ib_broker import IbBroker


@pytest.mark.parametrize("code", [103, 501, 503, 505, 507, 54321])
def test_a_greeting_that_an_error_ends_is_refused_in_the_words_of_tws(code: int) -> None:
    """TWS says why, and hangs up: the reason is neither a login nor the client id."""

    async def run() -> None:
        async with ScriptedTws() as tws:

            def refuse_client(_: list[str]) -> None:
                tws.error(-1, 2104, "Market data farm connection is OK:usfarm")
                tws.error(-1, code, "Verbindung von DU1234567 abgelehnt")
                tws.hang_up()

            tws.answers[START_API] = refuse_client
            broker = IbBroker("127.0.0.1", tws.port, 7)
            broker.listen(Remembering())
            with pytest.raises(ClientRefusedError) as caught:
                await broker.connect(5)
            text = str(caught.value)
            assert f"error {code}: Verbindung von" in text
            assert "DU1234567" not in text
            assert "client id" not in text

    asyncio.run(run())


@pytest.mark.parametrize(
    ("code", "is_why"), [(100, True), (507, True), (2104, False), (10197, False), (0, False)]
)
def test_the_end_of_a_connection_has_the_last_words_of_tws(code: int, is_why: bool) -> None:
    """As where too many messages were sent; farms and data are no reason to hang up."""

    async def run() -> None:
        async with connected() as (tws, _, listener):
            tws.error(-1, code, "Max rate of messages per second has been exceeded")
            tws.hang_up()
            reason = await soon(listener.ends)
            assert reason.startswith("TWS closed the connection")
            assert (f"after error {code}: Max rate" in reason) is is_why

    asyncio.run(run())
