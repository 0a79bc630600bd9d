"""The label of any contract, given as a leg, means that contract or is refused: never another one.

The simulator holds the same symbols in every security type, in two currencies, with several days,
strikes and classes, so that whatever a label leaves out has a neighbour it could be taken for.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from slotwise.contract import Contract
from slotwise.errors import InputError
from slotwise.leg import BY_ID_ONLY, Leg, read_leg
from slotwise.rules.leg_resolution import LegCandidates, resolve
from tests.unit.gateway.listeners import Remembering
from tws_simulator.config import SimulatorConfig
from tws_simulator.instruments.kinds import KINDS, SEC_TYPES
from tws_simulator.server import SimulatorServer
from workers.gateway.contracts.contract_cache import ContractCache
from workers.gateway.ib.ib_broker import IbBroker
from workers.gateway.leg_lookup import look_up

#: A plain one, one with a class behind a space, a number, one that ends in a right, a currency, an
#: index, and one that is read as a currency in other places.
SYMBOLS = ("XYZ", "BRK B", "7203", "CIG C", "SPX", "ALL")
CURRENCIES = ("USD", "GBP")
#: Types whose labels may fit several contracts: these are refused, with the ids.
DAYS, STRIKES, CLASSES = ("20281215", "20281208"), (100, 100.5), ("EW3", "E3A")


def holdings() -> Iterator[dict[str, Any]]:
    """Describe every symbol in every type, as a portfolio file does."""
    for symbol in SYMBOLS:
        for kind in SEC_TYPES:
            for currency in CURRENCIES:
                entry: dict[str, Any] = {"symbol": symbol, "sec_type": kind, "currency": currency}
                if kind == "BAG":
                    entry |= {"con_id": 28_812_000 + len(symbol)}
                if not KINDS[kind].has_strike:
                    days = {"expiry": DAYS[0]} if KINDS[kind].expires == "must" else {}
                    yield entry | days
                    continue
                entry |= {"right": "C", "multiplier": 100}
                for day, strike in zip(DAYS, STRIKES, strict=True):
                    yield entry | {"expiry": day, "strike": strike}
                if kind == "FOP":
                    for name in CLASSES:
                        more = {"expiry": DAYS[0], "strike": STRIKES[0], "trading_class": name}
                        yield entry | more


def portfolio(folder: Path) -> Path:
    """Write the holdings, each with an id of its own."""
    held = [{**one, "con_id": 6001 + n, "quantity": 1} for n, one in enumerate(holdings())]
    path = folder / "portfolio.json"
    path.write_text(json.dumps({"accounts": [{"account": "DU1", "positions": held}]}))
    return path


def all_candidates(
    folder: Path, *, held: bool
) -> tuple[Sequence[Contract], dict[int, LegCandidates | str]]:
    """Return the contracts and, by id, what each label means or why it is no leg."""

    async def run() -> tuple[Sequence[Contract], dict[int, LegCandidates | str]]:
        async with SimulatorServer(SimulatorConfig(portfolio=portfolio(folder))) as simulator:
            broker = IbBroker("127.0.0.1", simulator.port, 31)
            broker.listen(Remembering())
            await broker.connect(10.0)
            try:
                book = ContractCache(broker)
                rows = [row.contract for row in await broker.positions()]
                if held:
                    for row in await broker.positions():
                        book.facts.complete(row)
                legs: dict[int, Leg] = {}
                found: dict[int, LegCandidates | str] = {}
                for one in rows:
                    try:
                        legs[one.con_id] = read_leg(one.label)
                    except InputError as error:
                        found[one.con_id] = str(error)
                answers = await look_up(broker, book, tuple(legs.values()))
                return rows, found | dict(zip(legs, answers.of, strict=True))
            finally:
                await broker.disconnect()

    return asyncio.run(run())


def outcomes(rows: Sequence[Contract], found: dict[int, LegCandidates | str]) -> Counter[str]:
    """Count by type what became of the labels; a label that means another contract is an error."""
    counts: Counter[str] = Counter()
    for one in rows:
        leg_candidates = found[one.con_id]
        if isinstance(leg_candidates, str):
            assert one.sec_type in BY_ID_ONLY, leg_candidates
            counts[f"{one.sec_type} by id"] += 1
            continue
        try:
            chosen = resolve(leg_candidates)
        except InputError as error:
            named = str(one.con_id) in str(error) or "no such contract" in str(error)
            counts[f"{one.sec_type} {'refused' if named else 'unclear'}"] += 1
        else:
            assert chosen.con_id == one.con_id, (one.label, one, chosen)
            counts[f"{one.sec_type} found"] += 1
    return counts


def test_no_label_means_another_contract(tmp_path: Path) -> None:
    counts = outcomes(*all_candidates(tmp_path, held=True))
    assert not [outcome for outcome in counts if outcome.endswith("unclear")]
    assert {f"{kind} by id" for kind in BY_ID_ONLY} <= set(counts)
    for kind in set(SEC_TYPES) - set(BY_ID_ONLY):
        assert counts[f"{kind} found"], (kind, counts)


def test_no_label_means_another_contract_where_nothing_is_held_yet(tmp_path: Path) -> None:
    """As in the moment after a start: TWS's answer alone decides."""
    outcomes(*all_candidates(tmp_path, held=False))
