"""Every security type as three clients see it: ib_async, IB's own, and ib_insync."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from ib_async import Contract

from tests.integration.simulator.ib_client import connected, eventually, run, simulator
from tests.integration.simulator.simulator_process import TIMEOUT_S, running
from tests.integration.simulator.test_ib_async_conformance import listening
from tests.integration.simulator.test_official_client import connected as officially
from tests.support.official_client import official
from tests.unit.simulator.holdings import ACCOUNT, HOLDINGS
from tws_simulator.book.file import read_portfolio

#: Given ids, so that clients can ask without looking for them.
BOND, SHARE_CFD, NQ = 1007, 1010, 1018
OTHERS = [
    {"symbol": "AAPL", "sec_type": "CFD", "con_id": SHARE_CFD, "quantity": 5,
     "reroute": {"con_id": 265598, "exchange": "SMART"}},
    {"symbol": "NQ", "expiry": "20281215", "con_id": NQ, "quantity": 1, "multiplier": 20,
     "valid_exchanges": ["QBALGO", "CME"]},
]  # fmt: skip

#: Types in the rows, as ib_async and ib_insync give them: both make a warrant of an IOPT.
AS_READ = ["WAR" if kind == "IOPT" else kind for kind in (*HOLDINGS, "CFD", "FUT")]


def written(folder: Path, coupon: str = "0.25") -> Path:
    """Write a portfolio of every security type; a bond has this `coupon`."""
    entries = []
    for kind, held in HOLDINGS.items():
        entry = dict(held.entry)
        if kind == "BOND":
            entry |= {"con_id": BOND, "details": {"coupon": coupon, "cusip": "91282CDA6"}}
        if "expiry" in entry:
            entry["expiry"] = f"2028{entry['expiry'][4:]}"
        entries.append(entry)
    path = folder / "portfolio.json"
    file = {"accounts": [{"account": ACCOUNT, "positions": [*entries, *OTHERS]}]}
    path.write_text(json.dumps(file, default=float))
    return path


def test_ib_async_reads_every_row(tmp_path: Path) -> None:
    """Rows and account values by its own objects; no message is dropped."""
    path = written(tmp_path)

    async def test() -> None:
        async with simulator(portfolio=path) as server, connected(server) as (ib, errors):
            assert server.world.accounts.names == (ACCOUNT,)
            theirs = {p.contract.conId: p for p in await ib.reqPositionsAsync()}
            ours = list(server.world.accounts.positions())
            assert [theirs[p.contract.con_id].contract.secType for p in ours] == AS_READ
            for position in ours:
                same = theirs[position.contract.con_id]
                assert same.avgCost == position.avg_cost
                assert same.contract.multiplier == position.contract.multiplier_text
            rates = {v.currency for v in ib.accountValues() if v.tag == "ExchangeRate"}
            assert {"USD", "GBP", "EUR", "BASE"} <= rates
            assert errors.codes() == []

    # The file is read by the same reader as that of the command.
    assert len(read_portfolio(path).entries) == len(HOLDINGS) + len(OTHERS)
    run(test())


def test_ib_async_gets_91_and_rows_of_details(tmp_path: Path) -> None:
    """The decoder calls what it has for them; a coupon that is a whole number is read."""
    path = written(tmp_path, coupon="4")

    async def test() -> None:
        async with listening(portfolio=path) as (client, listener):
            client.reqMktData(1, Contract(conId=SHARE_CFD, exchange="SMART"), "", False, False, [])
            await eventually(lambda: bool(listener.heard))
            assert listener.heard == [("rerouteMktDataReq", (1, 265598, "SMART"))]
            listener.heard.clear()
            client.reqContractDetails(2, Contract(conId=NQ))
            await eventually(lambda: "contractDetailsEnd" in listener.names())
            rows = [a[1].contract.exchange for n, a in listener.heard if n == "contractDetails"]
            assert rows == ["QBALGO", "CME"]
            listener.heard.clear()
            client.reqContractDetails(3, Contract(conId=BOND))
            await eventually(lambda: "contractDetailsEnd" in listener.names())
            assert listener.names() == ["bondContractDetails", "contractDetailsEnd"]
            details = listener.heard[0][1][1]
            assert (details.cusip, details.coupon, details.maturity) == ("91282CDA6", 4, "20280930")

    run(test())


@pytest.mark.parametrize("version", [178, 200])
def test_the_official_client_reads_18_and_91(tmp_path: Path, version: int) -> None:
    """Over its own socket, thread and decoder."""
    options = ("--portfolio", str(written(tmp_path)), "--server-version", str(version))
    with running(*options) as (_, port), officially(port) as client:
        client.await_("nextValidId")
        client.ask.reqPositions()
        client.await_("positionEnd")
        assert len(client.of("position")) == len(HOLDINGS) + len(OTHERS)
        client.ask.reqContractDetails(3, official(BOND))
        client.await_("contractDetailsEnd")
        [(_, details)] = client.of("bondContractDetails")
        assert details.coupon == 0.25
        client.ask.reqMktData(4, official(SHARE_CFD, exchange="SMART"), "", False, False, [])
        assert client.await_("rerouteMktDataReq") == (4, 265598, "SMART")


#: What ib_insync is asked: rows, the rows of details of a future, and a quote in pence.
INSYNC = """
import asyncio, json, sys
asyncio.set_event_loop(asyncio.new_event_loop())
from ib_insync import IB, Contract

async def session(port, con_id, pence):
    ib = IB()
    await ib.connectAsync("127.0.0.1", port, clientId=3, timeout=30)
    rows = await ib.reqContractDetailsAsync(Contract(conId=con_id))
    [ticker] = await ib.reqTickersAsync(Contract(conId=pence, exchange="SMART"))
    seen = {
        "types": sorted(p.contract.secType for p in ib.positions()),
        "exchanges": [row.contract.exchange for row in rows],
        "bid": ticker.bid, "ask": ticker.ask,
    }
    ib.disconnect()
    return seen

loop = asyncio.get_event_loop_policy().get_event_loop()
found = loop.run_until_complete(asyncio.wait_for(session(*map(int, sys.argv[1:])), 60))
sys.stdout.write(json.dumps(found))
"""


def test_ib_insync_reads_every_row(tmp_path: Path) -> None:
    """The older client: rows, several rows of details, and prices in pence as they come."""
    path = written(tmp_path)
    file = json.loads(path.read_text())
    file["accounts"][0]["positions"][0]["con_id"] = 1002
    path.write_text(json.dumps(file))
    with running("--portfolio", str(path)) as (_, port):
        command = [sys.executable, "-c", INSYNC, str(port), str(NQ), "1002"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3 * TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["types"] == sorted(AS_READ)
    assert seen["exchanges"] == ["QBALGO", "CME"]
    assert (seen["bid"], seen["ask"]) == (4290.0, 4300.0)
