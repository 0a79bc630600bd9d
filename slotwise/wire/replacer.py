"""Replace what is private in a recording, the same thing by the same each time. Pure.

What is replaced, and by what:

| what | by |
|---|---|
| an account number, wherever it stands | its letters and a number that IB does not use: U0000001 |
| a request's id, or the first free one | counted from the connection's first free id, now 1 |
| an order's id, its permanent number, an execution's id | 1, 2, ...; execution-1, ... |
| names that the user gave (models, groups, references), or that the caller names | name-1, ... |
| user names, network and mail addresses within a text | user-1, 192.0.2.1, mail-1@... |
| texts in which anything may stand (bulletins, profiles) | hidden |

Prices, quantities, money and contracts stay: they are what a recording is for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Final

import msgspec

from slotwise.wire.frame import Frame
from slotwise.wire.layouts import Role, roles_of

#: Words of the form of an account of IB (evidence: public logs): U, F or I, before it a D for
#: paper, behind it at most one letter more.
ACCOUNT: Final = re.compile(r"(?<![A-Za-z0-9])(D?[UFI][A-Z]?)(\d{5,9})(?![A-Za-z0-9])")
#: Account numbers after the replacement: seven digits, of which the first three are 0.
REPLACED_ACCOUNT: Final = re.compile(r"[A-Z]{1,3}000\d{4}")
#: What a name, a user or an execution is replaced by.
REPLACED: Final = re.compile(r"(?:name|user|execution)-\d+")
MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
ADDRESS: Final = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")
#: "user trader99", "Username: 'jane'": in quotes, or with a digit, since a plain word may be any.
USER: Final = re.compile(
    r"""(?i)\b(user(?:[ _-]?name)?\s*[:=]?\s*)(?:(["'])([^"']+)["']|([\w.@+-]*\d[\w.@+-]*))"""
)
#: Dots in a network address.
DOTS: Final = 3
#: TWS names the first free id for orders and requests.
NEXT_VALID_ID: Final = 9
#: An id of this value names no request.
NO_REQUEST: Final = "-1"


class Replacer:
    """Replace what is private, frame by frame, in the order of the recording."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._accounts: dict[str, str] = {}
        self._numbers: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()
        #: First free id of each connection.
        self._first_ids: dict[int, int] = {}
        self._versions: dict[int, int] = {}
        #: Accounts that are no words of the usual form, and names, the longest first.
        self._literals: list[tuple[re.Pattern[str], Callable[[str], str]]] = []
        for name in sorted(set(names), key=len, reverse=True):
            self._literals.append((whole_word(name), self._name))

    def replace(self, frame: Frame) -> Frame:
        """Return the frame without what is private."""
        if frame.handshake:
            version = frame.fields[0] if frame.sender == "tws" and frame.fields else ""
            if version.isdigit():
                self._versions[frame.connection] = int(version)
            return msgspec.structs.replace(
                frame, fields=tuple(self._in_text(field) for field in frame.fields)
            )
        kind = frame.kind
        fields = list(frame.fields)
        roles: Mapping[int, Role] = {}
        if kind is not None:
            roles = roles_of(frame.sender, kind, self._versions.get(frame.connection, 0))
            self._learn(frame, kind)
        for position, field in enumerate(fields):
            role = roles.get(position)
            fields[position] = (
                self._in_text(field)
                if role is None
                else self._by_role(role, field, frame.connection)
            )
        return msgspec.structs.replace(frame, fields=tuple(fields))

    def _learn(self, frame: Frame, kind: int) -> None:
        """Note the accounts and the first free id that a frame names."""
        for position, role in roles_of(frame.sender, kind, 0).items():
            if position >= len(frame.fields):
                continue
            if role in (Role.ACCOUNT, Role.ACCOUNTS):
                for account in frame.fields[position].split(","):
                    self._account(account.strip())
        if frame.sender == "tws" and kind == NEXT_VALID_ID and len(frame.fields) > 2:
            first = frame.fields[2]
            if first.isascii() and first.isdigit():
                self._first_ids.setdefault(frame.connection, int(first))

    def _by_role(self, role: Role, field: str, connection: int) -> str:
        match role:
            case Role.ACCOUNT | Role.ACCOUNTS:
                return ",".join(self._account(part.strip()) for part in field.split(","))
            case Role.REQUEST:
                return self._request(field, connection)
            case Role.ORDER | Role.PERMANENT if field in ("", "0"):
                return field
            case Role.ORDER | Role.PERMANENT:
                return self._number(role.value, field, bare=True)
            case Role.EXECUTION:
                return self._number("execution", field) if field else field
            case Role.NAME:
                return self._name(field) if field else field
            case Role.TEXT:
                return "hidden" if field else field

    def _request(self, field: str, connection: int) -> str:
        """Count ids from the first free one; what TWS or a client numbers below it stays."""
        first = self._first_ids.get(connection)
        if not (field.isascii() and field.isdigit()):
            return field if field == NO_REQUEST else self._in_text(field)
        if first is None:
            return field
        number = int(field) - first + 1
        return str(number) if number > 0 else field

    def _account(self, name: str) -> str:
        """Return what stands for an account."""
        if not name or name == "All" or REPLACED_ACCOUNT.fullmatch(name):
            return name
        if name not in self._accounts:
            form = ACCOUNT.fullmatch(name)
            letters = form[1] if form else "X"
            replaced = self._accounts[name] = f"{letters}{len(self._accounts) + 1:07d}"
            if not form:
                self._literals.append((whole_word(name), lambda _: replaced))
        return self._accounts[name]

    def _in_text(self, text: str) -> str:
        """Replace what is private within any field."""
        if not text or text.isdigit():
            return text
        for pattern, replacement in self._literals:
            text = pattern.sub(partial(_by, replacement), text)
        text = ACCOUNT.sub(lambda found: self._account(found[0]), text)
        if "@" in text:
            text = MAIL.sub(self._mail, text)
        if text.count(".") >= DOTS:
            text = ADDRESS.sub(self._address, text)
        return USER.sub(self._user, text)

    def _user(self, found: re.Match[str]) -> str:
        quote = found[2] or ""
        return f"{found[1]}{quote}{self._number('user', found[3] or found[4])}{quote}"

    def _name(self, name: str) -> str:
        return self._number("name", name.lower())

    def _mail(self, found: re.Match[str]) -> str:
        name = found[0]
        done = name.endswith("@example.com") and name.startswith("mail-")
        return name if done else f"{self._number('mail', name)}@example.com"

    def _address(self, found: re.Match[str]) -> str:
        if found[0].startswith("192.0.2."):
            return found[0]
        number = self._number("address", found[0], bare=True)
        return f"192.0.2.{int(number) % 256}"

    def _number(self, kind: str, value: str, *, bare: bool = False) -> str:
        """Return the number of a value among those of its kind, with the kind's name before it."""
        if not bare and REPLACED.fullmatch(value):
            return value
        found = self._numbers.get((kind, value))
        if found is None:
            self._counts[kind] += 1
            count = self._counts[kind]
            found = self._numbers[kind, value] = str(count) if bare else f"{kind}-{count}"
        return found


def _by(replacement: Callable[[str], str], found: re.Match[str]) -> str:
    return replacement(found[0])


def whole_word(name: str) -> re.Pattern[str]:
    """Return a pattern for a name that is no part of a longer word, in any case of letters."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", re.IGNORECASE)
