"""Find what is private in a recording that is to be handed on. Pure.

Looks for the same things as `replacer` replaces, by its own reading: what stands in a field of a
known role has to have the replaced form, and no text may contain an account number, an address, a
user's name, or one of the names that the caller gives.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from slotwise.wire.frame import Frame
from slotwise.wire.layouts import NAMES, Role, roles_of
from slotwise.wire.replacer import (
    ACCOUNT,
    ADDRESS,
    MAIL,
    REPLACED,
    REPLACED_ACCOUNT,
    USER,
    whole_word,
)

#: The form that a field of each role has once it is replaced; empty fields pass.
FORMS: Final = {
    Role.ACCOUNT: re.compile(rf"{REPLACED_ACCOUNT.pattern}|All"),
    Role.ORDER: re.compile(r"-?\d{1,6}"),
    Role.PERMANENT: re.compile(r"\d{1,6}"),
    Role.EXECUTION: re.compile(r"execution-\d+"),
    Role.NAME: re.compile(r"name-\d+"),
    Role.TEXT: re.compile(r"hidden"),
}


class Finding(msgspec.Struct, frozen=True):
    """Something private, and where it stands."""

    #: Number of the line, from 1.
    line: int
    #: Message name, or its number.
    message: str
    #: Position of the field from the message id, which is 0.
    field: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.message}, field {self.field}: {self.what}"


def findings(frames: Iterable[tuple[int, Frame]], names: Iterable[str] = ()) -> Iterator[Finding]:
    """Return what is private in frames, each with its line number."""
    patterns = [(name, whole_word(name)) for name in names]
    versions: dict[int, int] = {}
    for line, frame in frames:
        kind = frame.kind
        if frame.handshake and frame.sender == "tws" and frame.fields and frame.fields[0].isdigit():
            versions[frame.connection] = int(frame.fields[0])
        roles: Mapping[int, Role] = {}
        if kind is not None:
            roles = roles_of(frame.sender, kind, versions.get(frame.connection, 0))
        message = "handshake" if frame.handshake else str(kind)
        if kind is not None:
            message = NAMES.get((frame.sender, kind), message)
        for position, field in enumerate(frame.fields):
            for what in _in_field(field, roles.get(position), patterns):
                yield Finding(line, message, position, what)


def _in_field(
    field: str,
    role: Role | None,
    names: Iterable[tuple[str, re.Pattern[str]]],
) -> Iterator[str]:
    """Return what is private in one field."""
    if not field:
        return
    parts = field.split(",") if role in (Role.ACCOUNT, Role.ACCOUNTS) else [field]
    form = FORMS.get(Role.ACCOUNT if role is Role.ACCOUNTS else role) if role else None
    if form is not None and not all(form.fullmatch(part.strip()) for part in parts if part.strip()):
        yield f"{role.value if role else 'field'} that is not replaced"
    if any(not REPLACED_ACCOUNT.fullmatch(found[0]) for found in ACCOUNT.finditer(field)):
        yield "an account number"
    if any(not re.fullmatch(r"mail-\d+@example\.com", found) for found in MAIL.findall(field)):
        yield "a mail address"
    if any(not found.startswith("192.0.2.") for found in ADDRESS.findall(field)):
        yield "a network address"
    if any(not REPLACED.fullmatch(found[3] or found[4]) for found in USER.finditer(field)):
        yield "a user name"
    rest = REPLACED.sub("", field)
    for name, pattern in names:
        if pattern.search(rest):
            yield f"the name {name[0]}..."
