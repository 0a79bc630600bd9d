"""Addresses of Redis: what works is read the same by all, what does not is one line."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis.connection import parse_url

from slotwise.bus.connection import parameters
from slotwise.errors import InputError
from slotwise.redis_address import RedisAddress, parse_redis_address, shown
from slotwise.settings import read_settings
from tasks.celery_setup.transport import celery_url

WORD = "a-word-to-be-masked"
SOME = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
HOSTS = st.one_of(
    st.from_regex(r"\A[a-z][a-z0-9_.-]{0,20}\Z"), st.sampled_from(["127.0.0.1", "::1", "fe80::1:2"])
)
PORTS = st.integers(1, 65535)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis://h", {"hosts": (("h", 6379),)}),
        ("REDIS://h/", {"hosts": (("h", 6379),)}),
        ("valkey://h:1/3", {"hosts": (("h", 1),), "database": 3}),
        ("redis://h?db=3", {"hosts": (("h", 6379),), "database": 3}),
        ("redis://h/3?db=3", {"hosts": (("h", 6379),), "database": 3}),
        ("redis://[::1]:7/0", {"hosts": (("::1", 7),)}),
        (
            "redis://a:b%40%2F@h",
            {"hosts": (("h", 6379),), "username": "a", "password": "b@/"},
        ),
        (
            "redis://h?username=a&password=b%40",
            {"hosts": (("h", 6379),), "username": "a", "password": "b@"},
        ),
        (
            "redis://h?socket_timeout=1&protocol=3&socket_keepalive=yes",
            {
                "hosts": (("h", 6379),),
                "options": {"socket_timeout": 1.0, "protocol": 3, "socket_keepalive": True},
            },
        ),
        (
            "valkeys://h?ssl_ca_certs=/a/b&ssl_cert_reqs=CERT_NONE",
            {
                "hosts": (("h", 6379),),
                "tls": True,
                "options": {"ssl_ca_certs": "/a/b", "ssl_cert_reqs": "none"},
            },
        ),
        ("unix:///run/a%20b.sock?db=2", {"socket": "/run/a b.sock", "database": 2}),
        ("unix://:w@/run/a@b.sock", {"socket": "/run/a@b.sock", "password": "w"}),
        ("redis+socket:///run/r.sock?virtual_host=2", {"socket": "/run/r.sock", "database": 2}),
        (
            "sentinel://:w@a,b:3/main/2?sentinel_password=x",
            {
                "hosts": (("a", 26379), ("b", 3)),
                "service": "main",
                "database": 2,
                "password": "w",
                "sentinel_options": {"password": "x"},
            },
        ),
        (
            "sentinel://a:1;sentinel://b:2/4?master_name=main",
            {"hosts": (("a", 1), ("b", 2)), "service": "main", "database": 4},
        ),
        ("redis+sentinel://a/main", {"hosts": (("a", 26379),), "service": "main"}),
        ("rediss+sentinel://a/main", {"hosts": (("a", 26379),), "service": "main", "tls": True}),
    ],
)
def test_an_address_is_read(text: str, expected: dict[str, Any]) -> None:
    assert parse_redis_address(text) == RedisAddress(**expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("  ", "is empty"),
        ("localhost:6379", "no scheme"),
        (f"u:{WORD}@localhost:6379", "no scheme"),
        ("redis:/h", "no scheme"),
        ("http://h:80/0", "unknown scheme http://"),
        ("redis://", "names no host"),
        ("redis:///0", "names no host"),
        ("redis://:6379/0", "names no host"),
        ("redis://h:0", "port"),
        ("redis://h:65536", "port"),
        (f"redis://user:{WORD}", "port"),
        (f"redis://:{WORD}", "names no host"),
        ("redis://h/main", "database 'main'"),
        ("redis://h/-1", "database '-1'"),
        ("redis://h/0/1", "database '0/1'"),
        ("redis://h?db=main", "database 'main'"),
        ("redis://h/1?db=2", "two databases"),
        (f"redis://:{WORD}@x@h/0", "two @"),
        (f"redis://:{WORD}/x@h/0", "percent-encoded"),
        (f"redis://:{WORD}?x@h/0", "percent-encoded"),
        (f"redis://:{WORD}#x@h/0", "contains #"),
        (f"redis://:{WORD}%x@h/0", "write %25"),
        (f"redis://:{WORD} x@h/0", "contains a space"),
        (f"redis://:{WORD}[x@h/0", "percent-encoded"),
        (f"redis://{WORD}@h/0", "user name without a password"),
        ("redis://@h/0", "without user name and password"),
        (f"redis://u:{WORD}@h?password={WORD}", "twice"),
        ("redis://a:1,b:2/0", "several servers"),
        ("redis://a:1;b:2/0", "several servers"),
        ("redis://a:1,redis://b:2/0", "several servers"),
        ("redis://a:1;redis://b:2/0", "several servers"),
        ("redis://a:1 redis://b:2", "several servers"),
        ("redis-cluster://h", "Redis Cluster"),
        (f"redis+cluster://:{WORD}@h", "Redis Cluster"),
        ("redis://h?socket_timout=1", "did you mean socket_timeout?"),
        ("redis://h?socket_timeout=0", "from 1 to 60"),
        ("redis://h?socket_timeout=nan", "from 1 to 60"),
        ("redis://h?socket_timeout=1&socket_timeout=2", "twice"),
        ("redis://h?protocol=4", "from 2 to 3"),
        ("redis://h?protocol", "from 2 to 3"),
        ("redis://h?max_connections=1", "from 10"),
        ("redis://h?socket_keepalive=perhaps", "neither true nor false"),
        ("redis://h?decode_responses=true", "unknown option"),
        ("redis://h?ssl_ca_certs=/a", "write rediss://"),
        ("rediss://h?ssl_cert_reqs=perhaps", "required, optional"),
        ("unix://run/redis.sock", "three slashes"),
        ("unix:///", "names no socket"),
        ("unix:///a%zz", "write %25"),
        ("sentinel://a:1,b:2", "names no service"),
        ("sentinel://a:1,b:2/0", "names no service"),
        ("sentinel://a:1,,b:2/main", "names no host"),
    ],
)
def test_an_address_that_does_not_work_is_one_line_without_a_password(
    text: str, words: str
) -> None:
    with pytest.raises(InputError) as refused:
        parse_redis_address(text)
    line = str(refused.value)
    assert line.startswith("REDIS_URL ")
    assert words in line
    assert WORD not in line
    assert "\n" not in line


@given(HOSTS, PORTS, st.integers(0, 10**6), SOME, SOME, st.booleans())
def test_what_is_written_is_read_back_and_redis_py_reads_the_same(
    host: str, port: int, database: int, user: str, password: str, tls: bool
) -> None:
    """Redis-py is the independent reader."""
    address = RedisAddress(
        hosts=((host, port),), database=database, username=user, password=password, tls=tls
    )
    assert parse_redis_address(address.url) == address
    theirs, ours = parse_url(address.url), parameters(address)  # type: ignore[no-untyped-call]  # redis-py types none of it
    same = ("host", "port", "db", "username", "password")
    assert {name: theirs.get(name) for name in same} == {name: ours[name] for name in same}


@given(st.text("/abc %@?#é", min_size=1).map(lambda text: f"/{text}"), st.integers(0, 99), SOME)
def test_a_socket_is_read_back(path: str, database: int, password: str) -> None:
    address = RedisAddress(socket=path, database=database, password=password)
    assert parse_redis_address(address.url) == address


@given(st.lists(st.tuples(HOSTS, PORTS), min_size=1, max_size=3), SOME, st.integers(0, 99))
def test_sentinels_are_read_back(hosts: list[tuple[str, int]], service: str, database: int) -> None:
    if service.isdecimal():
        service = f"x{service}"
    address = RedisAddress(hosts=tuple(hosts), service=service, database=database)
    assert parse_redis_address(address.url) == address


@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                [*":/@?#%&=[];, \n", "//", "redis", "://", "sentinel", "unix", "db", "0", "h", "é",
                 "ssl_ca_certs", "%40", "redis://", "?db=", "password="]
            ),
            max_size=12,
        ).map("".join),
    )
)  # fmt: skip
def test_any_text_is_an_address_or_one_line(text: str) -> None:
    """Nothing else is raised, and what is an address makes parameters of a connection."""
    refused = ""
    try:
        address = parse_redis_address(text)
    except InputError as error:
        refused = str(error)
    else:
        assert parameters(address)["connection_class"]
        assert celery_url(address).startswith(("redis://", "rediss://"))
    assert len(refused.splitlines()) <= 1


@given(SOME.filter(lambda word: len(set(word)) > 3), st.sampled_from(["", "user"]), st.booleans())
def test_no_message_shows_a_password_however_it_is_written(
    password: str, user: str, quoted: bool
) -> None:
    written = quote(password, safe="") if quoted else password
    text = f"redis://{user}:{written}@host:6379/main"
    assert written not in shown(text).replace("host:6379/main", "").replace("redis://user", "")
    with contextlib.suppress(InputError):
        parse_redis_address(text)
        raise AssertionError(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"redis://u:{WORD}@h/1", "redis://h:6379/1"),
        (f"rediss://:{WORD}@[::1]:7/1", "rediss://%3A%3A1:7/1"),
        (f"unix://:{WORD}@/run/r.sock?db=2", "redis://%2Frun%2Fr.sock/2"),
        (f"sentinel://:{WORD}@a,b/main/3", "redis://main/3"),
    ],
)
def test_celery_is_given_no_password(text: str, expected: str) -> None:
    """It shows its addresses to those who may look at Flower; its connections are made by us."""
    assert celery_url(parse_redis_address(text)) == expected


def test_a_certificate_that_is_not_there_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ca.crt"
    monkeypatch.delenv("SLOTWISE_REDIS_URL", raising=False)
    monkeypatch.setenv("REDIS_URL", f"rediss://:{WORD}@h?ssl_ca_certs={file}")
    with pytest.raises(InputError, match=f"ssl_ca_certs={file}: No such file") as refused:
        read_settings()
    assert WORD not in str(refused.value)
    file.touch()
    assert read_settings().redis_address.options == {"ssl_ca_certs": str(file)}
