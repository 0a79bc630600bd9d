"""A leg as people write it: a contract id, or a few words such as `SPY 20261218 P 560`.

Grammar, where `|` means or and `[]` what may be left out. Case counts in quotes and brackets alone:

    leg       = NUMBER | symbol [more words]
    symbol    = WORD [ONE TO THREE LETTERS] | NUMBER | "ANY TEXT" | CURRENCY.CURRENCY
    more      = type | expiry | right | strike | class | exchange | currency, in any order
    type      = STK IND FUT OPT FOP CASH CRYPTO CFD CMDTY FUND WAR IOPT
    expiry    = 20261218 | 2026-12-18 | 202612
    right     = P | PUT | C | CALL
    strike    = NUMBER | NUMBER with the right behind it: 560P
    class     = (WORD), or a word behind the others that is none of them: the trading class, EW3
    exchange  = @WORD
    currency  = a code of ISO 4217

Rules:
* A number alone is a contract id; with a word behind it, it is a symbol: `7203 STK`, `700 @SEHK`.
* The first word is the symbol, whatever it looks like. One to three letters behind it belong to it
  unless they are a type, right or currency: `BRK B`. Any other symbol is quoted: `"CIG C"`.
* Two currencies with a point between are a pair: `EUR.USD CASH`.
* A right or a strike makes it an option and wants both and an expiry; an expiry alone a future.
* Bonds, bills, borrowed shares and combinations are named by their ids alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import NoReturn, TypeAlias

import msgspec

from slotwise.currencies import CURRENCIES
from slotwise.errors import InputError

#: IB's contract ids are 32-bit numbers.
LARGEST_ID = 2**31 - 1
OPTIONS = frozenset(("OPT", "FOP", "WAR", "IOPT"))
KINDS = OPTIONS | {"STK", "IND", "FUT", "CASH", "CRYPTO", "CFD", "CMDTY", "FUND"}
#: Types of which TWS finds a contract by its id alone, or which are made of others.
BY_ID_ONLY = {
    "BOND": "a bond", "BILL": "a bill", "SLB": "a borrowed share", "BAG": "a combination",
}  # fmt: skip
#: Types in which a symbol may be a pair of currencies.
PAIRED = frozenset(("", "CASH", "CFD"))
_RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}
_WORD = re.compile(r'"(?P<quoted>[^"]*)"|\((?P<inner>[^()"\s]*)\)|(?P<plain>[^\s"()]+)')
_SYMBOL = re.compile(r"(?=[A-Z0-9.^&/+_'-]*[A-Z])[A-Z0-9^][A-Z0-9.^&/+_'-]{0,39}")
#: What a symbol may have behind a space: a class of shares (BRK B), a series of preferred shares
#: (JPM PRD), warrants (WS), rights (RT), units (U).
_CONTINUED = re.compile(r"[A-Z]{1,3}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_EXPIRY = re.compile(r"(20[0-9]{2})-?(0[1-9]|1[0-2])(?:-?([0-3][0-9]))?")
_STRIKE = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,6})?)([CP]?)")
_EXCHANGE = re.compile(r"@[A-Z0-9._]{1,20}")
_CLASS = re.compile(r"[A-Za-z0-9._]{1,20}")
#: Without brackets a trading class has a letter, so that it is no number that makes no sense.
_PLAIN_CLASS = re.compile(r"(?=[A-Z0-9._]*[A-Z])[A-Z0-9._]{1,20}")
#: A separator between legs, a remark, or what may hold either: a text in quotes.
_BETWEEN = re.compile(r"""(?P<end>[,;]|\#.*)|"[^"]*"|[^,;"\#]+|.""")

_Parts: TypeAlias = dict[str, str | Decimal]


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
    trading_class: str = ""

    @property
    def label(self) -> str:
        """Write it so that it is read as the same leg."""
        if self.con_id:
            return str(self.con_id)
        symbol, currency = self.symbol, self.currency
        if self.sec_type == "CASH" and {symbol, currency} <= CURRENCIES:
            symbol, currency = f"{symbol}.{currency}", ""
        else:
            symbol = _quote_symbol(symbol, self)
        # Expiry, right and strike make an option; a leg that lacks one of them names the type.
        implied = self.sec_type == "OPT" and self.expiry and self.right and self.strike is not None
        more = (
            "" if implied else self.sec_type,
            self.expiry,
            *self._strike_words(),
            f"({self.trading_class})" if self.trading_class else "",
            f"@{self.exchange}" if self.exchange else "",
            currency,
        )
        return " ".join(filter(None, (symbol, *more)))

    def _strike_words(self) -> Iterator[str]:
        strike = "" if self.strike is None else f"{self.strike.normalize():f}"
        # A strike that looks like a date is distinguished from one by the right behind it.
        yield from (f"{strike}{self.right}",) if _expiry(strike) else (self.right, strike)


def no_leg() -> InputError:
    """Return the error for a text that names no leg."""
    return InputError("no leg is named: give contract ids, or words such as SPY 20261218 P 560")


def read_leg(text: str) -> Leg:
    """Read one leg; raises InputError that names the word which makes no sense."""
    words = _words(text)
    if len(words) == 1 and _NUMBER.fullmatch(words[0]):
        con_id = int(words[0])
        if not 0 < con_id <= LARGEST_ID:
            raise InputError(f"{words[0]} is no contract id")
        return Leg(con_id=con_id)
    symbol, taken = _symbol(text, words)
    parts = _parts(text, words[taken:])
    if not words[0].startswith('"'):
        symbol = _split_pair(text, symbol, parts)
    return _complete(text, msgspec.structs.replace(Leg(symbol=symbol), **parts))


def pieces(line: str) -> Iterator[str]:
    """Split a line into legs; separators within quotes do not count."""
    piece = ""
    for found in _BETWEEN.finditer(line):
        if found["end"] is None:
            piece += found[0]
            continue
        yield from filter(None, (piece.strip(),))
        piece = ""
    yield from filter(None, (piece.strip(),))


def _words(text: str) -> list[str]:
    """Split a leg into words; one in quotes or brackets keeps them and its case."""
    words, end = [], 0
    for found in _WORD.finditer(text):
        if text[end : found.start()].strip():
            break
        words.append(found[0] if found["plain"] is None else found[0].upper())
        end = found.end()
    if text[end:].strip():
        raise InputError(f"leg {text!r}: {text[end:].strip()!r} lacks the other quote or bracket")
    return words


def _symbol(text: str, words: Sequence[str]) -> tuple[str, int]:
    """Return the symbol, and how many words it takes."""
    first = words[0] if words else ""
    if first.startswith('"'):
        symbol = first[1:-1].strip()
        if not symbol or len(symbol) > 40 or not symbol.isprintable():
            raise InputError(f"leg {text!r}: {first} is no symbol")
        return symbol, 1
    if _NUMBER.fullmatch(first):
        return first, 1
    if not _SYMBOL.fullmatch(first):
        raise InputError(f"leg {text!r} does not begin with a symbol or a contract id")
    if len(words) > 1 and _is_continued(words[1]):
        return f"{first} {words[1]}", 2
    return first, 1


def _is_continued(word: str) -> bool:
    """Return True for a word that belongs to the symbol before it."""
    return bool(_CONTINUED.fullmatch(word)) and word not in BY_ID_ONLY and not _meaning(word)


def _parts(text: str, words: Iterable[str]) -> _Parts:
    parts: _Parts = {}
    for word in words:
        if word in BY_ID_ONLY:
            raise InputError(
                f"leg {text!r}: {BY_ID_ONLY[word]} is named by its contract id alone"
                if word != "BAG"
                else f"leg {text!r}: a combination is no leg, name its contracts"
            )
        meaning = _meaning(word)
        if not meaning and parts and _PLAIN_CLASS.fullmatch(word):
            meaning = {"trading_class": word}
        if not meaning:
            _refuse(text, word)
        for name, value in meaning.items():
            if name in parts:
                raise InputError(f"leg {text!r} says twice what its {name} is: {word}")
            parts[name] = value
    return parts


def _meaning(word: str) -> _Parts:
    """Return the meaning of a word by its form; empty where it has none of its own."""
    if word in _RIGHTS:
        return {"right": _RIGHTS[word]}
    if word in KINDS:
        return {"sec_type": word}
    if word in CURRENCIES:
        return {"currency": word}
    if _EXCHANGE.fullmatch(word):
        return {"exchange": word[1:]}
    if word.startswith("(") and _CLASS.fullmatch(word[1:-1]):
        return {"trading_class": word[1:-1]}
    if expiry := _expiry(word):
        return {"expiry": expiry}
    if (strike := _STRIKE.fullmatch(word)) and (value := Decimal(strike[1])):
        return {"strike": value, "right": strike[2]} if strike[2] else {"strike": value}
    return {}


def _expiry(word: str) -> str:
    """Return a day or a month without its hyphens; empty for a word that is neither."""
    found = _EXPIRY.fullmatch(word)
    if found is None:
        return ""
    year, month, day = found.groups()
    try:
        date(int(year), int(month), int(day or 1))
    except ValueError:
        return ""
    return "".join(filter(None, (year, month, day)))


def _split_pair(text: str, symbol: str, parts: _Parts) -> str:
    """Return the first currency of a pair, and put the second into the parts."""
    first, point, second = symbol.partition(".")
    if parts.get("sec_type", "") not in PAIRED or not point or not {first, second} <= CURRENCIES:
        return symbol
    if parts.setdefault("currency", second) != second:
        raise InputError(f"leg {text!r}: a pair in {second} is not in {parts['currency']}")
    if "expiry" in parts or "right" in parts or "strike" in parts:
        raise InputError(f"leg {text!r}: a pair of currencies has no expiry, right or strike")
    parts.setdefault("sec_type", "CASH")
    return first


def _complete(text: str, leg: Leg) -> Leg:
    option = bool(leg.right) or leg.strike is not None or leg.sec_type in OPTIONS
    if option and not (leg.right and leg.strike is not None and leg.expiry):
        raise InputError(
            f"leg {text!r} is an option: it needs expiry, right and strike"
            + ("; contract ids are separated by commas" if _NUMBER.fullmatch(leg.symbol) else "")
        )
    if option and leg.sec_type not in ("", *OPTIONS):
        raise InputError(f"leg {text!r} is an option and cannot be {leg.sec_type}")
    if leg.expiry and not option and leg.sec_type not in ("", "FUT"):
        raise InputError(f"leg {text!r}: {leg.sec_type} has no expiry")
    if leg.sec_type:
        return leg
    # A bare symbol is left open: where TWS is asked it is known which symbols are indices.
    return msgspec.structs.replace(leg, sec_type="OPT" if option else "FUT" if leg.expiry else "")


def _quote_symbol(symbol: str, leg: Leg) -> str:
    """Put a symbol in quotes where it would be read as something else without."""
    first, space, second = symbol.partition(" ")
    plain = bool(_SYMBOL.fullmatch(first)) and (not space or _is_continued(second))
    if _NUMBER.fullmatch(symbol):
        plain = leg != Leg(symbol=symbol)
    one, point, other = symbol.partition(".")
    pair = bool(point) and {one, other} <= CURRENCIES
    return symbol if plain and not pair else f'"{symbol}"'


def _refuse(text: str, word: str) -> NoReturn:
    raise InputError(
        f"leg {text!r}: {word!r} is no expiry (20261218), right (P), strike (560), type (FUT),"
        " exchange (@CME), currency (EUR) or trading class ((EW3)); a symbol with a space is quoted"
    )
