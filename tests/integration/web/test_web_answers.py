"""What `slotwise web` answers: nothing without a login, the portfolio with one, no to the rest."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from slotwise.bus.client import Bus
from slotwise.lake.store import Lake
from tests.integration.web.published import ACCOUNT, publish, tick
from tests.support.command_process import run_command
from tests.support.web_process import NAME, PASSWORD, WebProcess, first, web_process
from workers.stack.child import wait_until
from workers.web.handlers import FILES, OPEN_FILES
from workers.web.requests import HEADERS
from workers.web.sessions import WRONG_MOST
from workers.web.strict_server import Limits

FORM = urlencode({"name": NAME, "password": PASSWORD})


@pytest.fixture(scope="module")
def web(
    redis_url: str, empty_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebProcess]:
    folder = tmp_path_factory.mktemp("web")
    with web_process(
        folder, redis_url=redis_url, key_prefix="test-web:", lake=str(empty_lake)
    ) as running:
        yield running


@pytest.fixture(scope="module")
def boards(redis_url: str) -> Iterator[Bus]:
    bus = Bus(redis_url, "test-web:")
    publish(bus)
    yield bus
    bus.close()


@pytest.mark.parametrize(
    "path",
    ["/stream", "/session", "/nothing", "/../etc/passwd", "/assets/nothing.js", "/assets/"]
    + [f"/assets/{name}" for name in sorted(FILES - OPEN_FILES)],
)
def test_without_a_login_there_is_nothing(web: WebProcess, path: str) -> None:
    status, _, text = web.ask(path)
    assert (status, text) == (401, "401 Unauthorized\n")


def test_without_a_login_the_page_is_the_login(web: WebProcess) -> None:
    status, headers, _ = web.ask("/")
    assert (status, headers["Location"]) == (303, "/login")
    status, _, text = web.ask("/login")
    assert status == 200
    assert "<form" in text
    assert "<script" not in text
    assert web.ask("/healthz")[::2] == (200, "ok\n")


def test_login_gives_a_cookie_and_the_page_with_all_its_files(web: WebProcess) -> None:
    status, headers, _ = web.ask("/login", method="POST", body=FORM)
    assert (status, headers["Location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(headers["Set-Cookie"].split("; "))
    cookie = headers["Set-Cookie"].partition(";")[0]
    assert web.ask("/", cookie=cookie)[0] == 200
    for name in FILES:
        assert web.ask(f"/assets/{name}", cookie=cookie)[0] == 200, name


def test_every_answer_has_the_headers_that_shut_it_in(web: WebProcess) -> None:
    cookie = web.log_in()
    for path in ("/", "/login", "/nothing", "/stream/no", "/assets/base.css"):
        for sent in ("", cookie):
            _, headers, _ = web.ask(path, cookie=sent)
            assert HEADERS.items() <= headers.items(), path


def test_stream_has_the_portfolio_and_then_its_changes(web: WebProcess, boards: Bus) -> None:
    messages = web.messages(web.log_in())
    whole = first(messages, "whole")
    assert whole["headline"]["sentence"] == "all well: 3 positions"
    price = whole["columns"]["live"].index("price")
    spy = next(name for name in whole["live"] if name.startswith("1 "))
    assert whole["live"][spy][price] == "701.00"
    assert ACCOUNT not in str(whole)
    tick(boards, 1, 710)
    for message in messages:
        if spy in message["live"]:
            assert message["live"][spy][price] == "711.00"
            changed = {name.split()[0] for name in message["live"]}
            assert changed == {"1", "2"}, "itself, and the option on it; the third did not change"
            break


def test_logout_ends_the_session_and_its_stream(web: WebProcess, boards: Bus) -> None:
    cookie = web.log_in()
    messages = web.messages(cookie)
    first(messages, "whole")
    assert web.ask("/logout", method="POST", cookie=cookie)[0] == 303
    assert web.ask("/session", cookie=cookie)[0] == 401
    assert len(list(messages)) <= 2, "the stream ends at the next frame"


def test_logout_ends_the_streams_of_every_tab_and_of_no_other_session(
    web: WebProcess, boards: Bus
) -> None:
    cookie, other = web.log_in(), web.log_in()
    tabs = [web.messages(cookie) for _ in range(2)]
    others = web.messages(other)
    for messages in (*tabs, others):
        first(messages, "whole")
    assert web.ask("/logout", method="POST", cookie=cookie)[0] == 303
    assert [len(list(messages)) <= 2 for messages in tabs] == [True, True]
    tick(boards, 1, 730)
    first(others, "change")


def test_logout_is_taken_from_our_own_pages_alone(web: WebProcess) -> None:
    cookie = web.log_in()
    evil = {"Origin": "http://evil.example"}
    assert web.ask("/logout", method="POST", cookie=cookie, headers=evil)[0] == 403
    assert web.ask("/logout", cookie=cookie)[0] == 405
    assert web.ask("/session", cookie=cookie)[0] == 200, "it goes on"


def test_cookie_is_sent_over_tls_alone_where_a_proxy_has_it(web: WebProcess) -> None:
    def words(**headers: str) -> set[str]:
        found = web.ask("/login", method="POST", body=FORM, headers=headers)[1]
        return set(found["Set-Cookie"].split("; "))

    assert "Secure" in words(**{"X-Forwarded-Proto": "https"})
    assert "Secure" not in words()


def test_reconciliation_is_started_by_our_own_pages_alone(web: WebProcess, boards: Bus) -> None:
    cookie = web.log_in()
    word = {"X-Slotwise-Word": web.word(cookie)}
    other = {"X-Slotwise-Word": web.word(web.log_in())}
    evil = word | {"Origin": "http://evil.example"}
    for sent, headers, status in (
        ("", word, 401), (cookie, {}, 403), (cookie, other, 403), (cookie, evil, 403),
    ):  # fmt: skip
        found = web.ask("/reconcile", method="POST", cookie=sent, headers=headers)[0]
        assert found == status, (headers, found)
    assert web.ask("/reconcile", cookie=cookie, headers=word)[0] == 405


def test_reconciliation_says_what_prevents_it(web: WebProcess, boards: Bus) -> None:
    boards.redis.delete(boards.key("status", "GatewayStatus"))
    report = web.reconcile(web.log_in())
    publish(boards)
    assert report["status"] == "stale"
    assert "gateway" in report["reason"]


def test_cookie_of_another_process_is_none(web: WebProcess) -> None:
    assert web.ask("/session", cookie=f"slotwise_{web.port}=guess")[0] == 401


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Origin": "http://evil.example"}, FORM, 403),
        ({"Origin": "null"}, FORM, 403),
        ({"Sec-Fetch-Site": "cross-site"}, FORM, 403),
        ({}, "name=trader", 400),
        ({}, "", 400),
        ({}, "{}", 400),
        ({}, "name=a&name=b&password=c", 400),
        ({}, "name=%ff&password=%fe", 400),
        ({}, "name=a&password=" + "b" * 1000, 400),
        ({}, "name=" + "b" * (Limits().body_bytes + 1), 413),
    ],
)
def test_login_that_is_none_of_ours_is_refused_with_one_line(
    web: WebProcess, headers: dict[str, str], body: str, status: int
) -> None:
    before = len(web.refusals())
    found, answered, _ = web.ask("/login", method="POST", body=body, headers=headers)
    assert found == status
    assert "Set-Cookie" not in answered
    assert wait_until(lambda: len(web.refusals()) > before, 5)
    assert len(web.refusals()) == before + 1, web.refusals()[before:]


HOSTILE = {
    "no request": (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
    "another protocol": (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 400),
    "no host": (b"GET /login HTTP/1.1\r\n\r\n", 400),
    "a header without a name": (b"GET /login HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
    "two lengths": (
        b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400
    ),
    "length and chunks": (
        b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400
    ),
    "a negative length": (b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400),
    "a body too large": (b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 999999\r\n\r\n", 413),
    "a head too large": (b"GET /login HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 20_000, 431),
    "a method that is none": (b"BREW /login HTTP/1.1\r\nHost: a\r\n\r\n", 405),
    "a way up": (b"GET /assets/..%2f..%2fserver.py HTTP/1.1\r\nHost: a\r\n\r\n", 401),
    "a way up as it is": (b"GET /assets/../server.py HTTP/1.1\r\nHost: a\r\n\r\n", 401),
    "a null byte": (b"GET /assets/page.js%00.css HTTP/1.1\r\nHost: a\r\n\r\n", 401),
    "a line in a path": (b"GET /a%0d%0aSet-Cookie:%20b HTTP/1.1\r\nHost: a\r\n\r\n", 401),
    "bytes that are no text": (b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", 401),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bytes_get_a_refusal_and_one_line_of_the_log(web: WebProcess, name: str) -> None:
    sent, status = HOSTILE[name]
    before = len(web.refusals())
    answer = raw(web, sent)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert b"Traceback" not in answer
    assert wait_until(lambda: len(web.refusals()) > before, 5), "no line of the log"
    assert len(web.refusals()) == before + 1, web.refusals()[before:]
    assert web.ask("/login")[0] == 200, "it goes on"


def raw(web: WebProcess, sent: bytes, timeout_s: float = 5.0) -> bytes:
    """Send bytes and return all that comes until the other side ends, or nothing more comes."""
    with socket.create_connection(("127.0.0.1", web.port), timeout_s) as connection:
        connection.sendall(sent)
        got = b""
        try:
            while part := connection.recv(65_536):
                got += part
                if b"\r\n\r\n" in got:
                    connection.settimeout(0.3)
        except (TimeoutError, ConnectionResetError):
            pass
        return got


def test_too_many_wrong_logins_close_the_door_for_a_minute(
    redis_url: str, tmp_path: Path, lake: Lake
) -> None:
    """Behind a prefix too, which is a part of every path."""
    with web_process(tmp_path, redis_url=redis_url, lake=lake.address, prefix="/desk") as web:
        assert web.ask("")[1]["Location"] == "/desk/"
        cookie = web.log_in()
        assert web.ask("/", cookie=cookie)[0] == 200
        for _ in range(WRONG_MOST):
            assert web.log_in("guess") == ""
        assert web.ask("/login", method="POST", body=FORM)[0] == 429
        assert web.ask("/session", cookie=cookie)[0] == 200, "who is in stays in"
        assert not [line for line in web.refusals() if PASSWORD in line or "guess" in line]
        assert web.end() == 0


def test_command_starts_with_a_password_alone(tmp_path: Path) -> None:
    ended = run_command("web", env={"FLOWER_BASIC_AUTH": "trader:"})
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert "set FLOWER_BASIC_AUTH=NAME:PASSWORD" in line
