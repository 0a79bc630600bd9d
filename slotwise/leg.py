"""A leg as people write it: a contract id, or a few words such as `SPY 20261218 P 560`.

Rules:
* The symbol is first; the other words come in any order and say what they are by their form.
* `20261218`, `2026-12-18` or `202612` is the expiry; `P`, `C` the right; a number the strike;
  `560P` strike and right; `STK`, `IND`, `FUT`, `OPT`, `FOP` the kind; `@CME` the exchange; `EUR` a
  currency.
* A right or a strike makes it an option and wants both and an expiry; an expiry alone a future.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

import msgspec

from slotwise.errors import InputError

#: IB's contract ids are 32-bit numbers.
LARGEST_ID = 2**31 - 1
#: Currencies that are understood behind a symbol: those IB's exchanges trade in most.
CURRENCIES = frozenset(
    ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "HKD", "SEK", "NOK", "DKK", "SGD")
)
KINDS = frozenset(("STK", "IND", "FUT", "OPT", "FOP"))
_RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}
_EXPIRY = re.compile(r"(20\d\d)-?(0[1-9]|1[0-2])(?:-?([0-3]\d))?")
_STRIKE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)([CP]?)")
_SYMBOL = re.compile(r"(?=[A-Z0-9.^]*[A-Z])[A-Z0-9][A-Z0-9.^]{0,19}")
#: A separator between legs: a comma, a semicolon, or a line's end.
_BETWEEN = re.compile(r"[,;\n]")


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """Name one contract by its id, or describe it as far as is known; empty is not known.

    `expiry` is YYYYMMDD or YYYYMM.
    """

    con_id: int = 0
    symbol: str = ""
    sec_type: str = ""
    expiry: str = ""
    right: str = ""
    strike: Decimal | None = None
    exchange: str = ""
    currency: str = ""

    @property
    def label(self) -> str:
        """Say it as a person would."""
        if self.con_id:
            return str(self.con_id)
        kind = self.sec_type if self.sec_type not in ("STK", "OPT") else ""
        strike = "" if self.strike is None else f"{self.strike.normalize():f}"
        where = f"@{self.exchange}" if self.exchange else ""
        words = (self.symbol, kind, self.expiry, self.right, strike, where, self.currency)
        return " ".join(filter(None, words))


def read_legs(text: str) -> tuple[Leg, ...]:
    """Read legs, separated by commas, semicolons or lines; what follows # on a line is a remark.

    Raises InputError for a leg that cannot be understood, or where there is none.
    """
    lines = (line.partition("#")[0] for line in text.splitlines())
    pieces = (piece.strip() for piece in _BETWEEN.split("\n".join(lines)))
    legs = tuple(map(read_leg, filter(None, pieces)))
    if not legs:
        raise InputError("no leg is named: give contract ids, or words such as SPY 20261218 P 560")
    return legs


def read_leg(text: str) -> Leg:
    """Read one leg; raises InputError that names the word which makes no sense."""
    words = text.upper().split()
    if len(words) == 1 and words[0].isdecimal():
        con_id = int(words[0][:11])
        if not 0 < con_id <= LARGEST_ID:
            raise InputError(f"{words[0]} is no contract id")
        return Leg(con_id=con_id)
    if not words or not _SYMBOL.fullmatch(words[0]):
        raise InputError(f"leg {text!r} does not begin with a symbol or a contract id")
    leg = msgspec.structs.replace(Leg(symbol=words[0]), **_parts(text, words[1:]))
    return _complete(text, leg)


def _parts(text: str, words: Iterable[str]) -> dict[str, str | Decimal]:
    parts: dict[str, str | Decimal] = {}
    for word in words:
        for name, value in _meaning(text, word).items():
            if name in parts:
                raise InputError(f"leg {text!r} says twice what its {name} is: {word}")
            parts[name] = value
    return parts


def _meaning(text: str, word: str) -> dict[str, str | Decimal]:
    if word in _RIGHTS:
        return {"right": _RIGHTS[word]}
    if word in KINDS:
        return {"sec_type": word}
    if word in CURRENCIES:
        return {"currency": word}
    if word.startswith("@") and len(word) > 1:
        return {"exchange": word[1:]}
    if expiry := _EXPIRY.fullmatch(word):
        return {"expiry": "".join(filter(None, expiry.groups()))}
    if strike := _STRIKE.fullmatch(word):
        meaning: dict[str, str | Decimal] = {"strike": Decimal(strike[1])}
        return {**meaning, "right": strike[2]} if strike[2] else meaning
    raise InputError(
        f"leg {text!r}: {word!r} is no expiry (20261218), right (P), strike (560), kind (FUT),"
        " exchange (@CME) or currency (EUR)"
    )


def _complete(text: str, leg: Leg) -> Leg:
    option = bool(leg.right) or leg.strike is not None or leg.sec_type in ("OPT", "FOP")
    if option and not (leg.right and leg.strike is not None and leg.expiry):
        raise InputError(f"leg {text!r} is an option: it needs expiry, right and strike")
    if option and leg.sec_type not in ("", "OPT", "FOP"):
        raise InputError(f"leg {text!r} is an option and cannot be {leg.sec_type}")
    if leg.expiry and not option and leg.sec_type not in ("", "FUT"):
        raise InputError(f"leg {text!r}: {leg.sec_type} has no expiry")
    if leg.sec_type:
        return leg
    # A bare symbol is left open: whoever asks TWS knows which symbols are indices.
    return msgspec.structs.replace(leg, sec_type="OPT" if option else "FUT" if leg.expiry else "")
