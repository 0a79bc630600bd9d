"""Days of real minute quotes of options and their underlying, read from zipped CSV files.

The files are those of LEAN's sample data, by their folders or with the folders in the name:
`futureoption_cme_minute_es_202003_20200106_quote_american.zip` beside
`future_cme_minute_es_20200106_quote.zip`, an index option beside `index_..._trade.zip`, an option
on a share beside `equity_..._quote.zip` or `..._trade.zip`. One CSV a contract: milliseconds of the
day, then bid open, high, low, close, size, and the same of the ask; of trades open, high, low,
close, volume.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from slotwise.errors import InputError

#: Name of an option's file: kind, market, symbol, month of the future, day.
_OPTIONS = re.compile(
    r"(futureoption|indexoption|option)_([a-z]+)_minute_([a-z0-9.]+)_(?:(\d{6})_)?(\d{8})_quote"
    r"_(?:american|european)\.zip$"
)
_CONTRACT = re.compile(r"_(call|put)_(\d+)_(\d{8})\.csv$")
#: Prices of shares and of options on shares and indexes are stored times this; so is every strike.
STORED = 10_000.0
#: Minute of the day at which an option is over: its last session ends then in New York, that of
#: options on indexes a quarter of an hour after the index.
ENDS, INDEX_ENDS = 16 * 60, 16 * 60 + 15
#: Minute at which an index begins in the zone of its options (New York), and in Chicago's.
NEW_YORK, CHICAGO = 9 * 60 + 30, 8 * 60 + 30
#: Which kind of underlying each kind of option has.
_UNDERLYING = {"futureoption": "future", "indexoption": "index", "option": "equity"}


class Market(NamedTuple):
    """Two sides at the end of a minute."""

    bid: float
    ask: float


class Option(NamedTuple):
    """One option, and its two-sided markets by minute of the day."""

    strike: float
    call: bool
    expires: float
    markets: Mapping[int, Market]


class Day(NamedTuple):
    """One day: what every option's market was, and the underlying's price and half-spread."""

    name: str
    underlying: Mapping[int, tuple[float, float | None]]
    options: tuple[Option, ...]


def read_days(folder: Path) -> list[Day]:
    """Read every day in a folder; raises InputError where there is none, or one is not readable."""
    files = {
        str(file.relative_to(folder)).replace("/", "_"): file for file in folder.rglob("*.zip")
    }
    days = []
    for name in sorted(files):
        found = _OPTIONS.search(name)
        if found is None:
            continue
        kind, market, symbol, month, day = found.groups()
        try:
            days.append(_day(files, files[name], kind, market, symbol, month, day))
        except (BadZipFile, ValueError, IndexError, OSError) as error:
            raise InputError(f"cannot read the minute quotes of {files[name]}: {error}") from error
    if not days:
        raise InputError(f"there are no files of option quotes a minute in {folder}")
    return days


def _day(
    files: Mapping[str, Path], file: Path, kind: str, market: str, symbol: str, month: str, day: str
) -> Day:
    underlying = _underlying(files, _UNDERLYING[kind], market, symbol, month, day)
    scale = 1.0 if kind == "futureoption" else STORED
    on = datetime.strptime(day, "%Y%m%d").date()
    ends = INDEX_ENDS if kind == "indexoption" else ENDS
    options = []
    for name, rows in _tables(file):
        found = _CONTRACT.search(name)
        if found is None:
            continue
        markets = {}
        for row in rows:
            bid, ask = row[4], row[9]
            if bid and ask and float(bid) <= float(ask):
                markets[_minute(row)] = Market(float(bid) / scale, float(ask) / scale)
        expires = _days_between(on, found[3]) * 1440.0 + ends
        options.append(Option(float(found[2]) / STORED, found[1] == "call", expires, markets))
    return Day(f"{symbol.upper()} {on.isoformat()}", underlying, tuple(options))


def _underlying(
    files: Mapping[str, Path], kind: str, market: str, symbol: str, month: str, day: str
) -> dict[int, tuple[float, float | None]]:
    for root in (symbol, symbol[:-1]):  # options on SPX are listed as SPXW too
        for fields in ("quote", "trade"):
            wanted = f"{kind}_{market}_minute_{root}_{day}_{fields}.zip"
            file = next((files[name] for name in files if name.endswith(wanted)), None)
            if file is not None:
                return _prices(file, kind, fields, month)
    raise InputError(f"there are no minutes of the {kind} {symbol.upper()} of {day}")


def _prices(
    file: Path, kind: str, fields: str, month: str
) -> dict[int, tuple[float, float | None]]:
    scale = STORED if kind == "equity" else 1.0
    prices: dict[int, tuple[float, float | None]] = {}
    for name, rows in _tables(file):
        if month and not name.endswith(f"_{month}.csv"):
            continue
        for row in rows:
            if fields == "trade":
                prices[_minute(row)] = (float(row[4]) / scale, None)
            elif row[4] and row[9]:
                bid, ask = float(row[4]) / scale, float(row[9]) / scale
                prices[_minute(row)] = ((bid + ask) / 2.0, max((ask - bid) / 2.0, 0.0))
    if kind == "index" and min(prices, default=NEW_YORK) == CHICAGO:
        return {minute + NEW_YORK - CHICAGO: price for minute, price in prices.items()}
    return prices


def _tables(file: Path) -> Iterator[tuple[str, Iterator[list[str]]]]:
    with ZipFile(file) as archive:
        for name in sorted(archive.namelist()):
            yield name, csv.reader(io.StringIO(archive.read(name).decode()))


def _minute(row: list[str]) -> int:
    return int(row[0]) // 60_000


def _days_between(on: date, text: str) -> int:
    return (datetime.strptime(text, "%Y%m%d").date() - on).days
