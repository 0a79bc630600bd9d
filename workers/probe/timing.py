"""Read from the messages themselves how long quotes took and TWS's notices on them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from slotwise.wire.frame import Frame

#: Message ids.
REQUEST, PRICE, NOTICE, COMPUTATION, SNAPSHOT_END, DATA_TYPE = 1, 1, 4, 21, 57, 58
#: TWS names another contract to ask for instead, and nothing else comes: of CFDs (recorded).
REROUTED: Final = 91
#: Message ids whose request's id is the first field.
ID_FIRST: Final = frozenset((COMPUTATION, 81, REROUTED))
#: Price ticks: bid, ask and last, live and delayed.
BID, ASK, LAST = ("1", "66"), ("2", "67"), ("4", "68")
#: The model's computation, live and delayed.
MODEL: Final = ("13", "83")
#: Names of market data types in message 58.
DATA_TYPES: Final = {"1": "live", "2": "frozen", "3": "delayed", "4": "delayed frozen"}
#: No price is sent as -1, 0 or, in pence, -100, with size 0 (recorded); with a size each is one.
NO_PRICE: Final = ("-1", "-1.0", "-100", "-100.0", "0", "0.0")
NO_SIZE: Final = ("0", "0.0")


class Quoted(msgspec.Struct):
    """One request for market data, and seconds from it to what came; None for what did not."""

    con_id: int
    once: bool
    asked_at: float
    bid_s: float | None = None
    ask_s: float | None = None
    last_s: float | None = None
    model_s: float | None = None
    end_s: float | None = None
    data_type: str = ""
    #: Codes of notices about it, in order.
    codes: tuple[int, ...] = ()

    @property
    def both_sides_s(self) -> float | None:
        """Return seconds until bid and ask were there."""
        return None if self.bid_s is None or self.ask_s is None else max(self.bid_s, self.ask_s)

    @property
    def has_data(self) -> bool:
        """Return True where any price came."""
        return any(each is not None for each in (self.bid_s, self.ask_s, self.last_s, self.model_s))


def quoted(frames: Iterable[Frame]) -> list[Quoted]:
    """Return every request for market data with what became of it.

    What TWS sends on to another contract stays the request of the first one.
    """
    by_id: dict[str, Quoted] = {}
    found: list[Quoted] = []
    #: Contracts that others were sent on to: those others, and their requests to be made again.
    sent_on: dict[int, int] = {}
    again: dict[int, Quoted] = {}
    for frame in frames:
        kind, fields = frame.kind, frame.fields
        if frame.sender == "client":
            if kind == REQUEST and len(fields) > 17 and fields[3].isdigit():
                con_id = int(fields[3])
                made = again.pop(con_id, None)
                if made is None:
                    # By its id alone a contract is asked for instead of another.
                    con_id = con_id if fields[4] else sent_on.get(con_id, con_id)
                    made = Quoted(con_id, fields[-3] == "1", frame.t)
                    found.append(made)
                by_id[fields[2]] = made
            continue
        request = _request_of(frame, by_id)
        if request is None or kind is None:
            continue
        if kind == REROUTED and len(fields) > 2 and fields[2].isdigit():
            sent_on[int(fields[2])] = request.con_id
            again[int(fields[2])] = request
        _note(request, kind, fields, frame.t - request.asked_at)
    return found


def _request_of(frame: Frame, by_id: dict[str, Quoted]) -> Quoted | None:
    place = 1 if frame.kind in ID_FIRST else 2
    return by_id.get(frame.fields[place]) if len(frame.fields) > place else None


def _is_price(tick: str, price: str, size: str) -> bool:
    """Return True for a price that was bid, offered or paid."""
    if size in NO_SIZE and tick not in LAST:
        return False
    return bool(price) and (price not in NO_PRICE or size not in ("", *NO_SIZE))


def _note(request: Quoted, kind: int, fields: tuple[str, ...], after_s: float) -> None:
    if kind == PRICE and len(fields) > 5 and _is_price(*fields[3:6]):
        tick = fields[3]
        if tick in BID and request.bid_s is None:
            request.bid_s = after_s
        elif tick in ASK and request.ask_s is None:
            request.ask_s = after_s
        elif tick in LAST and request.last_s is None:
            request.last_s = after_s
    elif kind == COMPUTATION and len(fields) > 2 and fields[2] in MODEL:
        request.model_s = after_s if request.model_s is None else request.model_s
    elif kind == SNAPSHOT_END:
        request.end_s = after_s
    elif kind == DATA_TYPE and len(fields) > 3:
        request.data_type = DATA_TYPES.get(fields[3], fields[3])
    elif kind == NOTICE and len(fields) > 3 and fields[3].isdigit():
        request.codes = (*request.codes, int(fields[3]))


def notices(frames: Iterable[Frame]) -> list[tuple[float, int]]:
    """Return second and code of every notice that names no request, in order."""
    return [
        (frame.t, int(frame.fields[3]))
        for frame in frames
        if frame.sender == "tws"
        and frame.kind == NOTICE
        and len(frame.fields) > 3
        and frame.fields[2] == "-1"
        and frame.fields[3].isdigit()
    ]
