"""Portfolio: how soon 10,000 holdings are on the screen, and what a live screen costs."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from benchmarks.figures import Part
from benchmarks.harness import cpu_s, own_redis
from benchmarks.lake_days import land_rows
from benchmarks.portfolio_figures import part_of
from benchmarks.profile import sampled
from benchmarks.profile_figures import Profile
from benchmarks.terminal_process import HEIGHT, TerminalProcess
from slotwise.bus.board import QuoteBoard, SnapshotBoard
from slotwise.bus.client import Bus
from slotwise.bus.marks import MarksBoard, encoded
from slotwise.contract import Contract
from slotwise.contract_details import ContractDetails, KeptContract
from slotwise.lake.contract_rows import contract_row
from slotwise.lake.schemas import CONTRACTS, POSITION_UPDATES
from slotwise.lake.store import Lake
from slotwise.position import Position, Snapshot
from slotwise.quote import Quote
from slotwise.rules.marks.mark import Mark
from slotwise.rules.valuation import position_row

HOLDINGS, UNDERLYINGS = 10_000, 50
#: Each tenth holding is a share; the others are options.
SHARES_EACH = 10
#: Quotes that are published each second: as many as lines.
TICKING = 100
#: First screens, and how long each live screen is watched at least, seconds, without its start.
SCREENS, WATCHED_S, START_S = 7, 14.0, 5.0
#: A live screen is sampled this long, seconds.
PROFILED_S = 5.0
#: A screen comes within this, seconds, or something is wrong.
SHOWN_S = 60.0
EXPIRY = "20281215"
ACCOUNT = "DU1234567"


def run(share: float) -> Part:
    """Time first screens, and the CPU of live ones."""
    watched_s = max(10.0, WATCHED_S * share)
    profiles: list[Profile] = []
    with tempfile.TemporaryDirectory() as name, own_redis(Path(name)) as redis:
        folder = Path(name)
        lake = Lake(str(folder / "lake"))
        lake.create()
        env = {"REDIS_URL": redis.url, "SLOTWISE_REDIS_URL": redis.url}
        env |= {"SLOTWISE_LAKE": lake.address}
        _land(lake)
        with _published(redis.url):
            first = [_first_screen(env) for _ in range(max(3, round(SCREENS * share)))]
            profiles += _profiled_screen(env, folder)
            watch, of_watch = _core_share(("portfolio", "--watch"), env, watched_s, folder)
            top, of_top = _core_share(("top",), env, watched_s, folder)
    profiles += [*of_watch, *of_top]
    return part_of(first, [watch], [top], profiles, holdings=HOLDINGS, watched_s=watched_s)


def _first_screen(env: Mapping[str, str]) -> float:
    with TerminalProcess(("portfolio",), env) as process:
        return process.until_lines(HEIGHT - 1, SHOWN_S)


def _profiled_screen(env: Mapping[str, str], folder: Path) -> list[Profile]:
    """Show a first screen once more, sampled as soon as its process is there."""
    with TerminalProcess(("portfolio",), env) as process:
        with sampled(folder, {"first screen": process.pid}) as profiles:
            process.until_lines(HEIGHT - 1, SHOWN_S)
        return profiles


def _core_share(
    words: tuple[str, ...], env: Mapping[str, str], watched_s: float, folder: Path
) -> tuple[float, list[Profile]]:
    """Return what a live screen takes of a core, and a profile of some seconds after it."""
    with TerminalProcess(words, env) as process:
        process.until_word(b"O0 ", SHOWN_S)
        process.read_for(START_S)
        # From a drawing to a later one: between two of a slow machine there are 20 s.
        process.until_more(SHOWN_S)
        before, began = cpu_s(process.pid), time.monotonic()
        process.read_for(watched_s)
        process.until_more(SHOWN_S)
        share = (cpu_s(process.pid) - before) / (time.monotonic() - began)
        with sampled(folder, {" ".join(words): process.pid}) as profiles:
            process.read_for(PROFILED_S)
        return share, profiles


def _contract(number: int) -> Contract:
    symbol = f"O{number % UNDERLYINGS}"
    if number % SHARES_EACH == 0:
        return Contract(con_id=number + 1, symbol=symbol, sec_type="STK", currency="USD",
                        exchange="SMART", price_magnifier=1)  # fmt: skip
    return Contract(
        con_id=number + 1,
        symbol=symbol,
        sec_type="OPT",
        expiry=EXPIRY,
        strike=Decimal(50 + number % 997),
        right="PC"[number % 2],
        multiplier=Decimal(100),
        currency="USD",
        exchange="SMART",
        price_magnifier=1,
    )


def _positions(at: datetime) -> list[Position]:
    return [
        Position(
            account=ACCOUNT,
            contract=_contract(number),
            quantity=Decimal(1 + number % 7),
            avg_cost=Decimal(100),
            observed_at=at,
            sequence=number + 1,
        )
        for number in range(HOLDINGS)
    ]


def _quote(number: int, at: datetime) -> Quote:
    price = Decimal(100 + number % 900) / 10
    return Quote(
        con_id=number + 1,
        observed_at=at,
        source="snapshot",
        bid=price,
        ask=price + Decimal("0.1"),
        close=price - 1,
        delta=0.4,
        gamma=0.01,
        vega=0.2,
        theta=-0.05,
    )


def _land(lake: Lake) -> None:
    """Write what was held yesterday, and the details of each contract."""
    at = datetime.now(UTC) - timedelta(days=1)
    rows = [position_row(one, None, source="batch") for one in _positions(at)]
    land_rows(lake, POSITION_UPDATES, rows, at)
    details = [
        ContractDetails(
            contract=_contract(number),
            looked_up_at=at,
            under_con_id=number % UNDERLYINGS + 1,
            time_zone="US/Eastern",
            trading_hours=";".join(
                f"{day:%Y%m%d}:0000-{day:%Y%m%d}:2359"
                for day in (at + timedelta(days=n) for n in range(3))
            ),
        )
        for number in range(HOLDINGS)
    ]
    kept = [KeptContract(con_id=one.contract.con_id, details=one, at=at) for one in details]
    land_rows(lake, CONTRACTS, [contract_row(one) for one in kept], at)


@contextmanager
def _published(url: str) -> Iterator[None]:
    """Publish boards as a gateway does, marks and some quotes again each second."""
    bus, ended = Bus(url), threading.Event()
    now = datetime.now(UTC)
    held = _positions(now)
    SnapshotBoard(bus).put(
        Snapshot(snapshot_id="s", requested_at=now, completed_at=now, positions=tuple(held))
    )
    QuoteBoard(bus).put(_quote(number, now) for number in range(HOLDINGS))

    def publish() -> None:
        quotes, marks = QuoteBoard(bus), MarksBoard(bus)
        while not ended.is_set():
            began = time.monotonic()
            at = datetime.now(UTC)
            quotes.put(_quote(number, at) for number in range(TICKING))
            at_s = at.timestamp()
            marks.put(encoded([_mark(number, at_s) for number in range(HOLDINGS)], at))
            ended.wait(max(1.0 - (time.monotonic() - began), 0.0))

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        bus.close()


def _mark(number: int, at_s: float) -> Mark:
    return Mark(
        con_id=number + 1,
        at_s=at_s,
        value=10.0 + number % 900 / 10 + at_s % 1,
        band=0.1,
        source="model",
        quoted_at_s=at_s - 30,
        greeks_at_s=at_s - 30,
        underlying_at_s=at_s,
    )
