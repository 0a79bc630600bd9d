"""Passwords stay out of what people read: logs, errors and screens."""

from __future__ import annotations

import re

#: NAME:PASSWORD@ behind the scheme of an address; the name is shown, the password is not.
#: Up to the last @ of a word: an @ of a password may stand there unquoted.
_IN_ADDRESS = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):\S*@", re.IGNORECASE)


def without_passwords(text: str) -> str:
    """Put stars in place of every address's password in a text."""
    return _IN_ADDRESS.sub(r"\1:***@", text)
