"""Ticks, encoded once for all their receivers: only the request id differs.

A tick is the bytes before the request id and those behind it. Encoding numbers costs most, so
that a contract's tick is encoded once a step, however many lines are on the contract.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import NamedTuple

from tws_simulator.market.black_scholes import Greeks
from tws_simulator.market.quote import Size
from tws_simulator.wire.fields import double_text
from tws_simulator.wire.ids import Reply

#: Bits of a price's mask: an order at this price would execute by itself; the bid lies below the
#: day's low or the ask above its high; the price is from before the open.
CAN_AUTO_EXECUTE, PAST_LIMIT, PRE_OPEN = 1, 2, 4
#: Attribute of an option computation: based on prices, not on returns.
PRICE_BASED = 1
#: Decimals of greeks: finer changes are not worth a message.
GREEK_DECIMALS = 6
#: Present value of an option's dividends: no contract pays any.
NO_DIVIDENDS = 0.0

_PREFIX = struct.Struct(">I")
#: All but option computations carry a message version, 6.
_PRICE, _SIZE, _GENERIC, _STRING = (
    b"%d\x006\x00" % reply
    for reply in (Reply.TICK_PRICE, Reply.TICK_SIZE, Reply.TICK_GENERIC, Reply.TICK_STRING)
)
_OPTION = b"%d\x00" % Reply.TICK_OPTION_COMPUTATION


class Tick(NamedTuple):
    """Hold what stands before and behind the request id of one message."""

    head: bytes
    tail: bytes


def price_tick(kind: int, price: float, size: Size | None, mask: int = 0) -> Tick:
    """Encode a price with its size; an index has none."""
    shown = "" if size is None else size
    return Tick(_PRICE, f"\0{kind}\0{double_text(price)}\0{shown}\0{mask}\0".encode())


def size_tick(kind: int, size: Size) -> Tick:
    """Encode a size."""
    return Tick(_SIZE, f"\0{kind}\0{size}\0".encode())


def generic_tick(kind: int, value: float) -> Tick:
    """Encode a number that is neither price nor size."""
    return Tick(_GENERIC, f"\0{kind}\0{value}\0".encode())


def string_tick(kind: int, value: str) -> Tick:
    """Encode a text, such as the time of the last trade."""
    return Tick(_STRING, f"\0{kind}\0{value}\0".encode())


def option_tick(kind: int, g: Greeks) -> Tick:
    """Encode an option computation: volatility, price and greeks."""
    d = GREEK_DECIMALS
    return Tick(
        _OPTION,
        f"\0{kind}\0{PRICE_BASED}\0{round(g.iv, d)}\0{round(g.delta, d)}\0{round(g.price, d)}"
        f"\0{NO_DIVIDENDS}\0{round(g.gamma, d)}\0{round(g.vega, d)}\0{round(g.theta, d)}"
        f"\0{round(g.under, 2)}\0".encode(),
    )


def no_option_tick(kind: int) -> Tick:
    """Encode an option computation that cannot be made: TWS's "not computed" in every field."""
    return Tick(_OPTION, b"\0%d\0%d\0-1.0\0-2.0\0-1.0\0-1.0\0-2.0\0-2.0\0-2.0\0-1.0\0"
                % (kind, PRICE_BASED))  # fmt: skip


def addressed(req_id: int, ticks: Iterable[Tick]) -> bytes:
    """Write ticks as the frames of one request."""
    own = b"%d" % req_id
    digits = len(own)
    pack = _PREFIX.pack
    return b"".join(
        [pack(len(head) + digits + len(tail)) + head + own + tail for head, tail in ticks]
    )
