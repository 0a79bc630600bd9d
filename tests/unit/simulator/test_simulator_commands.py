"""Commands of the control port, without the port."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.simulator.in_memory import InMemoryTws
from tws_simulator.control.dispatch import dispatch


class Shell:
    """Note the calls to the owner of the sockets."""

    def __init__(self) -> None:
        self.did: list[object] = []

    def drop_clients(self) -> None:
        """Note it."""
        self.did.append("drop")

    def restart(self, seconds: float) -> None:
        """Note it."""
        self.did.append(("restart", seconds))

    def refuse_clients(self, seconds: float) -> None:
        """Note it."""
        self.did.append(seconds)

    def open_port(self, port: int) -> int:
        """Note it; any port is the same one."""
        self.did.append(("open", port))
        return port or 7777

    def leave_port(self, *, drop: bool) -> None:
        """Note it."""
        self.did.append(("leave", drop))


def give(tws: InMemoryTws, shell: Shell | None = None, /, **command: object) -> dict[str, Any]:
    """Send a command and read the answer."""
    line = json.dumps(command).encode()
    answer: dict[str, Any] = json.loads(dispatch(line, tws.world, shell or Shell(), tws.now))
    return answer


def test_a_position_is_changed_and_pushed() -> None:
    """To each client that is subscribed; the account is the first by default."""
    tws = InMemoryTws()
    client = tws.client()
    client.ask(61, 1)
    con_id = tws.held("OPT").con_id
    assert give(tws, do="position", con_id=con_id, quantity=0.5) == {"ok": True}
    (pushed,) = client.read()
    assert pushed[14] == "0.5"


def test_a_position_that_tws_has_no_definition_of_is_changed() -> None:
    """As of borrowed shares, or of what was delisted."""
    tws = InMemoryTws()
    con_id = tws.held("OPT").con_id
    assert give(tws, do="delist", con_id=con_id) == {"ok": True}
    assert give(tws, do="position", con_id=con_id, quantity=3) == {"ok": True}
    assert [p.quantity for p in tws.world.accounts.positions() if p.contract.con_id == con_id] == [
        3
    ]
    answer = give(tws, do="position", con_id=1, quantity=3)
    assert answer == {"ok": False, "error": "there is no contract 1"}


def test_the_limit_is_changed() -> None:
    """From now on."""
    tws = InMemoryTws()
    assert give(tws, do="limit", lines=1)["ok"]
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.market_data(2, tws.spot("QQQ"))
    assert client.errors() == [(2, 101)]
    assert give(tws, do="status") == {
        "ok": True, "held": 1, "limit": 1, "clients": [1], "positions": 20,
    }  # fmt: skip


def test_an_end_of_positions_is_withheld() -> None:
    """Of the next answer."""
    tws = InMemoryTws()
    give(tws, do="withhold_position_end")
    client = tws.client()
    assert client.ask(61, 1)[-1][0] == "61"
    assert client.ask(61, 1)[-1][0] == "62"


def test_silence_leaves_a_connection_that_says_nothing() -> None:
    """Half open: the lines are still held, and a new client is served."""
    tws = InMemoryTws()
    client = tws.client(1)
    client.market_data(1, tws.spot("SPY"))
    client.read()
    assert give(tws, do="silence") == {"ok": True, "clients": 1}
    tws.wait(5)
    assert client.ask(49, 1) == []
    assert tws.world.lines.held == 1
    assert [f[0] for f in tws.client(2).ask(49, 1)] == ["49"]


@pytest.mark.parametrize(("code", "held"), [(1100, 1), (1102, 1), (1101, 0), (2103, 1)])
def test_notices_are_sent_to_all_and_1101_ends_market_data(code: int, held: int) -> None:
    """TWS has lost the data then: clients must ask again."""
    tws = InMemoryTws()
    client = tws.client()
    client.market_data(1, tws.spot("SPY"))
    client.read()
    assert give(tws, do="notice", code=code)["ok"]
    assert client.errors() == [(-1, code)]
    assert tws.world.lines.held == held


def test_sockets_are_the_shells_business() -> None:
    """Dropping and refusing is passed on."""
    tws, shell = InMemoryTws(), Shell()
    give(tws, shell, do="drop")
    give(tws, shell, do="refuse", seconds=2.5)
    assert shell.did == ["drop", 2.5]


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"{}", b'{"do": "dance"}', b'{"do": ["drop"]}', b'{"do": "limit"}',
     b'{"do": "limit", "lines": -1}', b'{"do": "position", "con_id": 1, "quantity": 1}',
     b'{"do": "position", "con_id": 756733}', b'{"do": "notice", "code": 5}',
     b'{"do": "position", "con_id": 756733, "quantity": 1, "account": "U0"}',
     b'{"do": "refuse", "seconds": 0}', b"\xff"],
)  # fmt: skip
def test_a_command_that_makes_no_sense_is_answered_with_why(line: bytes) -> None:
    """And changes nothing."""
    tws = InMemoryTws()
    answer = json.loads(dispatch(line, tws.world, Shell(), tws.now))
    assert answer["ok"] is False
    assert answer["error"]
