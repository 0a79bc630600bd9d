"""What is asked for by which path: login, page, its files, and the stream of frames."""

from __future__ import annotations

import asyncio
import time
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import parse_qs

import msgspec
import tornado.iostream
import tornado.web

from workers.web.feed import Feed, TooManyPagesError
from workers.web.past import PastReader
from workers.web.reconciling import Reconciler
from workers.web.requests import HEADERS, LONGEST_FIELD, cookie_header, cookie_name, is_same_origin
from workers.web.sessions import SESSION_S, Sessions
from workers.web.worker_shares import WorkersReader

ASSETS = Path(__file__).parent / "assets"
#: Files that a login page needs; all others are for those who have logged in.
OPEN_FILES = frozenset(("base.css", "icon.svg"))
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
#: What stands above the form after a wrong login.
WRONG = '<p role="alert" class="refused">This name and password are not right.</p>\n'
#: Header with the word of a session's pages.
WORD = "X-Slotwise-Word"
#: A page that takes no bytes for this long is gone, seconds.
SEND_S = 30.0


class Web(msgspec.Struct, frozen=True):
    """What the handlers of one application share."""

    sessions: Sessions
    feed: Feed
    past: PastReader
    reconciler: Reconciler
    workers: WorkersReader
    prefix: str


class Handler(tornado.web.RequestHandler):
    """A handler whose answers have our headers, and which lets in those who have logged in."""

    web: Web

    def initialize(self, web: Web) -> None:
        """Take what the application shares."""
        self.web = web

    def set_default_headers(self) -> None:
        """Set the headers of every answer."""
        for name, value in HEADERS.items():
            self.set_header(name, value)

    def is_logged_in(self) -> bool:
        """Return True where the request has the cookie of an open session."""
        return self.web.sessions.is_open(self.token(), time.monotonic())

    def token(self) -> str | None:
        """Return the token of the request's cookie; None without one."""
        return self.get_cookie(self._cookie_name())

    def _cookie_name(self) -> str:
        return cookie_name(self.request.headers.get("Host", ""), self.web.prefix)

    def check_session(self) -> None:
        """Refuse a request without a session."""
        if not self.is_logged_in():
            self.refuse(HTTPStatus.UNAUTHORIZED)

    def check_origin(self) -> None:
        """Refuse what no page of our own sent."""
        if not is_same_origin(self.request.headers):
            self.refuse(HTTPStatus.FORBIDDEN)

    def check_word(self) -> None:
        """Refuse what was not started by a page of this session."""
        word = self.request.headers.get(WORD, "")
        if not self.web.sessions.is_word(self.token(), word):
            self.refuse(HTTPStatus.FORBIDDEN)

    def refuse(self, status: HTTPStatus) -> NoReturn:
        """Answer with a status that says why."""
        raise tornado.web.HTTPError(status)

    def write_error(self, status_code: int, **_: Any) -> None:
        """Answer an error in one line, without what failed."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        words = HTTPStatus(status_code).phrase if status_code in set(HTTPStatus) else "refused"
        self.finish(f"{status_code} {words}\n")

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log what failed; a refusal has its own line."""
        if not isinstance(value, tornado.web.HTTPError):
            super().log_exception(typ, value, tb)

    def send_file(self, name: str) -> None:
        """Answer with a file of ours; `name` is one that is there."""
        path = ASSETS / name
        kind = TYPES.get(path.suffix, "text/html")
        self.set_header("Content-Type", f"{kind}; charset=utf-8")
        self.finish(path.read_bytes())

    def set_session(self, token: str) -> None:
        """Set the browser's cookie of a session, or remove it."""
        over_https = self.request.headers.get("X-Forwarded-Proto", self.request.protocol) == "https"
        cookie = cookie_header(
            self._cookie_name(), token, self.web.prefix, over_https=over_https, age_s=SESSION_S
        )
        self.set_header("Set-Cookie", cookie)

    def go_to(self, path: str) -> None:
        """Send the browser to another page of ours."""
        self.set_status(HTTPStatus.SEE_OTHER)
        self.set_header("Location", f"{self.web.prefix}/{path}")
        self.finish()


class NotFound(Handler):
    """Any other path: there is nothing, and without a login no word about that."""

    def prepare(self) -> None:
        """Refuse."""
        self.check_session()
        self.refuse(HTTPStatus.NOT_FOUND)


class Health(Handler):
    """Whether the process answers, for who starts it again."""

    def get(self) -> None:
        """Answer without a login; it says nothing else."""
        self.finish("ok\n")


class Page(Handler):
    """The page; without a session the login."""

    def get(self) -> None:
        """Send the page."""
        if self.is_logged_in():
            self.send_file("page.html")
        else:
            self.go_to("login")


class ToPage(Handler):
    """The prefix without a slash at its end, from which a page would miss its files."""

    def get(self) -> None:
        """Send the browser to the page."""
        self.go_to("")


class Login(Handler):
    """Name and password in, a session's cookie out."""

    def get(self) -> None:
        """Send the form."""
        self._send_form()

    def post(self) -> None:
        """Begin a session, or send the form that says no."""
        self.check_origin()
        now, sessions = time.monotonic(), self.web.sessions
        if sessions.is_closed(now):
            self.refuse(HTTPStatus.TOO_MANY_REQUESTS)
        name, password = self._fields()
        token = sessions.begin(name, password, now)
        if token is None:
            self.set_status(HTTPStatus.FORBIDDEN)
            self._send_form(WRONG)
            return
        self.set_session(token)
        self.go_to("")

    def _send_form(self, message: str = "") -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        form = (ASSETS / "login.html").read_text(encoding="utf-8")
        self.finish(form.replace("<form", f"{message}<form", 1))

    def _fields(self) -> tuple[str, str]:
        """Return what was typed; refuses a form that is none of ours."""
        try:
            form = parse_qs(
                self.request.body.decode(), strict_parsing=True, max_num_fields=2, errors="strict"
            )
            ((name,), (password,)) = form["name"], form["password"]
        except (KeyError, ValueError):
            self.refuse(HTTPStatus.BAD_REQUEST)
        if max(len(name), len(password)) > LONGEST_FIELD:
            self.refuse(HTTPStatus.BAD_REQUEST)
        return name, password


class Logout(Handler):
    """The end of a session."""

    def post(self) -> None:
        """End the session of the cookie."""
        self.check_origin()
        self.web.sessions.end(self.token())
        self.set_session("")
        self.go_to("login")


class Session(Handler):
    """Whether the session is open still."""

    def get(self) -> None:
        """Send the word that a page sends with what it starts; refused without a session."""
        self.check_session()
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish({"word": self.web.sessions.word(self.token() or "")})


class Asset(Handler):
    """A file of the page."""

    def get(self, name: str) -> None:
        """Send a file by its name; there are no folders, and no other names."""
        if name not in OPEN_FILES:
            self.check_session()
        if name not in FILES:
            self.refuse(HTTPStatus.NOT_FOUND)
        self.send_file(name)


class Stream(Handler):
    """Server-sent events: the whole frame first, then each change."""

    _gone = False
    _waiting: asyncio.Task[tuple[int, bytes]] | None = None

    async def get(self) -> None:
        """Send frames until the page is closed, or its session has ended."""
        self.check_session()
        try:
            with self.web.feed.opened():
                await self._send_frames()
        except TooManyPagesError:
            self.refuse(HTTPStatus.SERVICE_UNAVAILABLE)

    def on_connection_close(self) -> None:
        """Send no more, and wait for no more."""
        self._gone = True
        if self._waiting is not None:
            self._waiting.cancel()

    async def _send_frames(self) -> None:
        self.set_header("Content-Type", "text/event-stream; charset=utf-8")
        # A proxy in between passes each event on at once.
        self.set_header("X-Accel-Buffering", "no")
        number = 0
        while not self._gone and self.is_logged_in():
            self._waiting = asyncio.create_task(self.web.feed.after(number))
            try:
                number, message = await self._waiting
            except asyncio.CancelledError:
                if self._gone:
                    return
                raise
            self.write(b"data: " + message + b"\n\n")
            try:
                # In Python 3.11 wait_for drops a cancellation that comes with the result.
                async with asyncio.timeout(SEND_S):
                    await self.flush()
            except (TimeoutError, tornado.iostream.StreamClosedError):
                return


#: Files that pages are made of.
FILES = frozenset(file.name for file in ASSETS.iterdir() if file.suffix in TYPES)
