"""Every kind of contract, named in words, is found at a TWS that has all of them."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from slotwise.errors import InputError
from slotwise.leg import read_leg
from slotwise.rules.leg_resolution import LegCandidates, resolve
from tests.unit.gateway.listeners import Remembering
from tws_simulator.config import SimulatorConfig
from tws_simulator.server import SimulatorServer
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.leg_lookup import look_up

FOP = {"symbol": "ES", "sec_type": "FOP", "expiry": "20281215", "strike": 5550, "right": "P"}
WARRANT = {
    "symbol": "NFYS", "sec_type": "WAR", "expiry": "20281006", "strike": 11.5, "right": "C",
    "exchange": "NYSE", "local_symbol": "NFYS WS",
}  # fmt: skip
PRODUCT = {
    "symbol": "DAX", "sec_type": "IOPT", "expiry": "20280616", "strike": 23000, "right": "C",
    "exchange": "FWB", "currency": "EUR", "multiplier": 0.01,
}  # fmt: skip
#: What TWS knows, each with the words that mean it.
KNOWN: list[tuple[str, dict[str, Any]]] = [
    ("BRK B", {"symbol": "BRK B", "sec_type": "STK"}),
    ("7203 STK @TSEJ JPY", {"symbol": "7203", "sec_type": "STK", "currency": "JPY"}),
    ("700 @SEHK", {"symbol": "700", "sec_type": "STK", "currency": "HKD"}),
    ("700 HKD", {"symbol": "700", "sec_type": "STK", "currency": "HKD"}),
    ("BRK.B", {"symbol": "BRK B", "sec_type": "STK"}),
    ("SAP EUR", {"symbol": "SAP", "sec_type": "STK", "currency": "EUR"}),
    ("EUR.USD CASH", {"symbol": "EUR", "sec_type": "CASH", "currency": "USD"}),
    ("USD.CNH", {"symbol": "USD", "sec_type": "CASH", "currency": "CNH"}),
    ("BTC CRYPTO", {"symbol": "BTC", "sec_type": "CRYPTO"}),
    ("XAUUSD CMDTY", {"symbol": "XAUUSD", "sec_type": "CMDTY"}),
    ("AAPL CFD", {"symbol": "AAPL", "sec_type": "CFD"}),
    ("VTSAX FUND", {"symbol": "VTSAX", "sec_type": "FUND"}),
    ("NQ 20281215 @CME", {"symbol": "NQ", "expiry": "20281215"}),
    ("ES 20281215 P 5550 FOP @CME EW3", {**FOP, "trading_class": "EW3"}),
    ("ES FOP 20281215 5550P (E3A)", {**FOP, "trading_class": "E3A"}),
    ("NFYS WAR 20281006 C 11.5", WARRANT),
    ("NFYS 20281006 11.5C WAR @NYSE", WARRANT),
    ("DAX IOPT 20280616 C 23000", PRODUCT),
    ("DAX 2028-06-16 IOPT 23000C @FWB EUR", PRODUCT),
    ("DAX IOPT 202806 23000 C", PRODUCT),
    (
        "DAX IND @EUREX EUR",
        {"symbol": "DAX", "sec_type": "IND", "exchange": "EUREX", "currency": "EUR"},
    ),
]


def portfolio(folder: Path) -> Path:
    """Write TWS's contracts into a file, each contract once; ids are 5001 and so on."""
    entries: list[dict[str, Any]] = []
    for _, entry in KNOWN:
        if entry not in entries:
            entries.append(entry)
    held = [{**entry, "con_id": 5001 + n, "quantity": 1} for n, entry in enumerate(entries)]
    path = folder / "portfolio.json"
    path.write_text(json.dumps({"accounts": [{"account": "DU1", "positions": held}]}))
    return path


def ask(folder: Path, *texts: str) -> list[LegCandidates]:
    """Look words up at a simulated TWS."""

    async def run() -> list[LegCandidates]:
        async with SimulatorServer(SimulatorConfig(portfolio=portfolio(folder))) as simulator:
            broker = IbBroker("127.0.0.1", simulator.port, 31)
            broker.listen(Remembering())
            await broker.connect(10.0)
            try:
                book = ContractCache(broker)
                return list((await look_up(broker, book, tuple(map(read_leg, texts)))).of)
            finally:
                await broker.disconnect()

    return asyncio.run(run())


def test_each_kind_is_found_by_its_words(tmp_path: Path) -> None:
    for (text, entry), leg_candidates in zip(
        KNOWN, ask(tmp_path, *(t for t, _ in KNOWN)), strict=True
    ):
        found = resolve(leg_candidates)
        assert found.con_id > 5000, text
        for name in ("symbol", "sec_type", "currency", "expiry", "trading_class"):
            if name in entry:
                assert getattr(found, name) == entry[name], (text, name)


def test_a_contract_id_of_each_kind_is_found_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    ids = [str(5001 + number) for number in range(10)]
    *found, wrong = ask(tmp_path, *ids, "4999")
    assert [str(resolve(leg_candidates).con_id) for leg_candidates in found] == ids
    with pytest.raises(InputError, match="leg '4999': TWS knows no such contract"):
        resolve(wrong)


def test_a_warrant_is_no_option_and_another_strike_no_warrant(tmp_path: Path) -> None:
    texts = ("NFYS 20281006 C 11.5", "NFYS WAR 20281006 C 12", "NFYS WAR 20281006 P 11.5",
             "DAX WAR 20280616 C 23000", "DAX IOPT 20280616 C 23000 USD")  # fmt: skip
    for text, leg_candidates in zip(texts, ask(tmp_path, *texts), strict=True):
        with pytest.raises(InputError, match="TWS knows no such contract"):
            assert resolve(leg_candidates) is None, text


def test_a_class_that_is_left_out_is_asked_for_with_the_ids(tmp_path: Path) -> None:
    [two] = ask(tmp_path, "ES 20281215 P 5550 FOP @CME")
    with pytest.raises(InputError, match=r"may mean 2 contracts.*EW3.*E3A"):
        resolve(two)
