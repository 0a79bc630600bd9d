"""Sessions of users who have logged in, and how often a login may fail. Pure: time is an argument.

Rules:
* A session is a random token of 32 bytes; only its digest is kept.
* It ends after twelve hours, at a logout, and with the process.
* After ten wrong logins within a minute none is tried until the minute is over, also no right one:
  a guess by a machine takes years then.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import deque

#: Bytes of a token, random.
TOKEN_BYTES = 32
#: A session ends after this long, seconds: a working day, so that a stolen cookie is soon worth
#: nothing.
SESSION_S = 12 * 3600.0
#: Sessions at once; the oldest ends for a new one. More than an office has browsers.
MOST = 200
#: Wrong logins within this many seconds, after which none is tried.
WRONG_MOST, WRONG_S = 10, 60.0


class Sessions:
    """The sessions of one process."""

    def __init__(self, login: str) -> None:
        """Take the login as NAME:PASSWORD."""
        self._login = _digest(login)
        self._ends: dict[str, float] = {}
        self._wrong: deque[float] = deque(maxlen=WRONG_MOST)

    def is_closed(self, now: float) -> bool:
        """Return True while no login is tried, after too many wrong ones."""
        return len(self._wrong) == WRONG_MOST and now - self._wrong[0] < WRONG_S

    def begin(self, name: str, password: str, now: float) -> str | None:
        """Return the token of a new session; None for a wrong name or password."""
        if self.is_closed(now):
            return None
        # In the same time, wherever the first difference is.
        if ":" in name or not hmac.compare_digest(_digest(f"{name}:{password}"), self._login):
            self._wrong.append(now)
            return None
        while len(self._ends) >= MOST:
            del self._ends[next(iter(self._ends))]
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._ends[_digest(token)] = now + SESSION_S
        return token

    def is_open(self, token: str | None, now: float) -> bool:
        """Return True for the token of a session that has not ended."""
        if not token:
            return False
        ends = self._ends.get(_digest(token))
        return ends is not None and now < ends

    def word(self, token: str) -> str:
        """Return the word that a page sends with what it starts: other sites cannot know it."""
        return _digest(f"page {token}")

    def is_word(self, token: str | None, word: str) -> bool:
        """Return True for the word of a session's pages."""
        given = word.encode("utf-8", "surrogateescape")
        return bool(token) and hmac.compare_digest(self.word(token or "").encode(), given)

    def end(self, token: str | None) -> None:
        """End a session; one that is unknown has ended."""
        if token:
            self._ends.pop(_digest(token), None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
